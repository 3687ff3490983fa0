// SPDX-License-Identifier: Apache-2.0
// Over WebDriver BiDi, which Firefox speaks itself: no geckodriver.
import { launch } from 'puppeteer-core';
import { expressionOf, valueOf, type Browser, type BrowserOptions } from './driver.js';

export async function openFirefox(executablePath: string, { width = 1000, height = 700 }: BrowserOptions = {}): Promise<Browser> {
  const browser = await launch({ browser: 'firefox', executablePath, headless: true, defaultViewport: { width, height } });
  return {
    version: await browser.version(),
    async open() {
      const context = await browser.createBrowserContext(); // a container of its own: its storage is empty
      const page = await context.newPage();
      return {
        goto: async (url) => void (await page.goto(url)),
        run: async (work: (argument: never) => unknown, argument?: unknown) => valueOf((await page.evaluate(expressionOf(work, argument))) as string) as never,
        screenshot: async (path) => void (await page.screenshot({ path: path as `${string}.png` })),
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}
