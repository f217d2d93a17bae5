/** Every role and what it does, in the words of the list that an unknown role is answered with. */
export const roleNames = {
  up: 'everything on this machine (npm start)',
  cluster: 'the bot: a supervisor and its clusters of gateway shards',
  shards: 'one cluster of gateway shards (started by the supervisor)',
  interactions: 'takes interactions that Discord posts (INTERACTIONS=http)',
  worker: 'makes Discord look like the tickets; timers',
  analytics: 'carries events into ClickHouse',
  api: 'dashboard API and web app',
  simulator: 'a local Discord: --port N --guilds N [--data FOLDER]',
  migrate: 'brings both databases to this version',
  register: 'registers the slash commands with Discord',
  doctor: 'checks the installation and says how to mend it',
  key: 'API keys of a server: create, list, revoke',
  entitle: 'grants a server premium: --guild ID --until DATE',
  rebuild: 'writes ClickHouse anew from Postgres',
  verify: 'compares ClickHouse with Postgres',
} as const;

type RoleName = keyof typeof roleNames;
type Role = { run(args: readonly string[]): Promise<void> };

// Loaded when chosen: a shard has no use for the API's modules, nor the simulator for anybody's.
const load: Record<RoleName, () => Promise<Role>> = {
  up: () => import('./up.ts'),
  cluster: () => import('./cluster.ts'),
  shards: () => import('./shards.ts'),
  interactions: () => import('./interactions.ts'),
  worker: () => import('./worker.ts'),
  analytics: () => import('./analytics.ts'),
  api: () => import('./api.ts'),
  simulator: () => import('./simulator.ts'),
  migrate: () => import('./migrate.ts'),
  register: () => import('./register.ts'),
  doctor: () => import('./doctor.ts'),
  key: () => import('./key.ts'),
  entitle: () => import('./entitle.ts'),
  rebuild: () => import('./rebuild.ts'),
  verify: () => import('./verify.ts'),
};

/** Runs a role; long-running ones resolve when they serve and end by a signal. */
export async function runRole(name: RoleName, args: readonly string[]): Promise<void> {
  const role = await load[name]();
  await role.run(args);
}
