// SPDX-License-Identifier: Apache-2.0
// The weights: downloaded once, checked, kept, found again; and every download that goes wrong.
import { describe, expect, test } from 'vitest';
import { manifest, modelPath, readModelFile, tools, type Setting } from './setting.js';
import { sendCut, sendRange } from './server.js';

/** In the page: loads, and says how that went. */
async function tryLoad(options: { modelUrl?: string; sha256?: string; workerUrl?: string }) {
  const progress: { phase: string; loaded: number; fromCache: boolean }[] = [];
  const outcome = await needle.ToolRouter.load({ ...options, onProgress: (step) => progress.push(step) }).then(
    async (router) => {
      await router.dispose();
      return 'loaded';
    },
    (error: InstanceType<typeof needle.NeedleError>) => `${error.name} ${error.code}: ${error.message}`,
  );
  const model = progress.filter(({ phase }) => phase === 'model');
  const cached = model.filter(({ fromCache }) => fromCache);
  const cacheKeys = globalThis.caches ? (await (await caches.open('needle-router-models')).keys()).length : 0;
  const { willDownload } = await needle.ToolRouter.status(options);
  return { outcome, cachedBytes: cached.at(-1)?.loaded ?? 0, loadedBytes: model.at(-1)?.loaded ?? 0, cacheKeys, willDownload };
}

export function describeWeights(setting: Setting): void {
  describe('weights', () => {
    const { bytes, sha256 } = manifest;
    const model = readModelFile();

    test('are fetched once: the next page finds them kept, and says so', async () => {
      expect(await setting.page.run(tryLoad, {})).toMatchObject({ outcome: 'loaded', cachedBytes: 0, willDownload: false });
      expect(setting.seenOf()).toHaveLength(1);
      await setting.renew();
      setting.seenOf();
      expect(await setting.page.run(() => needle.ToolRouter.status())).toMatchObject({ willDownload: false });
      expect(await setting.page.run(tryLoad, {})).toMatchObject({ outcome: 'loaded', cachedBytes: bytes, loadedBytes: bytes });
      expect(setting.seenOf()).toEqual([]);
    });

    test('work offline afterwards', async () => {
      await setting.page.run(tryLoad, {});
      // Private windows, which is what WebKit's driver opens, have no HTTP cache for the package's own files.
      if (setting.name === 'webkit') setting.server.answers.set(modelPath, (request) => request.socket.destroy());
      else setting.server.isOffline = true;
      const result = await setting.page.run(async (tools) => (await needle.ToolRouter.load()).route('dim the kitchen lights to 30%', tools), tools);
      expect(result.type).toBe('call');
    });

    test('without a host and nothing kept, loading says what is out of reach', async () => {
      setting.server.answers.set(modelPath, (request) => request.socket.destroy());
      expect(await setting.page.run(tryLoad, {})).toMatchObject({ outcome: expect.stringMatching(/^ModelLoadError model_unreachable: /), cacheKeys: 0, willDownload: true });
    });

    test.each([
      ['an HTML page', /invalid_model: this is an HTML page/, { 'content-type': 'text/html' }, () => Buffer.from('<!doctype html><title>Sign in</title>')],
      ['an HTML page that calls itself a file', /invalid_model: this is an HTML page/, {}, () => Buffer.from('\n<html><title>Sign in</title>'.padEnd(bytes))],
      ['a shorter file', /invalid_model: the model file has 3000000 bytes instead of/, {}, () => model.subarray(0, 3_000_000)],
      ['another file of that size', /invalid_model: .*SHA-256/, {}, () => Uint8Array.from(model, (byte, i) => (i === 4_000_000 ? byte ^ 1 : byte))],
    ])('%s instead of the model is a typed error, and nothing of it is kept', async (_, outcome, headers, body) => {
      setting.server.answers.set(modelPath, (request, response) => sendRange(request, response, body(), headers));
      expect(await setting.page.run(tryLoad, {})).toMatchObject({ outcome: expect.stringMatching(outcome), cacheKeys: 0, willDownload: true });
      setting.server.answers.clear();
      expect(await setting.page.run(tryLoad, {})).toMatchObject({ outcome: 'loaded', cachedBytes: 0, willDownload: false });
    });

    test('a download that breaks off is a typed error, and the next load goes on where it ended', async () => {
      setting.server.answers.set(modelPath, (request, response) => sendCut(request, response, model, 3_000_000));
      expect(await setting.page.run(tryLoad, {})).toMatchObject({ outcome: expect.stringMatching(/^ModelLoadError model_unreachable: /), willDownload: true });
      setting.seenOf();
      const { outcome, cachedBytes, willDownload } = await setting.page.run(tryLoad, {});
      expect({ outcome, willDownload }).toEqual({ outcome: 'loaded', willDownload: false });
      expect(cachedBytes).toBeGreaterThanOrEqual(2_000_000);
      expect(setting.seenOf()).toMatchObject([{ range: `bytes=${cachedBytes}-`, status: 206 }]);
    });

    test('what was kept of another file than the host has now is fetched anew', async () => {
      const other = Uint8Array.from(model, (byte) => byte ^ 1);
      other.set(model.subarray(0, 100)); // no HTML
      setting.server.answers.set(modelPath, (request, response) => sendCut(request, response, other, 3_000_000));
      await setting.page.run(tryLoad, {});
      setting.server.answers.clear();
      expect(await setting.page.run(tryLoad, {})).toMatchObject({ outcome: 'loaded', willDownload: false });
      expect(setting.seenOf().map(({ status }) => status)).toEqual([200, 206, 200]);
    });

    test('a model of one’s own is kept if its hash is given, and only then', async () => {
      const own = { modelUrl: `${setting.server.otherUrl}${modelPath}` };
      expect(await setting.page.run(tryLoad, own)).toMatchObject({ outcome: 'loaded', cacheKeys: 0, willDownload: true });
      expect(await setting.page.run(tryLoad, { ...own, sha256: 'ab'.repeat(32) })).toMatchObject({ outcome: expect.stringMatching(/invalid_model: .*SHA-256/), cacheKeys: 0 });
      expect(await setting.page.run(tryLoad, { ...own, sha256 })).toMatchObject({ outcome: 'loaded', cachedBytes: 0, willDownload: false });
      expect(await setting.page.run(tryLoad, { ...own, sha256 })).toMatchObject({ outcome: 'loaded', cachedBytes: bytes });
    });

    test('a full disk does not stand in the way', async () => {
      expect(await setting.page.run(tryLoad, { workerUrl: '/pages/full-disk-worker.js' })).toMatchObject({ outcome: 'loaded', loadedBytes: bytes, cacheKeys: 0, willDownload: true });
    });

    test('of many models the oldest go', async () => {
      const kept = await setting.page.run(async () => {
        const cache = await caches.open('needle-router-models');
        for (const hash of ['1', '2', '3', '4', '5']) await cache.put(`https://needle-router.invalid/${hash.repeat(64)}/0`, new Response('x', { headers: { 'needle-total': '1' } }));
        await needle.ToolRouter.load();
        return [...new Set((await cache.keys()).map(({ url }) => new URL(url).pathname.slice(1, 65)))];
      });
      expect(kept).toEqual(['3', '4', '5'].map((hash) => hash.repeat(64)).concat(sha256));
    });
  });
}
