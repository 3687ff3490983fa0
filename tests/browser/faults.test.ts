// SPDX-License-Identifier: Apache-2.0
// What goes wrong around a page, in Chromium: downloads that break off anywhere, a cache that somebody damaged, a full
// disk, clocks that jump, pages that are frozen, policies. Nothing half-written stays, and the next call works.
import { beforeAll, describe, expect, test } from 'vitest';
import { chromium } from 'playwright-core';
import { withoutTimings } from '../e2e/suite.js';
import { hasBrowser } from './drivers/index.js';
import { findBrowsers } from './find-browsers.mjs';
import { sendCut } from './server.js';
import { answersInNode, manifest, modelPath, readModelFile, requests, tools, useBrowser } from './setting.js';

const timeout = 300_000;

describe.skipIf(!hasBrowser('chromium'))('faults in Chromium', () => {
  const setting = useBrowser('chromium');
  const model = readModelFile();
  let expected: unknown[];
  beforeAll(async () => void (expected = await answersInNode()), timeout);

  test('a download cut at every tenth is model_unreachable, and the next load goes on from there', { timeout }, async () => {
    const outcomes = [];
    for (let tenth = 0; tenth < 10; tenth++) {
      await setting.page.run(() => caches.delete('needle-router-models'));
      setting.server.answers.set(modelPath, (request, response) => sendCut(request, response, model, Math.floor((model.length * tenth) / 10)));
      const cut = await setting.page.run(() => needle.ToolRouter.load().then(() => 'loaded', ({ code }: { code: string }) => code));
      setting.server.answers.clear();
      const next = await setting.page.run(async (tools) => {
        const router = await needle.ToolRouter.load();
        const { type } = await router.route('dim the kitchen lights to 30%', tools);
        await router.dispose();
        return type;
      }, tools);
      outcomes.push([cut, next]);
    }
    expect(outcomes).toEqual(Array.from({ length: 10 }, () => ['model_unreachable', 'call']));
  });

  test('a kept model that somebody damaged is fetched anew', { timeout }, async () => {
    await setting.page.run(async () => (await needle.ToolRouter.load()).dispose());
    const damages = ['flip', 'shorten', 'empty', 'remove', 'header'] as const;
    for (const damage of damages) {
      setting.seenOf();
      const type = await setting.page.run(async ({ damage, tools }) => {
        const cache = await caches.open('needle-router-models');
        const key = (await cache.keys())[3]!;
        const kept = (await cache.match(key))!;
        const bytes = new Uint8Array(await kept.arrayBuffer());
        const headers = { 'needle-total': damage === 'header' ? '99' : kept.headers.get('needle-total')! };
        if (damage === 'flip') bytes[1000]! ^= 1;
        if (damage === 'remove') await cache.delete(key);
        else await cache.put(damage === 'header' ? (await cache.keys())[0]! : key, new Response(damage === 'shorten' ? bytes.subarray(0, 99) : damage === 'empty' ? null : bytes, { headers }));
        const router = await needle.ToolRouter.load();
        const { type } = await router.route('dim the kitchen lights to 30%', tools);
        await router.dispose();
        return type;
      }, { damage, tools });
      expect(type, damage).toBe('call');
      expect(setting.seenOf().length, damage).toBeGreaterThan(0);
      expect(await setting.page.run(() => needle.ToolRouter.status()), damage).toMatchObject({ willDownload: false });
    }
  });

  test('a disk that fills up in the middle leaves nothing half-kept', { timeout }, async () => {
    setting.server.answers.set('/pages/filling-disk-worker.js', (_, response) => void response.writeHead(200, { 'content-type': 'text/javascript' }).end(`
      const put = Cache.prototype.put;
      let puts = 0;
      Cache.prototype.put = function (...entry) {
        if (++puts > 4) throw new DOMException('there is no room', 'QuotaExceededError');
        return put.apply(this, entry);
      };
      await import('/dist/host/web-worker-entry.js');`));
    const { type, keys } = await setting.page.run(async (tools) => {
      const router = await needle.ToolRouter.load({ workerUrl: '/pages/filling-disk-worker.js' });
      const { type } = await router.route('dim the kitchen lights to 30%', tools);
      return { type, keys: (await (await caches.open('needle-router-models')).keys()).length };
    }, tools);
    expect({ type, keys }).toEqual({ type: 'call', keys: 0 });
  });

  test('memory that cannot grow is out_of_memory for all that is pending, and the next call has a fresh engine', { timeout }, async () => {
    const { codes, results, workers } = await setting.page.run(async ({ requests, tools }) => {
      const workers = watchWorkers();
      const router = await needle.ToolRouter.load({ workerUrl: '/pages/small-memory-worker.js' });
      const large = (i: number) => [{ name: `choose_${i}`, parameters: { type: 'object', properties: { word: { enum: Array.from({ length: 10_000 }, (_, k) => `${k * 7919} of ${i}`) } } } }];
      const toolset = await router.tools(tools);
      const held = [];
      let codes: string[] = [];
      while (codes.length === 0 && held.length < 100) {
        const pending = [router.tools(large(held.length)), toolset.route(requests[0]!)];
        const outcomes = await Promise.allSettled(pending);
        held.push(outcomes[0]);
        codes = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [(outcome.reason as { code: string }).code] : []));
      }
      const results = [];
      for (const request of requests) results.push(await toolset.route(request));
      await router.dispose();
      return { codes, results, workers: workers.length };
    }, { requests, tools });
    expect(codes).toContain('out_of_memory');
    expect(new Set(codes).size).toBe(1);
    expect(results.map(withoutTimings)).toEqual(expected);
    expect(workers).toBe(2);
  });

  test('a clock that jumps changes no answer and no timeout', { timeout }, async () => {
    const results = await setting.page.run(async ({ requests, tools }) => {
      const router = await needle.ToolRouter.load();
      const now = Date.now;
      const results = [];
      for (const [i, request] of requests.entries()) {
        Date.now = () => now() + (i % 2 === 0 ? 1e12 : -1e12);
        results.push(await router.route(request, tools, { timeoutMs: 60_000 }));
      }
      Date.now = now;
      return results;
    }, { requests, tools });
    expect(results.map(withoutTimings)).toEqual(expected);
  });

  test('a worker killed while it loads is engine_crashed, and the next load works', { timeout }, async () => {
    const codes = await setting.page.run(async () => {
      const workers = watchWorkers();
      const codes = [];
      for (const phase of ['engine', 'model']) {
        const load = needle.ToolRouter.load({ onProgress: (step) => step.phase === phase && workers.at(-1)!.terminate() });
        codes.push(await load.then(() => 'loaded', ({ code }: { code: string }) => code));
      }
      await (await needle.ToolRouter.load()).dispose();
      return codes;
    });
    expect(codes).toEqual(['engine_crashed', 'engine_crashed']);
  });

  test('Trusted Types: where no policy may make script URLs, the engine runs in the page', { timeout }, async () => {
    const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'";
    setting.server.answers.set('/pages/trusted.html', (_, response) => void response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': policy })
      .end('<!doctype html><title>Trusted Types</title><script type="module" src="/pages/trusted.js"></script>'));
    setting.server.answers.set('/pages/trusted.js', (_, response) => void response.writeHead(200, { 'content-type': 'text/javascript' })
      .end("import * as needle from '/dist/entry/browser.js'; import * as model from '/models/index.js'; Object.assign(window, { needle, model });"));
    await setting.page.goto(`${setting.server.url}/pages/trusted.html`);
    const { results, isEnforced } = await setting.page.run(async ({ requests, tools }) => {
      while (typeof needle === 'undefined') await new Promise((resolve) => setTimeout(resolve, 10));
      let isEnforced = false;
      try {
        document.createElement('div').innerHTML = '<b>x</b>';
      } catch {
        isEnforced = true;
      }
      // By its path: the policy allows no import map.
      const { url, sha256 } = (window as unknown as { model: { url: URL; sha256: string } }).model;
      const router = await needle.ToolRouter.load({ modelUrl: url, sha256 });
      const results = [];
      for (const request of requests) results.push(await router.route(request, tools));
      return { results, isEnforced };
    }, { requests, tools });
    expect(isEnforced).toBe(true);
    expect(results.map(withoutTimings)).toEqual(expected);
  });
});

