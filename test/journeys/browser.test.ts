import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { flag, readConfig } from '#runtime/config.ts';
import { closeTicket, type Desk, openDesk, openTicket, say } from '../harness/desk.ts';
import { type Stack, startStack } from '../harness/stack.ts';
import { launchBrowser } from '../look/browser.ts';

const { SCREENSHOTS } = readConfig({
  SCREENSHOTS: flag({ default: false, doc: 'keep pictures of the pages in test/output/journey' }),
});
const pictures = fileURLToPath(new URL('../output/journey', import.meta.url));
const patience = 180_000; // for a whole test: other files use the same machine

let stack: Stack;
let desk: Desk;
let browser: Browser;
let page: Page;
let channelId: string;
const complaints: string[] = [];

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  desk = await openDesk(stack.control);
  await mkdir(pictures, { recursive: true });
  page = await openPage();
}, 240_000);
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  await page.screenshot({ path: join(pictures, 'failed.png') });
  process.stderr.write(`${page.url()}\n${complaints.join('\n')}\n`);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
}, 60_000);

/** A page of somebody who was never here, which keeps what the browser complains about. */
async function openPage(): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1_280, height: 800 }, reducedMotion: 'reduce' });
  context.setDefaultTimeout(45_000);
  const opened = await context.newPage();
  opened.on('pageerror', (err) => complaints.push(err.message));
  opened.on('console', (message) => {
    // Answers may be refused and servers end: pages that say so are what some of these tests are about.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  return opened;
}

const title = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor();
const figure = (label: string) =>
  page.locator('.strip > div', { hasText: label }).locator('.fig', { hasText: /\d/ }).first();
const reads = (label: string, value: string) =>
  page
    .locator('.strip > div', { hasText: label })
    .locator('.fig', { hasText: new RegExp(`^${value}$`) })
    .waitFor();

/** Waits until the sidebar counts so many open tickets; null: none. */
async function openCount(shown: string | null): Promise<void> {
  const count = page.getByRole('navigation', { name: 'Main' }).locator('b');
  await (shown ? count.filter({ hasText: new RegExp(`^${shown}`) }).waitFor() : count.waitFor({ state: 'detached' }));
}

/** Keeps a picture of the page as it is now, in other ways of looking at it if asked. */
async function shoot(name: string, looks: readonly ('light' | 'dark' | 'phone')[] = ['light']): Promise<void> {
  if (!SCREENSHOTS) return;
  for (const look of looks) {
    await page.emulateMedia({ colorScheme: look === 'dark' ? 'dark' : 'light' });
    await page.setViewportSize({ width: look === 'phone' ? 390 : 1_280, height: 800 });
    await page.locator('.bone').first().waitFor({ state: 'detached' });
    await page.screenshot({ path: join(pictures, `${name}-${look}.png`), fullPage: true });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1_280, height: 800 });
}

test(
  'whoever is not signed in is asked to, whatever they open',
  async () => {
    await page.goto(`${stack.ready.web}/dashboard/${desk.guild.id}/analytics`);
    await title('Sign in');
    const wanted = encodeURIComponent(`/dashboard/${desk.guild.id}/analytics`);
    const link = page.getByRole('link', { name: 'Sign in with Discord' });
    expect(await link.getAttribute('href')).toBe(`/api/sign-in?next=${wanted}`);
    await page.goto(stack.ready.web);
    await title('Sign in');
    await shoot('sign-in');
  },
  patience,
);

test(
  'Discord asks who one is, and leads back to the servers of that person',
  async () => {
    await page.getByRole('link', { name: 'Sign in with Discord' }).click();
    await title('wants to know who you are');
    expect(new URL(page.url()).origin).toBe(new URL(stack.simulator.api).origin);
    await shoot('consent');
    await page.locator(`button[name=user_id][value="${desk.owner}"]`).first().click();
    await title('Choose a server');
    expect(new URL(page.url()).origin).toBe(stack.ready.web);
    const servers = page.getByRole('main').getByRole('listitem');
    await servers.first().waitFor();
    expect(await servers.allTextContents()).toEqual([expect.stringContaining(desk.guild.name)]);
    await shoot('servers');
    await servers.getByRole('link').click();
    await title('Analytics');
    await page.waitForURL(new RegExp(`/dashboard/${desk.guild.id}/analytics$`));
  },
  patience,
);

