// SPDX-License-Identifier: Apache-2.0
// Builds with threads: where the page may share memory they are chosen and answer the same; elsewhere they are refused.
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withoutTimings } from '../e2e/suite.js';
import { answersInNode, requests, tools, type Setting } from './setting.js';

/** In the page: what a load with these options gives. */
async function routeAll({ requests, tools, options }: { requests: string[]; tools: object[]; options: object }) {
  const router = await needle.ToolRouter.load(options);
  const results = [];
  for (const request of requests) results.push(await router.route(request, tools));
  const { variant } = router;
  await router.dispose();
  return { variant, results, status: await needle.ToolRouter.status(options) };
}

export function describeThreads(setting: Setting): void {
  describe('threads', () => {
    let expected: unknown[];
    beforeAll(async () => void (expected = await answersInNode()));
    const route = (options: object) => setting.page.run(routeAll, { requests, tools, options });

    test('a page that is not isolated gets one thread, and is told what threads take', async () => {
      const { variant } = await route({});
      expect(variant).not.toMatch(/-mt$/);
      const refusal = () => needle.ToolRouter.load({ variant: 'simd-mt' }).then(() => null, ({ code, message }: Error & { code: string }) => ({ code, message }));
      expect(await setting.page.run(refusal)).toEqual({ code: 'unsupported_runtime', message: expect.stringContaining('cross-origin isolated') });
    });

    if (setting.name === 'webkit') return; // WebKitGTK never isolates a page: JSC_useSharedArrayBuffer is off

    describe('in an isolated page', () => {
      beforeEach(async () => {
        await setting.page.goto(`${setting.server.url}/isolated/pages/blank.html`);
        await setting.page.run(async () => {
          while (typeof needle === 'undefined') await new Promise((resolve) => setTimeout(resolve, 10));
        });
        expect(await setting.page.run(() => crossOriginIsolated)).toBe(true);
      });

      test('threads without being asked, and the same answers', async () => {
        const { variant, results, status } = await route({});
        expect(results.map(withoutTimings)).toEqual(expected);
        expect(variant).toMatch(/-mt$/);
        expect(status.variant).toBe(variant);
      });

      test('the other threaded build gives the same answers', async () => {
        const { variant, results } = await route({ variant: 'simd-mt' });
        expect(results.map(withoutTimings)).toEqual(expected);
        expect(variant).toBe('simd-mt');
      });

      test('threads: 1 is one thread', async () => {
        expect((await route({ threads: 1 })).variant).not.toMatch(/-mt$/);
      });

      test('whose memory ends on any of them: the build without them goes on', async () => {
        const { codes, variants, result } = await setting.page.run(async ({ requests, tools }) => {
          const router = await needle.ToolRouter.load({ maxCacheBytes: 2 ** 30 });
          const toolset = await router.tools(tools);
          const variants = [router.variant];
          const codes: string[] = [];
          const held = []; // 60 tools at a time, which all threads encode, of some 300 kB each
          for (let i = 0; i < 20 && variants.length === 1; i++) {
            const many = Array.from({ length: 60 }, (_, k) => ({ name: `tool_${i}_${k}`, description: `Does thing number ${k} of ${i} `.repeat(8) }));
            const outcomes = await Promise.allSettled([router.tools(many), toolset.route(requests[0]!)]);
            codes.push(...outcomes.map((outcome) => (outcome.status === 'fulfilled' ? 'answered' : (outcome.reason as { code: string }).code)));
            held.push(outcomes);
            if (router.variant !== variants[0]) variants.push(router.variant);
          }
          const result = await toolset.route(requests[0]!);
          await router.dispose();
          return { codes, variants, result };
        }, { requests, tools });
        expect(new Set(codes)).toEqual(new Set(['answered']));
        expect(variants).toEqual([expect.stringMatching(/-mt$/), expect.not.stringMatching(/-mt$/)]);
        expect(withoutTimings(result)).toEqual(expected[0]);
      }, 180_000);

      test.each(['scarce-memory', 'lost-thread'])('where threads cannot start, the build without them runs: %s', async (worker) => {
        const { variant, results } = await route({ workerUrl: `/pages/${worker}-worker.js` });
        expect(results.map(withoutTimings)).toEqual(expected);
        expect(variant).not.toMatch(/-mt$/);
      });

      test('a worker that hangs while its threads start is followed by another, and at last by one without', async () => {
        const workerUrl = '/pages/hung-worker.js';
        const again = await route({ workerUrl: `${workerUrl}?once`, variant: 'simd-mt' });
        expect(again.results.map(withoutTimings)).toEqual(expected);
        expect(again.variant).toBe('simd-mt');
        const { variant, results } = await route({ workerUrl });
        expect(results.map(withoutTimings)).toEqual(expected);
        expect(variant).not.toMatch(/-mt$/);
        const failure = () => needle.ToolRouter.load({ workerUrl: '/pages/hung-worker.js', variant: 'simd-mt' }).then(() => null, ({ code, message }: Error & { code: string }) => ({ code, message }));
        expect(await setting.page.run(failure)).toEqual({ code: 'engine_crashed', message: expect.stringContaining('hung while its threads started') });
      }, 120_000);
    });
  });
}
