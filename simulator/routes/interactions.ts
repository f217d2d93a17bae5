import { DiscordError } from '../http/errors.ts';
import { type Call, nothing, ok, type Reply, type Route } from '../http/route.ts';
import { takeAnswer } from '../state/answers.ts';
import { deleteOf, editOf, followUp, originalOf } from '../state/interactions.ts';
import type { Interaction, Message } from '../state/types.ts';
import { applicationOf } from '../state/world.ts';
import { checkMessage, ephemeral, loading } from '../validate/message.ts';
import { idOf } from './access.ts';

const webhookBucket = { limit: 5, perMs: 2_000 };
const path = '/webhooks/:applicationId/:token';

/** Interaction callbacks, and what an interaction's token allows for fifteen minutes. */
export const interactionRoutes: Route[] = [
  { method: 'POST', path: '/interactions/:interactionId/:token/callback', auth: 'none', isExempt: true, run: callback },
  {
    method: 'POST',
    path,
    auth: 'none',
    isExempt: true,
    bucket: webhookBucket,
    run(call) {
      const interaction = byToken(call);
      checkMessage(call.body, [], { files: call.files.length, mayBeEmpty: false });
      return ok(followUp(call.world, interaction, call.body, call.files).body);
    },
  },
  {
    method: 'GET',
    path: `${path}/messages/:messageId`,
    auth: 'none',
    isExempt: true,
    bucket: webhookBucket,
    run: (call) => ok(messageByToken(call, byToken(call)).body),
  },
  {
    method: 'PATCH',
    path: `${path}/messages/:messageId`,
    auth: 'none',
    isExempt: true,
    bucket: webhookBucket,
    run(call) {
      const interaction = byToken(call);
      const message = messageByToken(call, interaction);
      checkMessage(call.body, [], { files: call.files.length, mayBeEmpty: true });
      return ok(editOf(call.world, interaction, message, call.body, call.files).body);
    },
  },
  {
    method: 'DELETE',
    path: `${path}/messages/:messageId`,
    auth: 'none',
    isExempt: true,
    bucket: webhookBucket,
    run(call) {
      const interaction = byToken(call);
      deleteOf(call.world, interaction, messageByToken(call, interaction));
      return nothing;
    },
  },
];

/** The interaction of a webhook token: 10015 before the first answer, 50027 after fifteen minutes. */
function byToken(call: Call): Interaction {
  const { world } = call;
  const interaction = world.interactionByToken(call.params.token ?? '');
  if (idOf(call, 'applicationId') !== applicationOf(world).id || !interaction) throw new DiscordError(10015);
  if (Date.now() - interaction.createdAt > world.limits.tokenLifeMs) throw new DiscordError(50027);
  if (interaction.state !== 'acknowledged') throw new DiscordError(10015);
  return interaction;
}

function messageByToken(call: Call, interaction: Interaction): Message {
  const id = call.params.messageId ?? '';
  const message =
    id === '@original'
      ? originalOf(call.world, interaction)
      : call.world.messagesOf(interaction.channelId).get(idOf(call, 'messageId'));
  const isOwn = message?.body.author.id === applicationOf(call.world).id;
  if (!message || !isOwn) throw new DiscordError(10008);
  return message;
}

function callback(call: Call): Reply {
  const { world, body, files } = call;
  const interaction = world.interactions.get(idOf(call, 'interactionId'));
  if (!interaction || interaction.token !== call.params.token) throw new DiscordError(10062);
  const type = takeAnswer(world, interaction, body, files);
  if (call.query.get('with_response') !== 'true') return nothing;
  const message = type === 8 || type === 9 ? null : originalOf(world, interaction);
  const flags = message?.body.flags ?? 0;
  return ok({
    interaction: {
      id: interaction.id,
      type: interaction.type,
      ...(message
        ? {
            response_message_id: message.body.id,
            response_message_loading: (flags & loading) !== 0,
            response_message_ephemeral: (flags & ephemeral) !== 0,
          }
        : {}),
    },
    ...(message && type !== 5 && type !== 6 ? { resource: { type, message: message.body } } : {}),
    ...(message && type === 5 ? { resource: { type: 4, message: message.body } } : {}),
  });
}
