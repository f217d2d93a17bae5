import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { printLine } from '#runtime/stdout.ts';
import { launchBrowser } from './browser.ts';
import { buildForTest } from './build.ts';
import { guildIds, startFixture } from './fixture-server.ts';

/** Takes pictures of every page and state, to be looked at: `node test/look/shoot.ts <folder> [name…]`. */
const [folder = 'test/output/look', ...only] = process.argv.slice(2);
const g = (guild: keyof typeof guildIds, path: string) => `/dashboard/${guildIds[guild]}/${path}`;
const user = 'users/1180000000000000000';
const views: [name: string, path: string, theme: 'light' | 'dark', width: number, height?: number][] = [
  ['overview-light', g('full', 'analytics'), 'light', 1280],
  ['overview-dark', g('full', 'analytics'), 'dark', 1280],
  ['overview-phone', g('full', 'analytics'), 'light', 390],
  ['overview-phone-dark', g('full', 'analytics'), 'dark', 390],
  ['overview-tablet', g('full', 'analytics'), 'light', 900],
  ['overview-90', g('full', 'analytics?days=90'), 'light', 1280],
  ['overview-7', g('full', 'analytics?days=7'), 'light', 1280],
  ['staff-light', g('full', user), 'light', 1280],
  ['staff-phone', g('full', user), 'light', 390],
  ['member-light', g('full', `${user}?as=member`), 'light', 1280],
  ['unknown-light', g('full', 'users/999999999999999999'), 'light', 1280],
  ['look-up', g('full', 'users'), 'light', 1280],
  ['empty-light', g('empty', 'analytics'), 'light', 1280],
  ['quiet-light', g('quiet', 'analytics?days=7'), 'light', 1280],
  ['failing-light', g('failing', 'analytics'), 'light', 1280],
  ['behind-light', g('behind', 'analytics'), 'light', 1280],
  ['loading-light', g('loading', 'analytics'), 'light', 1280],
  ['tickets-light', g('full', 'tickets'), 'light', 1280],
  ['tickets-phone', g('full', 'tickets'), 'light', 390],
  ['ticket-light', g('full', 'tickets/4990'), 'light', 1280],
  ['ticket-dark', g('full', 'tickets/4990'), 'dark', 1280],
  ['ticket-phone', g('full', 'tickets/4990'), 'light', 390],
  ['servers-light', '/dashboard', 'light', 1280],
  ['servers-phone', '/dashboard', 'dark', 390],
];
const signedOut: typeof views = [
  ['sign-in-light', '/', 'light', 1280],
  ['sign-in-dark', '/', 'dark', 1280],
  ['sign-in-phone', '/', 'light', 390],
];

await mkdir(folder, { recursive: true });
const browser = await launchBrowser();
const shoot = async (base: string, list: typeof views) => {
  for (const [name, path, theme, width, height = 800] of list) {
    if (only.length > 0 && !only.includes(name)) continue;
    const page = await browser.newPage({ viewport: { width, height }, colorScheme: theme, reducedMotion: 'reduce' });
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') printLine(`${name}: ${message.text()}`);
    });
    page.on('pageerror', (err) => printLine(`${name}: ${err.message}`));
    await page.goto(base + path);
    await page.locator('h1').first().waitFor();
    await page.waitForTimeout(700);
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
    await page.close();
  }
};
const dist = await buildForTest('look-shots');
const fixtures = [
  await startFixture({ dist, signedIn: true }),
  await startFixture({ dist, signedIn: false, people: true }),
] as const;
await shoot(fixtures[0].url, views);
await shoot(fixtures[1].url, signedOut);
await browser.close();
await Promise.all(fixtures.map((fixture) => fixture.close()));
