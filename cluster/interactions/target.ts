// What a context menu was opened on.
import { type APIInteraction, type APIMessage, ApplicationCommandType, InteractionType } from 'discord-api-types/v10';
import { managesGuild } from './permissions-of.ts';

/** A message, or a person with what they are in this server; `member` null: they are not in it. */
export type Target =
  | { readonly kind: 'message'; readonly message: APIMessage }
  | {
      readonly kind: 'user';
      readonly id: string;
      readonly isBot: boolean;
      readonly member: { readonly roleIds: readonly string[]; readonly hasManageGuild: boolean } | null;
    };

/** A handler's name from what Discord shows: `Start Ticket` is `start-ticket`. */
export const menuKey = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z]+/g, '-')
    .replace(/^-|-$/g, '');

/** What was clicked; null for any other interaction. */
export function targetIn(interaction: APIInteraction): Target | null {
  if (interaction.type !== InteractionType.ApplicationCommand) return null;
  const { data } = interaction;
  if (data.type === ApplicationCommandType.Message) {
    const message = data.resolved.messages[data.target_id];
    return message ? { kind: 'message', message } : null;
  }
  if (data.type !== ApplicationCommandType.User) return null;
  const [person, member] = [data.resolved.users[data.target_id], data.resolved.members?.[data.target_id]];
  if (!person) return null;
  const found = member ? { roleIds: member.roles, hasManageGuild: managesGuild(member.permissions) } : null;
  return { kind: 'user', id: person.id, isBot: person.bot === true, member: found };
}
