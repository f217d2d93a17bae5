import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, openDesk, openTicket, say, until } from '../harness/desk.ts';
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
  await say(stack.control, desk, channelId, desk.staff[0] ?? '', 'close', { reason: 'Seen' });
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
