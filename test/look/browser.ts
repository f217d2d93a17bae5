import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/** The browser for tests: the one that npm installs, or another one that `executablePath` names. */
export const launchBrowser = async (executablePath?: string): Promise<Browser> =>
  playwright.launch({
    executablePath: executablePath ?? (await chromium.executablePath()),
    args: executablePath ? ['--no-sandbox'] : chromium.args,
    headless: true,
  });
