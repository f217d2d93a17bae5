import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useLanguage } from '../../app/language.ts';
import { guildsQuery } from '../../data/queries.ts';
import { Crest } from '../../parts/face.tsx';
import { Bone, Failure, Loading, Nothing } from '../../parts/states.tsx';
import { AccountMenu } from '../../shell/account-menu.tsx';
import { Page } from '../../shell/page.tsx';
import { SkipLink } from '../../shell/shell.tsx';

/** The servers in which this person has a say. */
export const ServersPage = () => {
  const { t } = useLanguage();
  return (
    <div className="page-alone">
      <SkipLink />
      <Page title={t('guild.choose')} lead={t('guild.chooseLead')} tools={<AccountMenu isCompact />}>
        <Servers />
      </Page>
    </div>
  );
};

const Servers = () => {
  const { t, f } = useLanguage();
  const { data: guilds, error, refetch } = useQuery(guildsQuery());
  if (!guilds && error)
    return <Failure error={error} title={t('guild.failed')} height={240} onRetry={() => void refetch()} />;
  if (!guilds) {
    return (
      <div className="servers">
        <Bone width="100%" height={56} />
        <Bone width="100%" height={56} />
        <Loading />
      </div>
    );
  }
  if (guilds.length === 0) {
    return (
      <Nothing title={t('guild.none')} height={240}>
        {t('guild.noneText')}
      </Nothing>
    );
  }
  return (
    <ul className="servers">
      {guilds.map((guild) => (
        <li key={guild.id}>
          <Link className="switch" to="/dashboard/$guild" params={{ guild: guild.id }}>
            <Crest name={guild.name} iconUrl={guild.iconUrl} />
            <span className="what">
              <b>{guild.name}</b>
              <small>
                {t('guild.members', { count: guild.memberCount, shown: f.count(guild.memberCount) })} ·{' '}
                {t(`level.${guild.level}`)}
              </small>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
};
