import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { command } from '#demo/act.ts';
import { covers } from '../harness/covers.ts';
import { closeTicket, type Desk, openDesk, openTicket, until } from '../harness/desk.ts';
import { hasS3, type S3Server, startS3 } from '../harness/s3.ts';
import { type Stack, startStack } from '../harness/stack.ts';

let store: S3Server | undefined;
let stack: Stack;
let desk: Desk;

beforeAll(async () => {
  // With a real S3-compatible server where there is one, else with the folder: what people see is the same.
  store = hasS3 ? await startS3() : undefined;
  stack = await startStack({ env: { ATTACHMENT_MAX_MB: '1', ...(store && { OBJECT_STORE_URL: store.url }) } });
  desk = await openDesk(stack.control);
}, 960_000);
afterAll(async () => {
  await stack?.stop();
  await store?.stop();
}, 60_000);

/** Signs somebody in by the local Discord's own page; answers what asks in their name. */
async function signIn(userId: string) {
  const jar = new Map<string, string>();
  const open = async (address: string): Promise<Response> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(new URL(address, stack.ready.web), { headers: { cookie }, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
      jar.set(name, value);
    }
    return answer;
  };
  const asked = await open('/api/sign-in');
  const chosen = await fetch(`${asked.headers.get('location')}&user_id=${userId}`, { redirect: 'manual' });
  await open(chosen.headers.get('location') ?? '');
  return open;
}

type File = { name: string; state: string; reason: string | null; url: string };
type Row = { id: number };

test('a file that a member sent is in the transcript after its channel was deleted, for those entitled', async () => {
  const [member, stranger] = [desk.members[0] ?? '', desk.members[1] ?? ''];
  const channelId = await openTicket(stack.control, desk, member);
  const picture = randomBytes(300_000);
  const large = Buffer.alloc(1_100_000);
  await stack.control.sendMessage({
    channelId,
    userId: member,
    content: 'This is what I see:',
    attachments: [
      { name: 'screen.png', contentBase64: picture.toString('base64'), contentType: 'image/png' },
      { name: 'video.mp4', contentBase64: large.toString('base64'), contentType: 'video/mp4' },
    ],
  });
  await closeTicket(stack.control, desk, channelId, desk.staff[0] ?? '', 'Seen');
  await until(
    () => stack.control.channels(desk.guild.id),
    (list) => list.every((one) => one.id !== channelId),
  );

  const asOwner = await signIn(desk.owner);
  const base = `/api/guilds/${desk.guild.id}/tickets`;
  const read = async <T>(address: string): Promise<T> => (await (await asOwner(address)).json()) as T;
  const [ticket] = (await read<{ tickets: Row[] }>(`${base}?status=closed`)).tickets;
  const listed = async (): Promise<File[]> => {
    const transcript = await read<{ messages: { attachments: File[] }[] }>(`${base}/${ticket?.id}/transcript`);
    return transcript.messages.flatMap((message) => message.attachments);
  };
  const files = await until(listed, (list) => list.length === 2 && list.every((file) => file.state !== 'wanted'));
  expect(files).toMatchObject([
    { name: 'screen.png', state: 'stored', reason: null },
    { name: 'video.mp4', state: 'refused', reason: 'too-large' },
  ]);
  const served = await asOwner(files[0]?.url ?? '');
  expect(served.headers.get('content-type')).toBe('image/png');
  expect(Buffer.from(await served.arrayBuffer()).equals(picture)).toBe(true);
  expect((await (await signIn(member))(files[0]?.url ?? '')).status).toBe(200);
  expect((await (await signIn(stranger))(files[0]?.url ?? '')).status).toBe(404);
}, 60_000);

type Read = {
  ticket: { id: number };
  notKept: boolean;
  messages: { content: string | null; author: { id: string } }[];
};

/** The newest ticket of a state, as its server's owner reads it. */
async function newest(state: 'open' | 'closed') {
  const asOwner = await signIn(desk.owner);
  const base = `/api/guilds/${desk.guild.id}/tickets`;
  const json = async <T>(address: string): Promise<T> => (await (await asOwner(address)).json()) as T;
  const [ticket] = (await json<{ tickets: Row[] }>(`${base}?status=${state}`)).tickets;
  return {
    id: ticket?.id ?? 0,
    transcript: () => json<Read>(`${base}/${ticket?.id}/transcript`),
    ticket: () =>
      json<{ closeReason: string | null; staffMessages: { user: { id: string }; count: number }[] | null }>(
        `${base}/${ticket?.id}`,
      ),
  };
}
const settle = (group: string, options: Record<string, unknown>) =>
  command(
    stack.control,
    { guildId: desk.guild.id, channelId: desk.guild.deskChannelId, userId: desk.owner },
    'settings',
    [{ name: group, options: Object.entries(options).map(([name, value]) => ({ name, value: value as string })) }],
  );

test('a server that keeps no transcripts keeps who wrote and when, and no word; its staff are counted all the same', async () => {
  covers('1.3-05');
  covers('1.3-24');
  await settle('logs', { store_transcripts: false });
  const [member, staff] = [desk.members[1] ?? '', desk.staff[0] ?? ''];
  const channelId = await openTicket(stack.control, desk, member);
  for (const userId of [member, staff, staff])
    await stack.control.sendMessage({ channelId, userId, content: 'Between us' });
  const { transcript, ticket } = await newest('open');
  const read = await until(transcript, ({ messages }) => messages.length === 3);
  expect(read).toMatchObject({
    notKept: true,
    messages: [member, staff, staff].map((id) => ({ author: { id }, content: null })),
  });
  expect((await ticket()).staffMessages).toMatchObject([{ user: { id: staff }, count: 2 }]);
  await settle('logs', { store_transcripts: true, count_staff_messages: false });
  expect((await ticket()).staffMessages).toBeNull();
  await settle('logs', { count_staff_messages: true });
  await closeTicket(stack.control, desk, channelId, staff);
}, 60_000);

test('the ticket of a member who leaves the server closes, where the server wants that', async () => {
  covers('1.3-30');
  covers('1.7-08');
  await settle('autoclose', { autoclose: true, autoclose_on_leave: true });
  const member = desk.members[2] ?? '';
  const channelId = await openTicket(stack.control, desk, member);
  const { ticket } = await newest('open');
  await stack.control.removeMember(desk.guild.id, member);
  await until(
    () => stack.control.channels(desk.guild.id),
    (list) => list.every((one) => one.id !== channelId),
  );
  expect((await ticket()).closeReason).toBe('The member left the server');
}, 60_000);
