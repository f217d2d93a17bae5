import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../look/browser.ts';
import { buildForTest } from '../look/build.ts';
import { type Fixture, guildIds, startFixture } from '../look/fixture-server.ts';

const at = (guild: keyof typeof guildIds, path: string) => `/dashboard/${guildIds[guild]}/${path}`;
const person = 'users/1180000000000000000';
const pages = {
  analytics: at('full', 'analytics'),
  'analytics without tickets': at('empty', 'analytics'),
  'analytics without tickets in the period': at('quiet', 'analytics?days=7'),
  'analytics that cannot be read': at('failing', 'analytics'),
  'analytics that is behind': at('behind', 'analytics'),
  'analytics being read': at('loading', 'analytics'),
  'a member of staff': at('full', person),
  'the same person as a member': at('full', `${person}?as=member`),
  'nobody found': at('full', 'users/999999999999999999'),
  'look-up': at('full', 'users'),
  tickets: at('full', 'tickets'),
  'closed tickets': at('full', 'tickets?status=closed'),
  'a ticket': at('full', 'tickets/4990'),
  servers: '/dashboard',
  'a server that is not there': '/dashboard/199999999999999999/analytics',
};

let browser: Browser;
let fixture: Fixture;
let signedOut: Fixture;
let off: Fixture;

beforeAll(async () => {
  const dist = await buildForTest('web');
  [browser, fixture, signedOut, off] = await Promise.all([
    launchBrowser(),
    startFixture({ dist, signedIn: true }),
    startFixture({ dist, signedIn: false, people: true }),
    startFixture({ dist, signedIn: false, signIn: 'off' }),
  ]);
}, 180_000);
afterAll(async () => {
  await browser.close();
  await Promise.all([fixture, signedOut, off].map((one) => one.close()));
});

type Look = { width?: number; theme?: 'light' | 'dark'; base?: Fixture };

/** Opens a page, waits for its title, and hands it to `work` with everything that the browser complained about. */
const visit = async (path: string, look: Look, work: (page: Page, complaints: string[]) => Promise<void>) => {
  const { width = 1_280, theme = 'light', base = fixture } = look;
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme: theme, reducedMotion: 'reduce' });
  const complaints: string[] = [];
  page.on('pageerror', (err) => complaints.push(err.message));
  page.on('console', (message) => {
    // A refused answer is part of some pages; anything else is not.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== base.url) complaints.push(`left this server: ${request.url()}`);
  });
  try {
    await page.goto(base.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.evaluate(() => document.fonts.ready.then(() => undefined));
    await work(page, complaints);
  } finally {
    await page.close();
  }
};

type Violation = { id: string; nodes: { target: string[]; failureSummary: string }[] };
const violations = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe.source);
  const found = (await page.evaluate(`axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }).then((result) => result.violations)`)) as Violation[];
  return found.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary}`).join(' | ')}`,
  );
};
const backgroundOf = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const figureOf = (page: Page, label: string) =>
  page.locator('.strip > div', { hasText: label }).locator('.fig').first();

describe.each(Object.entries(pages))('%s', (_, path) => {
  it('has one title and nothing to complain about, in light and dark', async () => {
    await visit(path, {}, async (page, complaints) => {
      const isLoading = path.includes(guildIds.loading);
      await page
        .locator('.bone')
        .first()
        .waitFor({ state: isLoading ? 'visible' : 'detached' });
      expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
      expect(await page.getByRole('main').count()).toBe(1);
      expect(await violations(page)).toEqual([]);
      await page.emulateMedia({ colorScheme: 'dark' });
      await expect.poll(() => backgroundOf(page)).toBe('rgb(16, 18, 30)');
      expect(await violations(page)).toEqual([]);
      expect(complaints).toEqual([]);
    });
  });

  it('never scrolls sideways, from 320 px up', async () => {
    await visit(path, { width: 320 }, async (page) => {
      const wide: string[] = [];
      for (const width of [320, 390, 760, 761, 900, 1_100, 1_280]) {
        await page.setViewportSize({ width, height: 800 });
        const needed = await page.evaluate(() => document.documentElement.scrollWidth);
        if (needed > width) wide.push(`${needed} px at ${width}`);
      }
      expect(wide).toEqual([]);
    });
  });
});

describe('signing in', () => {
  it('says whom to choose on a machine with a local Discord, and leads back to the address', async () => {
    await visit(pages.analytics, { base: signedOut }, async (page, complaints) => {
      const link = page.getByRole('link', { name: 'Sign in with Discord' });
      expect(await link.getAttribute('href')).toBe(`/api/sign-in?next=${encodeURIComponent(pages.analytics)}`);
      expect(await page.getByText('owner of Example Server').isVisible()).toBe(true);
      expect(await violations(page)).toEqual([]);
      expect(complaints).toEqual([]);
    });
  });
  it('says that it is off, and what is missing', async () => {
    await visit('/', { base: off, theme: 'dark' }, async (page) => {
      await page.getByText('Sign-in is off').waitFor();
      expect(await page.getByText('DISCORD_CLIENT_SECRET').isVisible()).toBe(true);
      expect(await page.getByRole('link', { name: 'Sign in with Discord' }).count()).toBe(0);
      expect(await violations(page)).toEqual([]);
    });
  });
});

