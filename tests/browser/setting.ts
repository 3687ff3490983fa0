// SPDX-License-Identifier: Apache-2.0
// What every browser test starts from: a browser, a host, and a fresh page of it that has the package at hand.
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import tools from '../../js/cli/example-tools.json' with { type: 'json' };
import { withoutTimings } from '../e2e/suite.js';
import { root } from '../e2e/built.js';
import { openBrowser, type BrowserName } from './drivers/index.js';
import type { Browser, Page } from './drivers/driver.js';
import { serve, type TestServer } from './server.js';

export { tools };

export const requests = [
  'dim the kitchen lights to 30%',
  'wake me at 7 tomorrow and play some jazz',
  'what is the weather in Lyon on friday?',
  'Grüße an 東京 🎉 — turn off the lamp',
];

export const manifest = JSON.parse(readFileSync(`${root}/models/manifest.json`, 'utf8')) as { file: string; bytes: number; sha256: string };
export const modelPath = `/models/${manifest.file}`;
export const readModelFile = () => new Uint8Array(readFileSync(root + modelPath));

/** What the package answers in Node: every browser must answer the same. Asked once. */
export const answersInNode = (): Promise<unknown[]> => (answers ??= askInNode());
let answers: Promise<unknown[]> | undefined;

async function askInNode(): Promise<unknown[]> {
  const { ToolRouter } = (await import(`${root}/dist/entry/node.js`)) as typeof import('../../js/entry/node.js');
  const router = await ToolRouter.load();
  const results = [];
  for (const request of requests) results.push(withoutTimings(await router.route(request, tools)));
  await router.dispose();
  return results;
}

export interface Setting {
  name: BrowserName;
  browser: Browser;
  server: TestServer;
  page: Page;
  /** Puts a new document in the page's place. */
  renew(): Promise<void>;
  /** What the host saw of the model, or of another path, since the last call of this. */
  seenOf(path?: string): TestServer['seen'];
}

/** Registers the hooks; the setting is filled when a test runs. */
export function useBrowser(name: BrowserName): Setting {
  const setting = { name, renew } as Setting;
  const goto = async (path: string) => {
    await setting.page.goto(setting.server.url + path);
    await setting.page.run(untilReady);
  };

  // The sessions of WebKit's driver are private windows, and there WebKit forgets what is in a cache once no document
  // holds it (github.com/microsoft/playwright/issues/41618). So there a document that holds it stays around the new one.
  async function renew(): Promise<void> {
    if (name === 'webkit') await setting.page.run(openFrame);
    else await goto('/pages/blank.html?again');
  }

  beforeAll(async () => {
    setting.server = await serve();
    setting.browser = await openBrowser(name);
  });
  afterAll(async () => {
    await setting.browser?.close();
    await setting.server.close();
  });
  beforeEach(async () => {
    const { server, browser } = setting;
    server.isOffline = false;
    server.seen.length = 0;
    server.answers.clear();
    server.posted.clear();
    setting.seenOf = (path = modelPath) => server.seen.splice(0).filter(({ url }) => url.split('?')[0] === path);
    setting.page = await browser.open();
    await goto('/pages/blank.html');
  });
  afterEach(() => setting.page.close());
  return setting;
}

/** In the page: waits until it has the package, and holds the cache. */
async function untilReady(): Promise<void> {
  while (typeof needle === 'undefined') await new Promise((resolve) => setTimeout(resolve, 10));
  if (globalThis.caches) Object.assign(window, { held: await caches.open('needle-router-models') });
}

/** In the page: another document, with a package of its own; what is called from now on is that one. */
async function openFrame(): Promise<void> {
  const frame = document.createElement('iframe');
  frame.src = '/pages/blank.html?again';
  await new Promise((resolve) => (frame.onload = resolve, document.body.append(frame)));
  const inside = frame.contentWindow as unknown as { needle?: typeof needle };
  while (!inside.needle) await new Promise((resolve) => setTimeout(resolve, 10));
  Object.assign(window, { needle: inside.needle });
}
