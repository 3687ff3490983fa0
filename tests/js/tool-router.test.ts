// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test, vi } from 'vitest';
import { ToolRouter as Unbound } from '../../js/api/tool-router.js';
import type { LoadOptions, RouteResult } from '../../js/api/types.js';
import type { Transport } from '../../js/client/transport.js';
import { fakePlatform } from './fake-engine.js';

const fake = fakePlatform();
class ToolRouter extends Unbound {
  static load = (options: LoadOptions = {}, { platform } = fake) => this.loadOn(platform, options);
}
const start = async () => {
  const { platform, engines, busy } = fakePlatform();
  return { router: await ToolRouter.load({}, { platform, engines, busy }), engines };
};
const tools = [{ name: 'echo' }];

describe('ToolRouter.load', () => {
  test('reports progress and describes the model', async () => {
    const progress: unknown[] = [];
    const router = await ToolRouter.load({ model: new Uint8Array([1, 2]), variant: 'relaxed', onProgress: (step) => progress.push(step) });
    expect(router.model).toMatchObject({ name: 'fake', sizeBytes: 2 });
    expect(router.variant).toBe('relaxed');
    expect(progress).toEqual([
      { phase: 'engine', loaded: 0, total: 0, fromCache: false },
      { phase: 'model', loaded: 2, total: 2, fromCache: true },
    ]);
  });

  test('rejects with the engine’s error for a bad model', async () => {
    await expect(ToolRouter.load({ model: new Uint8Array([66]) })).rejects.toMatchObject({ name: 'ModelLoadError', code: 'invalid_model' });
  });

  test('refuses a model whose bytes were transferred away, also when a fresh engine needs them again', async () => {
    const refused = { code: 'invalid_argument', path: 'options.model' };
    const bytes = new Uint8Array([1, 2]);
    const router = await ToolRouter.load({ model: bytes });
    structuredClone(bytes, { transfer: [bytes.buffer] });
    for (const model of [bytes, bytes.buffer]) await expect(ToolRouter.load({ model })).rejects.toMatchObject(refused);
    await expect(router.route('trap', tools)).rejects.toMatchObject({ code: 'engine_crashed' });
    await expect(router.route('q', tools)).rejects.toMatchObject(refused);
  });

  test('can be aborted', async () => {
    await expect(ToolRouter.load({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('ToolRouter.memoryBytes', () => {
  test('is the engine’s, until the router is disposed', async () => {
    const { router } = await start();
    expect(await router.memoryBytes()).toBe(1 << 20);
    await router.dispose();
    await expect(router.memoryBytes()).rejects.toMatchObject({ code: 'disposed' });
  });
});

describe('ToolRouter.route', () => {
  test('says how long encoding and decoding took, which is all of it', async () => {
    const { timings } = await (await start()).router.route('q', tools);
    expect(timings.encodeMs + timings.decodeMs).toBeCloseTo(timings.engineMs, 1);
    expect(timings.decodeMs).toBeGreaterThanOrEqual(0);
  });

  test('compiles tools of the same content once', async () => {
    const { router, engines } = await start();
    await router.route('a', [{ name: 'echo', description: 'x' }]);
    await router.route('b', [{ type: 'function', function: { name: 'echo', description: 'x' } }]);
    expect(engines[0]!.log.filter((entry) => entry === 'tools')).toHaveLength(1);
  });

  test('releases the tool sets that are used least', async () => {
    const { router, engines } = await start();
    for (let i = 0; i < 20; i++) expect((await router.route('q', [{ name: `tool${i}` }])).calls[0]!.name).toBe(`tool${i}`);
    await router.route('q', [{ name: 'tool19' }]);
    expect(engines[0]!.toolsets.size).toBe(16);
  });

  test('serves concurrent requests in order, each with its own answer', async () => {
    const { router, engines } = await start();
    const queries = ['steps 9', 'steps 1', 'steps 5'];
    const results = await Promise.all(queries.map((query) => router.route(query, tools)));
    expect(results.map(({ calls }) => calls[0]!.arguments.query)).toEqual(queries);
    expect(engines[0]!.log.filter((entry) => entry.startsWith('end'))).toEqual(queries.map((query) => `end ${query}`));
  });

  test('concurrent requests with 40 tool sets all get their answers', async () => {
    const { router } = await start();
    const names = Array.from({ length: 40 }, (_, i) => `tool${i}`);
    const results = await Promise.all(names.map((name) => router.route('q', [{ name }])));
    expect(results.map(({ calls }) => calls[0]!.name)).toEqual(names);
  });

  test('an abort between two steps frees the session, and the next request is served', async () => {
    const { router, engines } = await start();
    const controller = new AbortController();
    const pending = router.route('steps 100000', tools, { signal: controller.signal });
    await vi.waitUntil(() => engines[0]!.sessions.size === 1);
    controller.abort();
    await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
    await router.route('next', tools);
    expect(engines[0]!.sessions.size).toBe(0);
    expect(engines[0]!.log).toContain('abort');
  });

  test('a request that is aborted while it waits is never begun', async () => {
    const { router, engines } = await start();
    const first = router.route('steps 20', tools);
    const controller = new AbortController();
    const second = router.route('second', tools, { signal: controller.signal });
    controller.abort();
    await expect(second).rejects.toMatchObject({ code: 'aborted' });
    await first;
    expect(engines[0]!.log).not.toContain('route second');
  });

  test('timeoutMs ends the request with a TimeoutError', async () => {
    const { router } = await start();
    await expect(router.route('steps 1000000', tools, { timeoutMs: 20 })).rejects.toMatchObject({ name: 'TimeoutError', code: 'aborted' });
  });

  test('an error of the engine has its code and path', async () => {
    const { router } = await start();
    await expect(router.route('fail', tools)).rejects.toMatchObject({ code: 'query_too_long', path: 'query' });
    await expect(router.route('q', [{ name: 'a' }, { name: 'bad' }])).rejects.toMatchObject({ name: 'SchemaError', path: 'tools[1].parameters.not' });
    await expect(router.route('q', [{ name: 'a' }, { type: 'function', function: { name: 'bad', parameters: {} } }])).rejects.toMatchObject({ path: 'tools[1].function.parameters.not' });
    await expect(router.tools({ bad: { inputSchema: {} } })).rejects.toMatchObject({ path: 'tools.bad.inputSchema.not' });
  });

  test('tools that JSON cannot carry are an error with its path; a lone surrogate is read as U+FFFD', async () => {
    const { router } = await start();
    const circular: { name: string; parameters?: object } = { name: 'a' };
    circular.parameters = circular;
    await expect(router.route('q', [circular])).rejects.toMatchObject({ code: 'invalid_argument', path: 'tools[0].parameters' });
    expect((await router.route('a\ud83d', tools)).calls[0]!.arguments.query).toBe('a\ufffd');
  });

  test('after a crash pending calls reject and the next call has a fresh engine', async () => {
    const { router, engines } = await start();
    const toolset = await router.tools(tools);
    const pending = [toolset.route('trap'), toolset.route('waiting')];
    for (const promise of pending) await expect(promise).rejects.toMatchObject({ name: 'EngineCrashedError', code: 'engine_crashed' });
    const results = await Promise.all([toolset.route('one'), toolset.route('two')]);
    expect(results.map(({ type }) => type)).toEqual(['call', 'call']);
    expect(engines).toHaveLength(2);
    expect(engines[1]!.log.filter((entry) => entry === 'tools')).toHaveLength(1);
  });

  test('where memory ends, all that is pending rejects with out_of_memory, and the next call has a fresh engine', async () => {
    const { router, engines } = await start();
    const toolset = await router.tools(tools);
    engines[0]!.room = 1000;
    const pending = [toolset.route('x'.repeat(1000)), toolset.route('waiting')];
    for (const promise of pending) await expect(promise).rejects.toMatchObject({ code: 'out_of_memory' });
    expect((await toolset.route('one')).type).toBe('call');
    expect(engines).toHaveLength(2);
  });

  test('the fixed memory of a build with threads is outgrown: a build without them answers what was pending', async () => {
    const { platform, engines, busy } = fakePlatform(['simd-mt', 'simd']);
    const router = await ToolRouter.load({}, { platform, engines, busy });
    const toolset = await router.tools(tools);
    expect(router.variant).toBe('simd-mt');
    engines[0]!.room = 1000;
    const results = await Promise.all([toolset.route('x'.repeat(1000)), toolset.route('waiting'), router.route('q', [{ name: 'other' }])]);
    expect(results.map(({ calls }) => calls[0]!.name)).toEqual(['echo', 'echo', 'other']);
    expect([router.variant, engines.length]).toEqual(['simd', 2]);
    engines[1]!.room = 1000;
    await expect(toolset.route('x'.repeat(1000))).rejects.toMatchObject({ code: 'out_of_memory' });
    expect((await toolset.route('one')).type).toBe('call');
    await router.dispose();
  });

  test('options are read once, a prototype’s too; what cannot be read is named', async () => {
    const { router } = await start();
    let reads = 0;
    const options = Object.create({ maxCalls: 1 }, { timeoutMs: { enumerable: true, get: () => (reads++ > 0 ? 'soon' : 5_000) } }) as object;
    expect((await router.route('q', tools, options)).type).toBe('call');
    await expect(router.route('q', tools, Object.create({ timeoutMs: 'soon' }) as object)).rejects.toMatchObject({ code: 'invalid_argument', path: 'options.timeoutMs' });
    const parameters = { toJSON() { throw null; } };
    await expect(router.tools([{ type: 'function', function: { name: 'a', parameters } }])).rejects.toMatchObject({ path: 'tools[0].function.parameters' });
    for (const answer of [5, { calls: null }]) {
      const onEscalate = () => answer as never;
      await expect(router.run('unsure', tools, { minConfidence: 0.9, onEscalate })).rejects.toMatchObject({ code: 'invalid_argument', path: 'options.onEscalate' });
    }
    await router.dispose();
  });

  test('what a stream said before its engine was outgrown it does not say again, and threads are not tried again', async () => {
    const { platform, engines, busy } = fakePlatform(['simd-mt', 'simd']);
    const router = await ToolRouter.load({}, { platform, engines, busy });
    const toolset = await router.tools(tools);
    const said: string[] = [];
    for await (const step of toolset.stream('steps 6')) {
      said.push(step.type);
      if (said.length === 1) engines[0]!.endMemory();
    }
    expect(said).toEqual(['partial', 'call']);
    expect(router.variant).toBe('simd');
    engines[1]!.endMemory();
    await expect(toolset.route('one')).rejects.toMatchObject({ code: 'out_of_memory' });
    expect((await toolset.route('one')).type).toBe('call');
    expect(router.variant).toBe('simd');
  });

  test('a build that the caller named is not left for another', async () => {
    const { platform, engines, busy } = fakePlatform(['simd-mt', 'simd']);
    const router = await ToolRouter.load({ variant: 'simd-mt' }, { platform, engines, busy });
    const toolset = await router.tools(tools);
    engines[0]!.room = 1000;
    await expect(toolset.route('x'.repeat(1000))).rejects.toMatchObject({ code: 'out_of_memory' });
    expect((await toolset.route('one')).type).toBe('call');
    expect([router.variant, engines.length]).toEqual(['simd-mt', 2]);
  });

  test('a fresh engine that never gets ready can be disposed of, and timed out', async () => {
    const { platform, engines, busy } = fakePlatform();
    const closed = vi.fn();
    let isStuck = false;
    const stuck: Transport = { post() {}, onMessage() {}, onFailure() {}, close: closed, setBusy() {} };
    const router = await ToolRouter.load({}, { platform: { ...platform, openTransport: (url) => (isStuck ? stuck : platform.openTransport(url)) }, engines, busy });
    isStuck = true;
    await expect(router.route('trap', tools)).rejects.toMatchObject({ code: 'engine_crashed' });
    await expect(router.tools([{ name: 'other' }], { timeoutMs: 20 })).rejects.toMatchObject({ name: 'TimeoutError' });
    const pending = expect(router.route('q', tools)).rejects.toMatchObject({ code: 'disposed' });
    await router.dispose();
    await pending;
    expect(closed).toHaveBeenCalled();
  });

  test('two routers know nothing of one another', async () => {
    const [a, b] = [await start(), await start()];
    await expect(a.router.route('trap', tools)).rejects.toMatchObject({ code: 'engine_crashed' });
    await a.router.dispose();
    expect((await b.router.route('q', tools)).type).toBe('call');
  });

  test('after dispose every call rejects with disposed', async () => {
    const { router } = await start();
    const toolset = await router.tools(tools);
    const pending = toolset.route('steps 1000000');
    await new Promise((resolve) => setTimeout(resolve, 5));
    await router.dispose();
    await expect(pending).rejects.toMatchObject({ code: 'disposed' });
    for (const call of [router.route('q', tools), router.tools(tools), toolset.route('q')]) {
      await expect(call).rejects.toMatchObject({ code: 'disposed' });
    }
  });
});

describe('ToolSet', () => {
  test('gives its memory back when disposed, after the routes under way', async () => {
    const { router, engines } = await start();
    const toolset = await router.tools(tools);
    const pending = toolset.route('steps 5');
    toolset.dispose();
    expect((await pending).type).toBe('call');
    await vi.waitUntil(() => engines[0]!.toolsets.size === 0);
    await expect(toolset.route('q')).rejects.toMatchObject({ code: 'disposed' });
  });

  test('needs no FinalizationRegistry, which workerd has by compatibility date only', async () => {
    vi.stubGlobal('FinalizationRegistry', undefined);
    vi.resetModules();
    try {
      const { ToolSet } = await import('../../js/api/tool-set.js');
      expect(new ToolSet({} as never, []).names).toEqual([]);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test('names its tools as given', async () => {
    const { router } = await start();
    expect((await router.tools([{ name: 'a.b' }, { name: 'getWeather' }])).names).toEqual(['a.b', 'getWeather']);
  });
});

describe('stream', () => {
  test('yields what changed, then the result', async () => {
    const { router } = await start();
    const steps = [];
    for await (const step of router.stream('steps 6', tools)) steps.push(step);
    expect(steps.map(({ type, calls }) => [type, calls.length])).toEqual([['partial', 1], ['call', 1]]);
  });

  test('leaving the loop aborts the request', async () => {
    const { router, engines } = await start();
    for await (const _ of router.stream('steps 3', [{ name: 'echo' }])) break;
    await router.route('next', tools);
    expect(engines[0]!.sessions.size).toBe(0);
  });

  test('throws what route() rejects with', async () => {
    const { router } = await start();
    const all = async (options: object) => {
      for await (const _ of router.stream('steps 1000000', tools, options));
    };
    await expect(all({ timeoutMs: 10 })).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(all({ minConfidance: 1 })).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  test.each([[{ signal: {} }, 'options.signal'], [null, 'options']])('a tool set refuses %j when the stream is read', async (options, path) => {
    const { router } = await start();
    const stream = (await router.tools(tools)).stream('q', options as never);
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'invalid_argument', path });
  });
});

describe('escalation', () => {
  const other = { type: 'none', calls: [], confidence: 1 } as unknown as RouteResult;

  test('a result below minConfidence goes to onEscalate, whose answer counts', async () => {
    const { router } = await start();
    const onEscalate = vi.fn(() => other);
    expect(await router.route('unsure', tools, { minConfidence: 0.5, onEscalate })).toBe(other);
    expect(onEscalate).toHaveBeenCalledWith(expect.objectContaining({ confidence: 0.2, escalated: true }), { query: 'unsure' });
  });

  test('an incomplete result escalates at any confidence', async () => {
    const { router } = await start();
    expect(await router.route('incomplete', tools, { onEscalate: () => other })).toBe(other);
  });

  test('a request in another language escalates at any confidence, and the result says why', async () => {
    const { router } = await start();
    const onEscalate = vi.fn(() => undefined);
    const result = await router.route('schalte das Licht in der Küche ein', tools, { onEscalate });
    expect(result).toMatchObject({ escalated: true, warnings: [expect.stringContaining('English')] });
    expect(onEscalate).toHaveBeenCalledOnce();
    expect((await router.route('sure', tools)).warnings).toEqual([]);
  });

  test('a sure result does not, and an undefined answer keeps the router’s', async () => {
    const { router } = await start();
    const onEscalate = vi.fn(() => undefined);
    expect(await router.route('sure', tools, { minConfidence: 0.5, onEscalate })).toMatchObject({ escalated: false });
    expect(onEscalate).not.toHaveBeenCalled();
    expect(await router.route('unsure', tools, { minConfidence: 0.5, onEscalate })).toMatchObject({ escalated: true, confidence: 0.2 });
  });

  test('the timeout ends the wait for onEscalate, too', async () => {
    const { router } = await start();
    const options = { timeoutMs: 50, onEscalate: () => new Promise<never>(() => {}) };
    const timeout = { name: 'TimeoutError', code: 'aborted' };
    await expect(router.route('incomplete', tools, options)).rejects.toMatchObject(timeout);
    await expect(router.run('incomplete', tools, options)).rejects.toMatchObject(timeout);
    await expect(router.stream('incomplete', tools, options).next()).rejects.toMatchObject(timeout);
    const onEscalate = async () => { throw new Error('no network'); };
    await expect(router.route('incomplete', tools, { timeoutMs: 1000, onEscalate })).rejects.toThrow('no network');
  });
});