describe('the analytics page', () => {
  it('shows any chart as a table and back', async () => {
    await visit(pages.analytics, {}, async (page) => {
      const chart = page.getByRole('img', {
        name: /Tickets opened per day, 24 Oct to 22 Nov: [\d,]+ in all, most \d+ on/,
      });
      await chart.waitFor();
      const tool = page.getByRole('button', { name: 'Show Tickets opened per day as a table' });
      await tool.click();
      const table = page.getByRole('region', { name: 'Tickets opened per day' }).getByRole('table');
      expect(await table.getByRole('row').count()).toBe(31);
      expect(await table.getByRole('columnheader').allTextContents()).toEqual([
        'Day',
        'Last 30 days',
        '30 days before',
      ]);
      expect(await violations(page)).toEqual([]);
      await tool.click();
      await chart.waitFor();
    });
  });

  it('moves when something happened, without a reload', async () => {
    await visit(pages.analytics, {}, async (page) => {
      await page.getByText('Live, updated').waitFor();
      const open = figureOf(page, 'Open now');
      expect(await open.textContent()).toBe('47');
      fixture.opened = 1;
      fixture.push('figures');
      await page.locator('.strip .fig', { hasText: /^48$/ }).waitFor();
      fixture.opened = 0;
    });
  });

  it('stands still while the reader pauses it', async () => {
    await visit(pages.analytics, {}, async (page) => {
      await page.getByRole('button', { name: 'Pause live figures' }).click();
      await page.getByText('Paused', { exact: true }).waitFor();
      fixture.opened = 2;
      await page.getByRole('button', { name: 'Resume live figures' }).click();
      await page.locator('.strip .fig', { hasText: /^49$/ }).waitFor();
      fixture.opened = 0;
    });
  });

  it('keeps its window in the address', async () => {
    await visit(pages.analytics, {}, async (page) => {
      await page.getByRole('button', { name: '7 days', exact: true }).click();
      await page.waitForURL(/days=7/);
      await page.getByRole('img', { name: /16 Nov to 22 Nov/ }).waitFor();
      await page.reload();
      await page.getByRole('button', { name: '7 days', exact: true, pressed: true }).waitFor();
      await page.getByRole('button', { name: '30 days', exact: true }).click();
      await page.waitForURL((url) => !url.search.includes('days'));
    });
  });

  it('leads a new server to its first ticket, with figures at zero', async () => {
    await visit(pages['analytics without tickets'], {}, async (page) => {
      await page.getByRole('heading', { name: 'No tickets yet' }).waitFor();
      expect(await page.getByText('1 of 3 done').isVisible()).toBe(true);
      expect(await figureOf(page, 'Tickets ever').textContent()).toBe('0');
      expect(await page.locator('.card', { hasText: 'Satisfaction' }).locator('.fig').textContent()).toBe('–');
      expect(await page.locator('.card', { hasText: 'First response' }).locator('.fig').allTextContents()).toEqual([
        '–',
        '–',
        '–',
      ]);
    });
  });

  it('offers a longer window when a period has nothing', async () => {
    await visit(pages['analytics without tickets in the period'], {}, async (page) => {
      await page.getByText('No tickets from 16 Nov to 22 Nov').waitFor();
      await page.getByRole('button', { name: 'Show 30 days' }).click();
      await page.waitForURL((url) => !url.search.includes('days'));
    });
  });

  it('says what failed, with a reference, in the card that failed', async () => {
    await visit(pages['analytics that cannot be read'], {}, async (page) => {
      const card = page.locator('.card', { hasText: 'When tickets arrive' });
      await card.getByText('This chart could not be read').waitFor();
      expect(await card.textContent()).toContain('Reference 7K2M.');
      expect(await card.getByRole('button', { name: 'Try again' }).isEnabled()).toBe(true);
      expect(await page.getByRole('navigation', { name: 'Analytics' }).isVisible()).toBe(true);
    });
  });

  it('says when the figures are behind', async () => {
    await visit(pages['analytics that is behind'], {}, async (page) => {
      await page.getByText('Figures are 4 minutes behind.').waitFor();
    });
  });
});

