import { expect, test } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { createScene, person } from '../scene.ts';
import { settings } from '../settings/registry.ts';
import { readGuild } from '../store/guild.ts';
import { addStaff } from './add-staff.ts';
import { createPanel } from './create-panel.ts';
import { entitleGuild } from './entitle-guild.ts';
import { removeStaff } from './remove-staff.ts';
import { setSettings } from './set-settings.ts';

const { pool } = await testDatabase();

test('only what a server chose is stored, the rest follows the defaults', async () => {
  const { ctx, guildId, owner } = await createScene(pool);
  const changed = await setSettings(ctx, guildId, { by: owner, patch: { openTicketsPerUser: 2 } });
  expect(changed).toMatchObject({ overrides: { openTicketsPerUser: 2 }, settingsVersion: 2 });
  expect(changed.settings).toMatchObject({ openTicketsPerUser: 2, claimingMode: settings.claimingMode.default });
  const again = await setSettings(ctx, guildId, { by: owner, patch: { openTicketsPerUser: null } });
  expect(again.settings.openTicketsPerUser).toBeNull();
  expect(again).toMatchObject({ ...(await readGuild(pool, guildId)) });
});

test('a reset takes the choice away, so that the default is followed again, also a later one', async () => {
  const { ctx, guildId, owner } = await createScene(pool);
  const patch = { openTicketsPerUser: null, dmOnClose: false, feedback: true };
  await setSettings(ctx, guildId, { by: owner, patch });
  const input = { by: owner, patch: { feedback: false }, reset: ['openTicketsPerUser', 'usersCanClose'] };
  const changed = await setSettings(ctx, guildId, input);
  expect(changed.overrides).toEqual({ dmOnClose: false, feedback: false });
  expect(changed.settings.openTicketsPerUser).toBe(settings.openTicketsPerUser.default);
  const audit = sql`select data from audit where guild_id = ${guildId} and action = 'settings.changed' order by id`;
  expect(await pool.query(audit)).toEqual([
    { data: { before: {}, after: patch } },
    { data: { before: { openTicketsPerUser: null, feedback: true }, after: { feedback: false } } },
  ]);
});

test.each([
  [{ patch: {}, reset: ['nonsense'] }, 'nonsense'],
  [{ patch: { feedback: true }, reset: ['feedback'] }, 'feedback'],
])('a wrong reset is refused and changes nothing: %j', async (input, field) => {
  const { ctx, guildId, owner } = await createScene(pool);
  const before = await readGuild(pool, guildId);
  const refused = setSettings(ctx, guildId, { by: owner, ...input });
  await expect(refused).rejects.toMatchObject({ code: 'setting.invalid', context: { field } });
  expect(await readGuild(pool, guildId)).toEqual(before);
});

test('a wrong value names its setting and what it takes, and changes nothing', async () => {
  const { ctx, guildId, owner } = await createScene(pool);
  const before = await readGuild(pool, guildId);
  const patch = { dmOnClose: false, openTicketsPerUser: 0 };
  const refused = setSettings(ctx, guildId, { by: owner, patch });
  await expect(refused).rejects.toMatchObject({ code: 'setting.invalid', context: { field: 'openTicketsPerUser' } });
  expect(await readGuild(pool, guildId)).toEqual(before);
});

test('of two who change the same version one is told to look again', async () => {
  const { ctx, guildId, owner } = await createScene(pool);
  const results = await Promise.allSettled(
    [1, 2].map((openTicketsPerUser) =>
      setSettings(ctx, guildId, { by: owner, patch: { openTicketsPerUser }, ifVersion: 1 }),
    ),
  );
  const refused = results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  expect(refused).toMatchObject([{ code: 'setting.stale' }]);
});

test('changes at the same time do not undo each other', async () => {
  const { ctx, guildId, owner } = await createScene(pool);
  const patches = [{ dmOnClose: false }, { feedback: true }, { confirmClose: false }, { openCommand: false }];
  await Promise.all(patches.map((patch) => setSettings(ctx, guildId, { by: owner, patch })));
  expect((await readGuild(pool, guildId))?.overrides).toEqual(Object.assign({}, ...patches));
});

test('only admins configure, and every change is in the audit', async () => {
  const { ctx, guildId, owner, staff, panel } = await createScene(pool);
  const manager = { ...person('300000000000000001'), hasManageGuild: true };
  await expect(setSettings(ctx, guildId, { by: staff, patch: {} })).rejects.toThrow('permission.admin');
  await setSettings(ctx, guildId, { by: manager, patch: { trustManageGuild: false } });
  await expect(setSettings(ctx, guildId, { by: manager, patch: {} })).rejects.toThrow('permission.admin');
  await expect(panel({ by: staff })).rejects.toThrow('permission.admin');
  await panel({ by: owner });
  const audit = sql`select action, actor_id as "actorId" from audit where guild_id = ${guildId} order by id`;
  expect(await pool.query(audit)).toEqual([
    { action: 'staff.added', actorId: owner.id },
    { action: 'settings.changed', actorId: manager.id },
    { action: 'panel.created', actorId: owner.id },
  ]);
});

