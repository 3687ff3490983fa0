// SPDX-License-Identifier: Apache-2.0
// Routing in a page: the same answers as everywhere, in streams, in crowds, cut short, and without a frame lost.
import { cpus } from 'node:os';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { withoutTimings } from '../e2e/suite.js';
import { answersInNode, manifest, readModelFile, requests, tools, type Setting } from './setting.js';

/** How much of the processors' time goes unused. */
async function idleShare(ms: number): Promise<number> {
  const sum = () => {
    const times = cpus().map(({ times }) => times);
    return { idle: times.reduce((total, { idle }) => total + idle, 0), all: times.flatMap(Object.values<number>).reduce((total, time) => total + time, 0) };
  };
  const before = sum();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const after = sum();
  return (after.idle - before.idle) / (after.all - before.all);
}

export function describeRouting(setting: Setting): void {
  describe('routing', () => {
    let expected: unknown[];
    beforeAll(async () => void (expected = await answersInNode()));

    test('load() takes one line, reports its progress, and routes as in Node', async () => {
      const { status, progress, results, variant } = await setting.page.run(async ({ requests, tools }) => {
        const status = await needle.ToolRouter.status();
        const progress: import('../../js/api/types.js').LoadProgress[] = [];
        const router = await needle.ToolRouter.load({ onProgress: (step) => progress.push(step) });
        const results = [];
        for (const request of requests) results.push(await router.route(request, tools));
        return { status, progress, results, variant: router.variant };
      }, { requests, tools });
      expect(results.map(withoutTimings)).toEqual(expected);
      expect(status).toMatchObject({ variant, willDownload: true, model: { bytes: manifest.bytes } });
      expect(progress[0]).toEqual({ phase: 'engine', loaded: 0, total: 0, fromCache: false });
      expect(progress.at(-1)).toEqual({ phase: 'model', loaded: manifest.bytes, total: manifest.bytes, fromCache: false });
      const loaded = progress.map((step) => step.loaded);
      expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
      expect(setting.seenOf()).toHaveLength(1);
    });

    test('the baseline build gives the same answers', async () => {
      const results = await setting.page.run(async ({ requests, tools }) => {
        const router = await needle.ToolRouter.load({ variant: 'simd' });
        return Promise.all(requests.map((request) => router.route(request, tools)));
      }, { requests, tools });
      expect(results.map(withoutTimings)).toEqual(expected);
    });

    test('stream() yields the calls as they are decided, then the result; leaving it aborts the request', async () => {
      const { steps, result, next } = await setting.page.run(async ({ requests, tools }) => {
        const router = await needle.ToolRouter.load();
        const result = await router.route(requests[1]!, tools);
        const steps = [];
        for await (const step of router.stream(requests[1]!, tools)) steps.push(step);
        for await (const _ of router.stream(requests[1]!, tools)) break;
        return { steps, result, next: await router.route(requests[1]!, tools) };
      }, { requests, tools });
      const partials = steps.slice(0, -1);
      expect(partials.length).toBeGreaterThan(1);
      expect(partials.every(({ type }) => type === 'partial')).toBe(true);
      expect(new Set(partials.map((step) => JSON.stringify(step))).size).toBe(partials.length);
      expect(withoutTimings(steps.at(-1) as typeof result)).toEqual(withoutTimings(result));
      expect(withoutTimings(next)).toEqual(withoutTimings(result));
    });

    test('aborts and timeouts end a load, a compilation, a route and a stream', async () => {
      const model = readModelFile();
      setting.server.answers.set('/slow', (_, response) => void response.writeHead(200, { 'content-length': model.length }).write(model.subarray(0, 100_000)));
      const names = await setting.page.run(async ({ requests, tools, sha256 }) => {
        const nameOf = async (work: (signal: AbortSignal, abort: () => void) => Promise<unknown>) => {
          const controller = new AbortController();
          return work(controller.signal, () => controller.abort()).then(() => 'nothing', (error: Error) => error.name);
        };
        const load = (signal: AbortSignal, abort: () => void) =>
          needle.ToolRouter.load({ signal, modelUrl: '/slow', sha256, onProgress: ({ loaded }) => loaded > 0 && abort() });
        const atOnce = <Value>(promise: Promise<Value>, abort: () => void) => (setTimeout(abort, 1), promise);
        const router = await needle.ToolRouter.load();
        const outcomes = {
          load: await nameOf(load),
          loadInTime: await nameOf(() => needle.ToolRouter.load({ modelUrl: '/slow', timeoutMs: 200 })),
          compile: await nameOf((signal, abort) => atOnce(router.tools(tools, { signal }), abort)),
          route: await nameOf((signal, abort) => atOnce(router.route(requests[1]!, tools, { signal }), abort)),
          routeInTime: await nameOf(() => router.route('turn on the lights', [...tools, { name: 'another' }], { timeoutMs: 1 })),
          stream: await nameOf(async (signal, abort) => {
            for await (const _ of router.stream(requests[1]!, tools, { signal })) abort();
          }),
        };
        return { ...outcomes, next: (await router.route(requests[0]!, tools)).type };
      }, { requests, tools, sha256: 'ab'.repeat(32) });
      expect(names).toEqual({
        load: 'AbortError', loadInTime: 'TimeoutError', compile: 'AbortError', route: 'AbortError', routeInTime: 'TimeoutError', stream: 'AbortError',
        next: 'call',
      });
      const downloads = setting.server.seen.filter(({ url }) => url === '/slow');
      expect(downloads.length).toBeGreaterThan(0);
      await vi.waitUntil(() => downloads.every(({ wasLeft }) => wasLeft), 5000);
    });

    test('50 concurrent requests are answered as they are one by one', async () => {
      const results = await setting.page.run(async ({ requests, tools }) => {
        const router = await needle.ToolRouter.load();
        return Promise.all(Array.from({ length: 50 }, (_, i) => router.route(requests[i % requests.length]!, tools)));
      }, { requests, tools });
      expect(results.map(withoutTimings)).toEqual(Array.from({ length: 50 }, (_, i) => expected[i % requests.length]));
    });

    test('two routers on a page are independent', async () => {
      const { code, other } = await setting.page.run(async ({ requests, tools }) => {
        const [one, two] = await Promise.all([needle.ToolRouter.load(), needle.ToolRouter.load()]);
        const pending = Promise.all(requests.map((request) => two.route(request, tools)));
        const ended = one.route(requests[0]!, tools).catch((error: { code: string }) => error.code);
        await one.dispose();
        return { code: await ended, other: await pending };
      }, { requests, tools });
      expect(code).toBe('disposed');
      expect(other.map(withoutTimings)).toEqual(expected);
      expect(setting.seenOf()).toHaveLength(1); // the second load waited for the first one's download
    });

    test('the page keeps its frame rate while it routes', { retry: 2 }, async ({ skip }) => {
      let share = 0;
      for (let tries = 0; tries < 40 && share < 0.4; tries++) share = await idleShare(500); // quiet may come
      skip(share < 0.4, `the machine is busy (${Math.round(100 * share)}% idle): frames cannot be counted on it`);
      const { idle, routing, routed } = await setting.page.run(async ({ requests, tools }) => {
        const framesIn = (ms: number) =>
          new Promise<number>((resolve) => {
            const end = performance.now() + ms;
            let frames = 0;
            const count = () => (performance.now() < end ? (frames++, requestAnimationFrame(count)) : resolve(frames));
            requestAnimationFrame(count);
          });
        const router = await needle.ToolRouter.load();
        await router.route(requests[0]!, tools);
        let idle = 0;
        let routing = 0;
        let routed = 0;
        for (let turn = 0; turn < 2; turn++) { // in turns, because the machine may have other things to do as well
          idle += await framesIn(750);
          let isOver = false;
          const caller = async () => {
            for (let i = 0; !isOver; i++) routed += Number(Boolean(await router.route(requests[i % requests.length]!, tools)));
          };
          const callers = [caller(), caller(), caller(), caller()];
          routing += await framesIn(750);
          isOver = true;
          await Promise.all(callers);
        }
        return { idle, routing, routed };
      }, { requests, tools });
      expect(routed).toBeGreaterThan(3);
      expect(routing).toBeGreaterThan(0.9 * idle);
    });
  });
}