describe('by keyboard', () => {
  it('goes past the navigation, reads a chart, opens and closes what floats', async () => {
    await visit(pages.analytics, {}, async (page) => {
      const focused = () =>
        page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent);
      await page.getByText('Live, updated').waitFor();
      await page.keyboard.press('Tab');
      expect(await focused()).toBe('Skip to the content');
      await page.keyboard.press('Enter');
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');

      await page.getByRole('button', { name: 'What Tickets ever means' }).focus();
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press('Tab');
      await page.getByText('Every ticket that was ever opened here').waitFor();
      await page.keyboard.press('Escape');
      await page.getByText('Every ticket that was ever opened here').waitFor({ state: 'detached' });

      await page.getByRole('img', { name: /Tickets opened per day/ }).focus();
      await page.keyboard.press('End');
      await page
        .locator('[aria-live=polite]', { hasText: 'Sat, 22 Nov · Today so far' })
        .waitFor({ state: 'attached' });
      await page.keyboard.press('ArrowLeft');
      await page.locator('.plot .tip', { hasText: 'Fri, 21 Nov' }).waitFor();
      await page.keyboard.press('Escape');
      expect(await page.locator('.plot .tip').count()).toBe(0);
    });
  });

  it('switches the server by typing its name', async () => {
    await visit(pages.analytics, {}, async (page) => {
      await page
        .getByRole('button', { name: /Switch server/ })
        .first()
        .focus();
      await page.keyboard.press('Enter');
      await page.locator('input:focus[placeholder="Find a server"]').waitFor();
      await page.keyboard.type('quiet');
      await page.getByRole('option', { name: /Quiet Server/ }).waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.waitForURL(new RegExp(guildIds.quiet));
    });
  });

  it('looks a person up, and says when there is nobody', async () => {
    await visit(pages.analytics, {}, async (page) => {
      await page.getByRole('textbox', { name: 'Discord user ID' }).focus();
      await page.keyboard.type('<@!1180000000000000000>');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Staff A' }).waitFor();
      expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
      await page.getByRole('button', { name: 'As member' }).press('Enter');
      await page.getByText('Opened ever').waitFor();

      await page.getByRole('textbox', { name: 'Discord user ID' }).fill('12');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').getByText('17 to 20 digits').waitFor();
      await page.getByRole('textbox', { name: 'Discord user ID' }).fill('999999999999999999');
      await page.keyboard.press('Enter');
      const field = page.getByRole('textbox', { name: 'Discord user ID' });
      await page.getByText('Nobody with this ID has opened or answered a ticket here.').waitFor();
      expect(await field.inputValue()).toBe('999999999999999999');
      expect(await field.getAttribute('aria-invalid')).toBe('true');
    });
  });

  it('chooses a theme, which stays', async () => {
    await visit(pages.analytics, {}, async (page) => {
      const background = () => backgroundOf(page);
      expect(await background()).toBe('rgb(247, 248, 251)');
      await page
        .getByRole('button', { name: /Account/ })
        .first()
        .press('Enter');
      await page.getByRole('menuitem', { name: 'Dark' }).press('Enter');
      await expect.poll(background).toBe('rgb(16, 18, 30)');
      await page.reload();
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expect.poll(background).toBe('rgb(16, 18, 30)');
    });
  });
});

describe('on a phone', () => {
  it('opens the pages in a drawer and keeps targets large', async () => {
    await visit(pages.analytics, { width: 390 }, async (page) => {
      await page.getByRole('img', { name: /Tickets opened per day/ }).waitFor();
      const small = await page.locator('button:visible, a.btn:visible, input:visible').evaluateAll((elements) =>
        elements
          .filter((element) => !element.classList.contains('link'))
          .map((element) => ({ box: element.getBoundingClientRect(), name: element.ariaLabel ?? element.textContent }))
          .filter(({ box }) => box.height < 44 || box.width < 44)
          .map(({ name }) => name),
      );
      expect(small).toEqual([]);
      await page.getByRole('button', { name: 'Menu' }).click();
      const drawer = page.getByRole('dialog');
      await drawer.getByRole('link', { name: /Tickets/ }).click();
      await page.getByRole('heading', { level: 1, name: 'Tickets' }).waitFor();
      await drawer.waitFor({ state: 'detached' });
    });
  });
});

describe('a ticket', () => {
  it('shows what people wrote as text, and links to the web alone', async () => {
    await visit(pages['a ticket'], {}, async (page) => {
      const talk = page.locator('.talk');
      await talk.waitFor();
      expect(await talk.locator('script').count()).toBe(0);
      expect(await talk.textContent()).toContain('<script>alert(1)</script>');
      expect(
        await talk.getByRole('link').evaluateAll((links) => links.map((link) => link.getAttribute('href'))),
      ).toEqual([
        '/api/guilds/1/tickets/4990/attachments/1',
        '/api/guilds/1/tickets/4990/attachments/3',
        'https://cdn.example.com/recording.mp4',
        'https://example.com/guide',
      ]);
    });
  });

  it('shows pictures, names other files with their size, and says why one is not there', async () => {
    await visit(pages['a ticket'], {}, async (page) => {
      const files = page.locator('.talk .files');
      await files.waitFor();
      const picture = files.getByRole('img', { name: 'screen.png' });
      await picture.scrollIntoViewIfNeeded();
      await expect.poll(() => picture.evaluate((one) => (one as HTMLImageElement).naturalWidth)).toBe(256);
      expect(await files.getByRole('listitem').allTextContents()).toEqual([
        'launcher.log49 kB',
        '',
        'run.txt1 kB, gone from Discord before it could be kept',
        'recording.mp488 MB, larger than what is kept here',
      ]);
    });
  });
});

it('shows support staff the pages they have, and no others', async () => {
  await visit(`/dashboard/${guildIds.support}`, {}, async (page) => {
    await page.waitForURL(/\/tickets$/);
    expect(await page.getByRole('navigation').getByRole('link').allTextContents()).toEqual(['Tickets4 open']);
  });
});
