import { useQuery } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { useEffect } from 'react';
import { sessionQuery } from '../data/queries.ts';
import { WelcomePage } from '../pages/sign-in/page.tsx';
import { useSessionEnd } from './session-end.ts';

/** Pages for people who are signed in; anybody else signs in here and comes back to this address. */
export const SignedIn = () => {
  const { data: session } = useQuery(sessionQuery());
  const watch = useSessionEnd();
  useEffect(() => watch(), [watch]);
  return session?.user ? <Outlet /> : <WelcomePage />;
};
