import { escapeMarkdown, truncate } from '#discord/markdown.ts';
import { translate } from '#locales/index.ts';
import { editTicket } from '#tickets/actions/edit.ts';
import { createLabel, defaultLabelColour, maxLabelLength, removeLabel } from '#tickets/actions/set-label.ts';
import { AppError } from '#tickets/errors.ts';
import { type Label, listLabels, readLabelNames } from '#tickets/store/label.ts';
import type { Ticket } from '#tickets/ticket.ts';
import { buttons } from '../components.ts';
import { type Call, defineButton, defineCommand, type Suggestion } from '../define.ts';
import { text } from '../options.ts';
import { pageButtons, pageNo, pageOf } from '../pages.ts';

type Typing = Call & { ticket: Ticket | null; typed: string };

async function labelsLike({ deps, guildId, typed }: Typing): Promise<Label[]> {
  const wanted = typed.trim().toLowerCase();
  const labels = await listLabels(deps.ctx.db, guildId); // 100 at most (set-label.ts)
  return labels.filter(({ name }) => name.toLowerCase().includes(wanted));
}
const suggestion = ({ id, name }: { id: number; name: string }): Suggestion => ({ name, value: String(id) });

/** What was chosen is an id; whoever did not wait for suggestions typed a name. */
async function labelIdOf({ deps, guildId }: Call, given: string, among?: ReadonlyMap<number, string>): Promise<number> {
  const wanted = given.trim().toLowerCase();
  const all = among ? [...among].map(([id, name]) => ({ id, name })) : await listLabels(deps.ctx.db, guildId);
  const found = all.find(({ name }) => name.toLowerCase() === wanted) ?? all.find(({ id }) => String(id) === wanted);
  if (!found) throw new AppError('label.unknown');
  return found.id;
}

async function editLabels(call: Call & { ticket: Ticket }, change: { add: number } | { remove: number }) {
  const { deps, guildId, ticket, actor, at, locale, reply } = call;
  const patch = { labelIds: change };
  const { labelIds } = await editTicket(deps.ctx, guildId, { ticketId: ticket.id, by: actor, patch, at });
  const names = await readLabelNames(deps.ctx.db, guildId, labelIds);
  const labels = labelIds.map((id) => escapeMarkdown(names.get(id) ?? String(id))).join(', ');
  await reply.text('commands.label.add.done', { labels: labels || translate(locale, 'settings.none') });
}

/** Puts a label on the ticket. */
export const labelAdd = defineCommand({
  name: 'label add',
  level: 'support',
  inTicket: true,
  defer: 'ephemeral',
  options: { name: text({ max: maxLabelLength }) },
  suggests: {
    name: async (call) => {
      const found = await labelsLike(call);
      return found.filter(({ id }) => !call.ticket?.labelIds.includes(id)).map(suggestion);
    },
  },
  run: async (call) => editLabels(call, { add: await labelIdOf(call, call.options.name) }),
});

/** Takes a label off the ticket; a deleted one too. */
export const labelRemove = defineCommand({
  name: 'label remove',
  level: 'support',
  inTicket: true,
  defer: 'ephemeral',
  options: { name: text({ max: maxLabelLength }) },
  suggests: {
    name: async ({ deps, guildId, ticket, typed }) => {
      const names = await readLabelNames(deps.ctx.db, guildId, ticket?.labelIds ?? []);
      const wanted = typed.trim().toLowerCase();
      return [...names]
        .map(([id, name]) => ({ id, name }))
        .filter(({ name }) => name.toLowerCase().includes(wanted))
        .map(suggestion);
    },
  },
  async run(call) {
    const own = await readLabelNames(call.deps.ctx.db, call.guildId, call.ticket.labelIds);
    await editLabels(call, { remove: await labelIdOf(call, call.options.name, own) });
  },
});

/** Makes a label. */
export const labelCreate = defineCommand({
  name: 'label create',
  level: 'admin',
  defer: 'ephemeral',
  options: { name: text({ max: maxLabelLength }), colour: text({ max: 7, optional: true }) },
  async run({ deps, guildId, actor, options, reply }) {
    const hex = options.colour === null ? null : /^#?([\da-f]{6})$/i.exec(options.colour)?.[1];
    if (hex === undefined) throw new AppError('input.invalid', { field: 'colour', fix: 'a colour such as #252B4C' });
    const colour = hex === null ? defaultLabelColour : Number.parseInt(hex, 16);
    const { name } = await createLabel(deps.ctx, guildId, { by: actor, name: options.name, colour });
    await reply.text('commands.label.create.done', { name: escapeMarkdown(name) });
  },
});

/** Deletes a label. */
export const labelDelete = defineCommand({
  name: 'label delete',
  level: 'admin',
  defer: 'ephemeral',
  options: { name: text({ max: maxLabelLength }) },
  suggests: { name: async (call) => (await labelsLike(call)).map(suggestion) },
  async run(call) {
    const { deps, guildId, actor, options, reply } = call;
    const labelId = await labelIdOf(call, options.name);
    const { name } = await removeLabel(deps.ctx, guildId, { by: actor, labelId });
    await reply.text('commands.label.delete.done', { name: escapeMarkdown(name) });
  },
});

async function showLabels({ deps, guildId, locale, reply }: Call, page = 0): Promise<void> {
  // By name, so the first page is the beginning.
  const labels = pageOf((await listLabels(deps.ctx.db, guildId)).toReversed(), page);
  const names = labels.rows.toReversed().map(({ name }) => escapeMarkdown(name));
  const description = truncate(names.join(' · ') || translate(locale, 'settings.none'), 4_096);
  const turn = pageButtons(locale, labels, (to) => labelPageButton.customId({ page: to }), {
    older: 'buttons.next.label',
    newer: 'buttons.previous.label',
  });
  await reply.show({
    embeds: [{ title: translate(locale, 'commands.label.list.title'), description }],
    components: buttons(...turn),
  });
}

/** Another part of the list. */
export const labelPageButton = defineButton({
  name: 'label-page',
  args: { page: pageNo() },
  level: 'support',
  defer: 'update',
  run: (call) => showLabels(call, call.args.page),
});

/** Shows the server's labels. */
export const labelList = defineCommand({
  name: 'label list',
  level: 'support',
  defer: 'ephemeral',
  run: (call) => showLabels(call),
});
