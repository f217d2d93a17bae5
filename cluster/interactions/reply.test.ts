import { DiscordAPIError } from '@discordjs/rest';
import { expect, test } from 'vitest';
import { createReply } from './reply.ts';

const refusal = (code: number) =>
  new DiscordAPIError({ code, message: 'no' }, code, 404, 'PATCH', 'https://discord', {});

/** A reply at a Discord that refuses the first requests with these codes. */
function replyAfter(...codes: number[]) {
  const sent: string[] = [];
  const take = async (route: string): Promise<unknown> => {
    sent.push(route);
    const code = codes.shift();
    if (code !== undefined) throw refusal(code);
    return {};
  };
  const rest = { patch: take, post: take } as never;
  return { sent, reply: createReply({ rest, applicationId: '9', token: 't', locale: 'en', defer: 'update' }) };
}

test('a token that Discord does not know yet is tried again: its answer by HTTP is still on the way', async () => {
  const { sent, reply } = replyAfter(10_015, 10_015);
  await reply.show({ content: 'done' });
  expect(sent).toHaveLength(3);

  const followed = replyAfter(10_015);
  await followed.reply.refuse('no');
  expect(followed.sent).toEqual(['/webhooks/9/t', '/webhooks/9/t']);
});

test.each([50_027, 10_008, 10_003])('a refusal with %i is final', async (code) => {
  const { sent, reply } = replyAfter(code);
  await expect(reply.show({ content: 'done' })).rejects.toMatchObject({ code });
  expect(sent).toHaveLength(1);
});
