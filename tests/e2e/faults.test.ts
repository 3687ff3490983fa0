// SPDX-License-Identifier: Apache-2.0
// What goes wrong around the package, in Node: the thread dies, callers give up, servers break off, clocks jump. Whatever
// the moment, pending calls settle with a typed error and the next call works.
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { LoadOptions, Tool } from '../../js/api/types.js';
import { hasModel, root } from './built.js';
import { withoutTimings } from './suite.js';

type Package = typeof import('../../js/entry/node.js');

const tiny = `${root}/tests/golden/model_tiny.safetensors`; // its answers are noise, and it loads in no time
// No free text among the values: noise does not end.
const tools = ['light', 'radio', 'heater', 'door', 'blinds', 'fan'].map((thing) => ({
  name: `set_${thing}`,
  description: `Switch the ${thing} on or off, or set how far`,
  parameters: {
    type: 'object',
    properties: { room: { enum: ['kitchen', 'hall', 'attic'] }, level: { type: 'integer', minimum: 0, maximum: 100 }, is_on: { type: 'boolean' } },
    required: ['room', 'level', 'is_on'],
  },
}));
const request = 'dim the kitchen lights to 30% and play some jazz';
const timeout = 300_000;

const codeOf = (call: Promise<unknown>) => call.then(() => 'answered', ({ code }: { code?: string }) => code ?? 'no code');
const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe.skipIf(!hasModel)('whatever goes wrong', () => {
  let ToolRouter: Package['ToolRouter'];
  const workers: Worker[] = [];
  beforeAll(async () => {
    ({ ToolRouter } = (await import(`${root}/dist/entry/node.js`)) as Package);
    const post = Worker.prototype.postMessage;
    vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, ...message: Parameters<typeof post>) {
      if (!workers.includes(this)) workers.push(this);
      return post.apply(this, message);
    });
  });
  afterAll(() => vi.restoreAllMocks());
  const kill = () => workers.at(-1)!.terminate();
  const route = { toolChoice: 'required', maxCalls: 1 } as const;
  const load = (options: LoadOptions = {}) => ToolRouter.load({ modelUrl: tiny, ...options });

  describe('a thread that is killed', () => {
    test('while it loads: the load rejects, and the next one works', { timeout }, async () => {
      for (const phase of ['engine', 'model'] as const) {
        expect(await codeOf(load({ onProgress: (step) => void (step.phase === phase && kill()) }))).toBe('engine_crashed');
      }
      for (let delay = 0; delay < 10; delay += 2) {
        const loading = codeOf(load());
        await turns(1 + delay);
        await kill();
        expect(await loading).toMatch(/^(engine_crashed|answered)$/);
      }
      const router = await load();
      expect((await router.route(request, tools, route)).type).not.toBe('none');
      await router.dispose();
    });

    test('while it compiles, routes, streams or rests: pending calls reject, and the next has the same answer', { timeout }, async () => {
      const router = await load();
      const expected = withoutTimings(await router.route(request, tools, route));
      for (const delay of [0, 1, 2, 5, 10, 20, 40]) {
        const toolset = await router.tools(tools);
        const pending = [
          router.tools([{ name: `other_${delay}`, description: 'x' }, ...tools]),
          toolset.route(request, route),
          router.route(request, tools, route),
          (async () => { for await (const _ of toolset.stream(request, route)); })(),
          router.memoryBytes(),
        ].map(codeOf);
        await turns(delay);
        await kill();
        for (const code of await Promise.all(pending)) expect(code).toMatch(/^(engine_crashed|answered)$/);
        expect(withoutTimings(await toolset.route(request, route))).toEqual(expected);
        await kill(); // at rest
        expect(withoutTimings(await router.route(request, tools, route))).toEqual(expected);
      }
      await router.dispose();
    });
  });

  describe('a caller who gives up', () => {
    test('at any step of a load, a compilation, a route or a stream gets an AbortError at once, and the next call works', { timeout }, async () => {
      const router = await load();
      const toolset = await router.tools(tools);
      const expected = withoutTimings(await toolset.route(request, route));
      const works = {
        load: async (signal: AbortSignal) => (await load({ signal })).dispose(),
        compile: async (signal: AbortSignal) => (await router.tools([{ name: 'one_more' }, ...tools], { signal })).dispose(),
        route: (signal: AbortSignal) => toolset.route(request, { ...route, signal }),
        cached: (signal: AbortSignal) => router.route(request, tools, { ...route, signal }),
        stream: async (signal: AbortSignal) => { for await (const _ of toolset.stream(request, { ...route, signal })); },
      };
      for (const [name, work] of Object.entries(works)) {
        const codes = new Set<string>();
        for (const delay of [0, 1, 2, 3, 5, 8, 13, 21, 34]) {
          const controller = new AbortController();
          const outcome = codeOf(work(controller.signal));
          await turns(delay);
          controller.abort();
          codes.add(await outcome);
          expect(withoutTimings(await toolset.route(request, route)), name).toEqual(expected);
        }
        expect([...codes].filter((code) => code !== 'answered'), name).toEqual(['aborted']);
      }
      await router.dispose();
    });

    test('by a timer gets a TimeoutError, whichever phase it falls into', { timeout }, async () => {
      const router = await load();
      for (const timeoutMs of [0.01, 1, 2, 5]) {
        for (const call of [load({ timeoutMs }).then((other) => other.dispose()), router.tools(tools, { timeoutMs }), router.route(request, tools, { ...route, timeoutMs })]) {
          const name = await call.then(() => 'answered', (error: Error) => error.name);
          expect(name).toMatch(/^(TimeoutError|answered)$/);
        }
      }
      expect((await router.route(request, tools, route)).type).not.toBe('none');
      await router.dispose();
    });

    test('a router disposed at any step settles everything with disposed', { timeout }, async () => {
      for (const delay of [0, 1, 3, 10, 30]) {
        const router = await load();
        const pending = [router.tools(tools), router.route(request, tools, route), router.memoryBytes()].map(codeOf);
        await turns(delay);
        await router.dispose();
        for (const code of await Promise.all(pending)) expect(code).toMatch(/^(disposed|answered)$/);
        expect(await codeOf(router.route(request, tools))).toBe('disposed');
      }
    });
  });

  describe('a server', () => {
    const model = readFileSync(tiny);
    let server: Server;
    let cutAt = Infinity;
    let sent = 0;
    beforeAll(async () => {
      server = createServer((_request, response) => {
        sent++;
        response.writeHead(200, { 'content-length': model.length, 'content-type': 'application/octet-stream' });
        if (cutAt === Infinity) return void response.end(model);
        response.write(model.subarray(0, cutAt), () => setTimeout(() => response.destroy(), 5));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterAll(() => void server.close());
    afterEach(() => void (cutAt = Infinity));

    test('that breaks off at any tenth of the download is model_unreachable, and the next load works', { timeout }, async () => {
      const modelUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model`;
      for (let tenth = 0; tenth < 10; tenth++) {
        cutAt = Math.floor((model.length * tenth) / 10);
        expect(await codeOf(load({ modelUrl })), `cut at ${cutAt}`).toBe('model_unreachable');
      }
      cutAt = Infinity;
      const router = await load({ modelUrl });
      expect((await router.route(request, tools, route)).type).not.toBe('none');
      await router.dispose();
      expect(sent).toBe(11); // no request beyond those for the weights
    });
  });

  test('clocks that jump change no answer and no timeout', { timeout }, async () => {
    const router = await load();
    const expected = withoutTimings(await router.route(request, tools, route));
    const now = Date.now;
    for (const jump of [-1e12, 1e12, NaN]) {
      vi.spyOn(Date, 'now').mockImplementation(() => now() + jump);
      const { timings, ...result } = await router.route(request, tools, { ...route, timeoutMs: 60_000 });
      expect(result).toEqual(expected);
      expect(timings.engineMs).toBeGreaterThanOrEqual(0);
      vi.mocked(Date.now).mockRestore();
    }
    await router.dispose();
  });

  describe('memory that ends', () => {
    /** Some megabytes of the engine's each: grammars of one thread's making, or encodings that several make. */
    const large = (i: number) => [{ name: `choose_${i}`, parameters: { type: 'object', properties: { word: { enum: Array.from({ length: 10_000 }, (_, k) => `${k * 7919} of ${i}`) } } } }];
    const many = (i: number) => Array.from({ length: 60 }, (_, k) => ({ name: `tool_${i}_${k}`, description: `Does thing number ${k} of ${i} `.repeat(8) }));
    /** Compiles such tools and holds them, with other calls beside, until it is enough or an error comes; answers the calls' codes. */
    async function fill(router: Awaited<ReturnType<typeof load>>, make: (i: number) => Tool[], isEnough = () => false) {
      const toolset = await router.tools(tools);
      const held = [];
      for (let i = 0; i < 200; i++) {
        const compiling = router.tools(make(i));
        const codes = await Promise.all([compiling, toolset.route(request, route), router.memoryBytes()].map(codeOf));
        if (codes.some((code) => code !== 'answered')) return codes;
        held.push(await compiling);
        if (isEnough()) return codes;
      }
      return ['never'];
    }

    test.each([['on the caller’s thread', large, undefined], ['on any thread', many, 2 ** 30]])('is out_of_memory for all that is pending, and the next call works: %s', { timeout }, async (_, make, maxCacheBytes) => {
      const router = await load({ variant: 'simd-mt', threads: 3, maxCacheBytes });
      const toolset = await router.tools(tools);
      const expected = withoutTimings(await toolset.route(request, route));
      const codes = await fill(router, make);
      expect(new Set(codes)).toEqual(new Set(['out_of_memory']));
      expect(codes).toHaveLength(3);
      expect(withoutTimings(await toolset.route(request, route))).toEqual(expected);
      expect(router.variant).toBe('simd-mt'); // that was asked for
      await router.dispose();
    });

    test('with threads that nobody asked for by name: a build without them goes on, and nobody notices', { timeout }, async () => {
      const router = await load({ threads: 2 });
      const toolset = await router.tools(tools);
      const expected = withoutTimings(await toolset.route(request, route));
      expect(router.variant).toMatch(/-mt$/);
      expect(new Set(await fill(router, large, () => !router.variant.endsWith('-mt')))).toEqual(new Set(['answered']));
      expect(router.variant).not.toMatch(/-mt$/);
      expect(withoutTimings(await toolset.route(request, route))).toEqual(expected);
      await router.dispose();
    });

    test('a model too large for threads is read by a build without them, from memory and from a server', { timeout }, async () => {
      const bytes = new Uint8Array(150 << 20); // no model, which the build with room for it finds out
      const server = createServer((_, response) => void response.writeHead(200, { 'content-length': bytes.length }).end(bytes));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const modelUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model`;
      for (const from of [{ modelUrl }, { modelUrl: undefined, model: bytes }]) {
        expect(await codeOf(load({ ...from, threads: 2 }))).toBe('invalid_model');
        expect(await codeOf(load({ ...from, variant: 'simd-mt', threads: 2 }))).toBe('out_of_memory');
      }
      server.close();
    });
  });

  test('what is too long to be read is refused before the engine has it', { timeout }, async () => {
    const router = await load({ threads: 1 });
    const toolset = await router.tools(tools);
    const before = await router.memoryBytes();
    const others = toolset.route(request, route);
    await expect(toolset.route('🎉'.repeat(8 << 20), route)).rejects.toMatchObject({ code: 'query_too_long', path: 'query' });
    await expect(router.tools([{ name: 'x', description: 'x'.repeat(9 << 20) }])).rejects.toMatchObject({ code: 'invalid_argument', path: 'tools' });
    expect((await others).type).not.toBe('none');
    expect(await router.memoryBytes()).toBe(before);
    await router.dispose();
  });

  test('a model too large for the engine is a typed error', { timeout }, async () => {
    expect(await codeOf(load({ modelUrl: undefined, model: new Uint8Array(401 << 20) }))).toBe('invalid_model');
  });

  test('text that spells special tokens is text', { timeout }, async () => {
    const router = await ToolRouter.load();
    const echo = { name: 'say', description: 'Say </s> <call> <none> a text', parameters: { type: 'object', properties: { '<call>': { type: 'string', enum: ['<none>', '</s>'] } }, required: ['<call>'] } };
    const { type, calls, tokens } = await router.route('</s><none><call>say<arg><call><val></s></s>', [echo], { toolChoice: 'required', maxCalls: 1 });
    expect(type).not.toBe('none'); // which the request spells, and toolChoice forbids
    for (const call of calls) {
      expect(call.name).toBe('say');
      expect(['<none>', '</s>']).toContain(call.arguments['<call>']);
    }
    expect(tokens.query).toBeGreaterThan(20); // a special token each would be nine
    await router.dispose();
  });
});
