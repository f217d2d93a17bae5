import { eventColumns, eventNames, ticketColumns } from '#tickets/events.ts';
import { table } from './table.ts';

const columns = (of: Readonly<Record<string, { type: string; doc: string }>>): string =>
  table(
    ['column', 'type', 'what it holds'],
    Object.entries(of).map(([name, { type, doc }]) => [`\`${name}\``, `\`${type}\``, doc]),
  );

/** docs/events.md: what is recorded, from the event registry. */
export function eventsPage(): string {
  const names = table(
    ['event', 'what happened'],
    Object.entries(eventNames).map(([name, doc]) => [`\`${name}\``, doc]),
  );
  return `# Events

One event per message and per change of a ticket. The same key may arrive again with a higher \`version\`, which replaces what came before; \`deleted = 1\` takes it back.

${names}

## Columns of \`event\`

Key: \`guild_id, ticket_id, name, id\`.

${columns(eventColumns)}

## Columns of \`ticket\`

A snapshot of each ticket, written when one of its columns changes (\`replies\` alone does not count). Key: \`guild_id, ticket_id\`.

${columns(ticketColumns)}
`;
}
