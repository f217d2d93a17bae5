import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Navigate, Outlet } from '@tanstack/react-router';
import { guildQuery } from '../data/queries.ts';
import { ApiError } from '../data/request.ts';
import { Bone, Failure, Loading } from '../parts/states.tsx';
import { Shell } from '../shell/shell.tsx';
import { StreamProvider } from '../shell/stream-context.tsx';
import { useLanguage } from './language.ts';
import { GuildNotFound } from './not-found.tsx';

const route = getRouteApi('/dashboard/$guild');

/** Everything about one server: the shell, and its stream for as long as one of its pages is open. */
export const GuildFrame = () => {
  const { t } = useLanguage();
  const { guild: guildId } = route.useParams();
  const { data: guild, error, refetch } = useQuery(guildQuery(guildId));
  if (guild) {
    return (
      <StreamProvider key={guildId} guildId={guildId}>
        <Shell guild={guild}>
          <Outlet />
        </Shell>
      </StreamProvider>
    );
  }
  if (error instanceof ApiError && (error.status === 404 || error.status === 400)) return <GuildNotFound />;
  return (
    <main id="main" className="page-alone">
      {error ? (
        <Failure error={error} title={t('guild.failed')} height={400} onRetry={() => void refetch()} />
      ) : (
        <>
          <Bone width={160} height={24} />
          <Bone width="100%" height={96} />
          <Bone width="100%" height={280} />
          <Loading />
        </>
      )}
    </main>
  );
};

/** A server's first page for this person. */
export const GuildHome = () => {
  const { guild: guildId } = route.useParams();
  const { data: guild } = useQuery(guildQuery(guildId));
  const to = guild?.level === 'admin' ? '/dashboard/$guild/analytics' : '/dashboard/$guild/tickets';
  return guild && <Navigate to={to} params={{ guild: guildId }} replace />;
};
