import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router';
import { ServersPage } from '../pages/servers/page.tsx';
import { WelcomePage } from '../pages/sign-in/page.tsx';
import { GuildFrame, GuildHome } from './guild-frame.tsx';
import { NotFound, Unexpected } from './not-found.tsx';
import { SignedIn } from './signed-in.tsx';
import { parseDays, type WindowDays } from './window.ts';

type DaysSearch = { days?: WindowDays };
type UserSearch = DaysSearch & { as?: 'staff' | 'member' };
type ListSearch = { status?: 'closed' };

// The usual choice needs no word in the address.
const daysSearch = (search: Record<string, unknown>): DaysSearch => {
  const days = parseDays(search.days);
  return days === 30 ? {} : { days };
};

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound, errorComponent: Unexpected });
const index = createRoute({ getParentRoute: () => root, path: '/', component: WelcomePage });
const dashboard = createRoute({ getParentRoute: () => root, path: 'dashboard', component: SignedIn });
const servers = createRoute({ getParentRoute: () => dashboard, path: '/', component: ServersPage });
const guild = createRoute({ getParentRoute: () => dashboard, path: '$guild', component: GuildFrame });
const guildHome = createRoute({ getParentRoute: () => guild, path: '/', component: GuildHome });
const analytics = createRoute({
  getParentRoute: () => guild,
  path: 'analytics',
  validateSearch: daysSearch,
  component: lazyRouteComponent(() => import('../pages/analytics/page.tsx'), 'AnalyticsPage'),
});
const users = createRoute({
  getParentRoute: () => guild,
  path: 'users',
  component: lazyRouteComponent(() => import('../pages/users/look-up-page.tsx'), 'LookUpPage'),
});
const user = createRoute({
  getParentRoute: () => guild,
  path: 'users/$user',
  validateSearch: (search: Record<string, unknown>): UserSearch => ({
    ...daysSearch(search),
    ...((search.as === 'staff' || search.as === 'member') && { as: search.as }),
  }),
  component: lazyRouteComponent(() => import('../pages/users/page.tsx'), 'UserPage'),
});
const tickets = createRoute({
  getParentRoute: () => guild,
  path: 'tickets',
  validateSearch: (search: Record<string, unknown>): ListSearch =>
    search.status === 'closed' ? { status: 'closed' } : {},
  component: lazyRouteComponent(() => import('../pages/tickets/list-page.tsx'), 'TicketListPage'),
});
const ticket = createRoute({
  getParentRoute: () => guild,
  path: 'tickets/$ticket',
  component: lazyRouteComponent(() => import('../pages/tickets/page.tsx'), 'TicketPage'),
});
const routes = root.addChildren([
  index,
  dashboard.addChildren([servers, guild.addChildren([guildHome, analytics, users, user, tickets, ticket])]),
]);

export const createAppRouter = () =>
  createRouter({ routeTree: routes, defaultPreload: 'intent', scrollRestoration: true });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