// The driver has no word for this; it is Chromium's own.
describe.skipIf(!hasBrowser('chromium'))('a page that is frozen and comes back', () => {
  const setting = useBrowser('chromium');

  test('finishes what it had begun', { timeout }, async () => {
    const browser = await chromium.launch({ executablePath: (findBrowsers() as { chromium: string }).chromium, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
    try {
      const page = await browser.newPage();
      await page.goto(`${setting.server.url}/pages/blank.html`);
      await page.waitForFunction(() => typeof needle !== 'undefined');
      await page.evaluate(async ({ requests, tools }) => {
        const router = await needle.ToolRouter.load();
        const calls = Array.from({ length: 40 }, (_, i) => router.route(requests[i % requests.length]!, tools));
        Object.assign(window, { router, finished: Promise.all(calls).then((results) => results.length) });
      }, { requests, tools });
      const session = await page.context().newCDPSession(page);
      await session.send('Page.setWebLifecycleState', { state: 'frozen' });
      await new Promise((resolve) => setTimeout(resolve, 500));
      await session.send('Page.setWebLifecycleState', { state: 'active' });
      expect(await page.evaluate(() => (window as unknown as { finished: Promise<number> }).finished)).toBe(40);
      const next = await page.evaluate(async (tools) => (await (window as unknown as { router: InstanceType<typeof needle.ToolRouter> }).router.route('dim the kitchen lights to 30%', tools)).type, tools);
      expect(next).toBe('call');
    } finally {
      await browser.close();
    }
  });
});
