// SPDX-License-Identifier: Apache-2.0
import { chromium } from 'playwright-core';
import { expressionOf, valueOf, type Browser, type BrowserOptions } from './driver.js';

export async function openChromium(executablePath: string, { width = 1000, height = 700 }: BrowserOptions = {}): Promise<Browser> {
  const quiet = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  // Without --no-sandbox it refuses to run as root, which is what containers are.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', ...quiet] });
  return {
    version: `Chromium ${browser.version()}`,
    async open() {
      const context = await browser.newContext({ viewport: { width, height } });
      const page = await context.newPage();
      return {
        goto: async (url) => void (await page.goto(url)),
        run: async (work: (argument: never) => unknown, argument?: unknown) => valueOf(await page.evaluate(expressionOf(work, argument))) as never,
        screenshot: async (path) => void (await page.screenshot({ path })),
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}