test(
  'a click in Discord moves the figures without a reload',
  async () => {
    await page.getByText('Live, updated').waitFor();
    expect(await figure('Tickets ever').textContent()).toBe('0');
    expect(await figure('Last 30 days').textContent()).toBe('0');
    await shoot('no-data');

    const navigations: string[] = [];
    page.on('framenavigated', (frame) => navigations.push(frame.url()));
    const loadedAt = await page.evaluate(() => performance.timeOrigin);
    const member = desk.members[0] ?? '';
    channelId = await openTicket(stack.control, desk, member);
    await reads('Tickets ever', '1');
    await reads('Last 30 days', '1');
    await reads('Open now', '1');
    await page.getByRole('img', { name: /Tickets opened per day.* 1 in all/ }).waitFor();

    await stack.control.sendMessage({ channelId, userId: member, content: 'Hello? It does **not** start.' });
    await say(stack.control, desk, channelId, desk.staff[0] ?? '', 'claim');
    await stack.control.sendMessage({ channelId, userId: desk.staff[0] ?? '', content: 'Hello, I am here.' });
    await reads('Claimed now', '1');
    await page.locator('.card', { hasText: 'Not answered yet' }).getByText('nobody waits').waitFor();
    expect(await page.evaluate(() => performance.timeOrigin)).toBe(loadedAt);
    expect(navigations).toEqual([]);
    await shoot('analytics', ['light', 'dark', 'phone']);
  },
  patience,
);

test(
  'a member of staff is found by their Discord ID',
  async () => {
    const staff = desk.guild.people.find((person) => person.id === desk.staff[0]);
    const field = page.getByRole('main').getByRole('textbox', { name: 'Discord user ID' });
    await field.fill(`<@${staff?.id}>`);
    await field.press('Enter');
    await title(staff?.name ?? '');
    await page.waitForURL(new RegExp(`/users/${staff?.id}$`));
    await reads('Answered ever', '1');
    await reads('Open and claimed', '1');
    await shoot('user', ['light', 'dark', 'phone']);
  },
  patience,
);

test(
  'a ticket shows what was said, and what is said while one reads',
  async () => {
    await page
      .getByRole('navigation', { name: 'Main' })
      .getByRole('link', { name: /Tickets/ })
      .click();
    await title('Tickets');
    await openCount('1');
    await shoot('tickets');
    await page.getByRole('link', { name: '#1', exact: true }).click();
    await title('Ticket #1');
    const talk = page.locator('.talk');
    await talk.getByText('Hello, I am here.').waitFor();
    expect(await talk.locator('strong', { hasText: /^not$/ }).count()).toBe(1);

    await stack.control.sendMessage({ channelId, userId: desk.members[0] ?? '', content: 'Now it does, thank you!' });
    await talk.getByText('Now it does, thank you!').waitFor();
    await closeTicket(stack.control, desk, channelId, desk.staff[0] ?? '', 'Solved');
    await page.locator('.chip', { hasText: 'Closed' }).waitFor();
    await page.getByRole('listitem').filter({ hasText: 'closed it: Solved' }).waitFor();
    await openCount(null); // beside every page, this one too
    await shoot('ticket', ['light', 'dark', 'phone']);
  },
  patience,
);

test(
  'signing out ends the session everywhere',
  async () => {
    const guilds = `${stack.ready.api}/guilds`;
    const [cookies, ticket] = [await page.context().cookies(), page.url()];
    const statusNow = async () => (await page.request.get(guilds)).status();
    expect(await statusNow()).toBe(200);
    await page
      .getByRole('button', { name: /Account/ })
      .first()
      .click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await title('Sign in');
    expect(await statusNow()).toBe(401);
    await page.goto(ticket);
    await title('Sign in');
    // The cookie of before is worth nothing, wherever somebody may have put it.
    await page.context().addCookies(cookies);
    expect(await statusNow()).toBe(401);
    expect(complaints).toEqual([]);
  },
  patience,
);

test(
  'without DISCORD_CLIENT_SECRET the page says that sign-in is off',
  async () => {
    await stack.up.stop();
    stack.env['DISCORD_CLIENT_SECRET'] = '';
    await stack.restart();
    expect(stack.up.lines.join('\n')).toContain('Sign-in is off');
    page = await openPage();
    await page.goto(stack.ready.web);
    await page.getByText('Sign-in is off').waitFor();
    expect(await page.getByText('DISCORD_CLIENT_SECRET').isVisible()).toBe(true);
    expect(await page.getByRole('link', { name: 'Sign in with Discord' }).count()).toBe(0);
    await shoot('sign-in-off');
    // Whoever keeps an old link is told as well.
    const answer = await page.request.get(`${stack.ready.api}/sign-in`, { maxRedirects: 0 });
    expect(answer.status()).toBeGreaterThanOrEqual(400);
    expect(complaints).toEqual([]);
  },
  patience,
);
