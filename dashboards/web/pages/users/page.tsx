import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { UserFigures } from '#analytics/query/types.ts';
import { useLanguage } from '../../app/language.ts';
import { parseDays } from '../../app/window.ts';
import { userQuery } from '../../data/queries.ts';
import { ApiError } from '../../data/request.ts';
import { WindowFilter } from '../../parts/window-filter.tsx';
import { Card } from '../../parts/card.tsx';
import { FaceMark } from '../../parts/face.tsx';
import { Segment } from '../../parts/segment.tsx';
import { Bone, ChartBones, Failure } from '../../parts/states.tsx';
import { Live } from '../../shell/live.tsx';
import { LookUp } from '../../shell/look-up.tsx';
import { Page } from '../../shell/page.tsx';
import { CopyId } from './copy-id.tsx';
import { MemberView } from './member-view.tsx';
import { StaffView } from './staff-view.tsx';

const route = getRouteApi('/dashboard/$guild/users/$user');

/** One person's figures, as staff and as a member, with a switch for who is both. */
export const UserPage = () => {
  const { t } = useLanguage();
  const { guild, user: userId } = route.useParams();
  const search = route.useSearch();
  const query = useQuery(userQuery(guild, userId, parseDays(search.days)));
  const { data, error } = query;
  const isUnknown = error instanceof ApiError && (error.status === 404 || error.status === 400);
  const lookUp = <LookUp key={userId} guildId={guild} />;
  if (!data || isUnknown) {
    return (
      <Page
        title={isUnknown ? t('lookUp.nobody') : t('nav.people')}
        lead={<span className="id">{userId}</span>}
        tools={!isUnknown && lookUp}
      >
        {isUnknown && <Unknown guildId={guild} userId={userId} />}
        {error && !isUnknown && (
          <Card span={12} title={t('user.figures')}>
            <Failure error={error} title={t('user.failed')} height={226} onRetry={() => void query.refetch()} />
          </Card>
        )}
        {!error && <UserBones />}
      </Page>
    );
  }
  return <Known guildId={guild} figures={data} chosen={search.as} updatedAt={query.dataUpdatedAt} lookUp={lookUp} />;
};

const Unknown = ({ guildId, userId }: { guildId: string; userId: string }) => {
  const { t } = useLanguage();
  return (
    <Card span={12} title={t('lookUp.title')}>
      <LookUp guildId={guildId} initial={userId} problem={t('lookUp.unknown')} isWide />
    </Card>
  );
};

const UserBones = () => (
  <div className="grid">
    <div className="card c12">
      <Bone width="100%" height={64} />
    </div>
    <div className="card c12">
      <ChartBones height={226} />
    </div>
  </div>
);

const Known = (props: {
  guildId: string;
  figures: UserFigures;
  chosen: 'staff' | 'member' | undefined;
  updatedAt: number;
  lookUp: React.ReactNode;
}) => {
  const { t } = useLanguage();
  const navigate = route.useNavigate();
  const { user, staff, member, days } = props.figures;
  const isBoth = staff !== null && member !== null;
  const view = isBoth ? (props.chosen ?? props.figures.view) : staff ? 'staff' : 'member';
  const name = user.name ?? t('user.nameless');
  return (
    <Page
      title={name}
      before={<FaceMark name={name} avatarUrl={user.avatarUrl} size="l" />}
      lead={
        <>
          <CopyId id={user.id} /> · {t(staff ? 'user.isStaff' : 'user.isMember')}
        </>
      }
      tools={props.lookUp}
    >
      <div className="bar">
        {isBoth && (
          <Segment
            label={t('user.view')}
            options={[
              { value: 'staff' as const, name: t('user.asStaff') },
              { value: 'member' as const, name: t('user.asMember') },
            ]}
            value={view}
            onChange={(as) => void navigate({ search: (old) => ({ ...old, as }), replace: true, resetScroll: false })}
          />
        )}
        <WindowFilter days={days} />
        <Live updatedAt={props.updatedAt} spoken="" />
      </div>
      {view === 'staff' && staff && <StaffView figures={staff} />}
      {view === 'member' && member && <MemberView figures={member} />}
    </Page>
  );
};