test('without premium a server keeps its choices and chooses no more of what premium opens', async () => {
  const { ctx, guildId, owner } = await createScene(pool, { premium: 'entitled' });
  const set = (patch: object) => setSettings(ctx, guildId, { by: owner, patch });
  const refused = { code: 'premium.required', context: { feature: 'autocloseTimers' } };
  await expect(set({ autocloseInactive: 86_400_000 })).rejects.toMatchObject(refused);
  await expect(set({ autocloseNoResponse: 86_400_000 })).rejects.toMatchObject(refused);
  await expect(set({ primaryColour: '#112233' })).rejects.toThrow('premium.required');
  await expect(set({ commandPrefix: '!' })).rejects.toThrow('premium.required');
  await set({ primaryColour: '#252B4C', autocloseInactive: null, autocloseOnLeave: true });
  await entitleGuild(ctx, guildId, { until: ctx.now() });
  await set({ primaryColour: '#112233' });
  await entitleGuild(ctx, guildId, { until: ctx.now() - 1 });
  await set({ primaryColour: '#112233', feedback: true });
  await expect(set({ primaryColour: '#112234' })).rejects.toThrow('premium.required');
  const { settings: kept } = await set({ autocloseOnLeave: false });
  expect(kept).toMatchObject({ primaryColour: '#112233', feedback: true, autocloseOnLeave: false });
  await expect(entitleGuild(ctx, '1', { until: null })).rejects.toThrow('guild.unknown');
});

test('staff are added once, change level, and are removed once', async () => {
  const { ctx, guildId, owner, staff } = await createScene(pool);
  const subject = { by: owner, subjectId: staff.id, subjectKind: 'user' as const };
  await expect(addStaff(ctx, guildId, { ...subject, level: 'support' })).rejects.toThrow('staff.present');
  expect(await addStaff(ctx, guildId, { ...subject, level: 'admin' })).toMatchObject([{ level: 'admin' }]);
  await expect(addStaff(ctx, guildId, { ...subject, teamId: 1, level: 'admin' })).rejects.toThrow('team.unknown');
  const another = person('300000000000000002');
  await addStaff(ctx, guildId, { by: staff, subjectId: another.id, subjectKind: 'user', level: 'support' });
  expect(await removeStaff(ctx, guildId, { by: owner, subjectId: another.id })).toHaveLength(1);
  await expect(removeStaff(ctx, guildId, { by: owner, subjectId: another.id })).rejects.toThrow('staff.absent');
});

test('a panel is made with its form, its team and the message that shows it, and a job sends it', async () => {
  const { ctx, guildId, owner, id } = await createScene(pool);
  const field = { style: 'short' as const, isRequired: true, placeholder: null, minLength: null, maxLength: 100 };
  const input = {
    by: owner,
    name: 'Billing',
    title: 'Bills',
    content: 'Ask here.',
    colour: 0xff0000,
    buttonLabel: 'Ask',
    buttonEmoji: '💶',
    channelId: id(),
    categoryId: null,
    form: { name: 'Bill', fields: [{ ...field, label: 'Number' }] },
    welcome: null,
    maxOpen: 3,
  };
  const { panel, panelMessage } = await createPanel(ctx, guildId, input);
  expect(panel).toMatchObject({ name: 'Billing', maxOpen: 3, form: { fields: [{ label: 'Number' }] } });
  expect(panel.teamIds).toHaveLength(1);
  expect(panelMessage).toMatchObject({ panelIds: [panel.id], channelId: input.channelId, messageId: null });
  const key = `panel:${panelMessage.id}`;
  expect(await pool.query(sql`select 1 from graphile_worker.jobs where key = ${key}`)).toHaveLength(1);

  const wrong = [
    { title: 'x'.repeat(256) },
    { buttonLabel: '' },
    { colour: 0x1000000 },
    { maxOpen: 0 },
    { form: { name: 'x', fields: [] } },
    { form: { name: 'x', fields: [{ ...field, label: 'x'.repeat(46) }] } },
  ];
  for (const part of wrong) {
    const [name] = Object.keys(part);
    await expect(createPanel(ctx, guildId, { ...input, ...part })).rejects.toMatchObject({
      code: 'input.invalid',
      context: { field: name === 'form' ? expect.stringMatching(/^fields/) : name },
    });
  }
});
