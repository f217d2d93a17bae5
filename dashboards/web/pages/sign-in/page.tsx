import { useQuery } from '@tanstack/react-query';
import { Navigate, useLocation } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useLanguage } from '../../app/language.ts';
import { sessionQuery } from '../../data/queries.ts';
import type { Session } from '../../data/types.ts';
import { Bone, Failure, Loading } from '../../parts/states.tsx';

/** Signing in; on a machine with a local Discord it says whom to choose there. */
export const WelcomePage = () => {
  const { t } = useLanguage();
  const location = useLocation();
  const { data: session, error, refetch } = useQuery(sessionQuery());
  useEffect(() => {
    document.title = `${t('signIn.title')} · Docket`;
  }, [t]);
  if (session?.user && location.pathname === '/') return <Navigate to="/dashboard" replace />;
  return (
    <div className="welcome">
      <main id="main">
        <div className="brand">
          <img src="/icon.svg" alt="" width="28" height="28" />
          Docket
        </div>
        <section className="card">
          <h1>{t('signIn.title')}</h1>
          {session && <Ways session={session} next={location.pathname === '/' ? '/dashboard' : location.href} />}
          {!session && error && <Failure error={error} title={t('signIn.failed')} onRetry={() => void refetch()} />}
          {!session && !error && (
            <>
              <Bone width="100%" height={20} />
              <Bone width="100%" height={40} />
              <Loading />
            </>
          )}
        </section>
      </main>
    </div>
  );
};

const MAX_PEOPLE = 6;

const Ways = ({ session, next }: { session: Session; next: string }) => {
  const { t } = useLanguage();
  if (session.signIn === 'off') {
    return (
      <>
        <p>{t('signIn.off')}</p>
        <p className="muted">{t('signIn.offHow')}</p>
      </>
    );
  }
  // A local Discord is full of members; what there is to see here is seen by those who run a server.
  const people = (session.people ?? []).filter((person) => person.role !== 'member').slice(0, MAX_PEOPLE);
  return (
    <>
      <p className="muted">{t('signIn.lead')}</p>
      <a className="btn pri" href={`/api/sign-in?next=${encodeURIComponent(next)}`}>
        {t('signIn.button')}
      </a>
      {people.length > 0 && (
        <>
          <h2>{t('signIn.whom')}</h2>
          <dl className="facts">
            {people.map((person) => (
              <div key={person.id} style={{ display: 'contents' }}>
                <dt>{person.name}</dt>
                <dd>{t('signIn.person', { role: person.role, server: person.guildName })}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </>
  );
};
