// SPDX-License-Identifier: Apache-2.0
// How builds start and fall back; the builds themselves are run by the end-to-end tests.
import { afterEach, expect, test, vi } from 'vitest';
import { EngineHost, type HostEnvironment, type Job } from '../../js/host/engine-host.js';
import { startEngine } from '../../js/loading/start-engine.js';
import { makeError } from '../../js/protocol/errors.js';
import type { Variant } from '../../js/protocol/messages.js';
import { FakeEngine } from './fake-engine.js';

afterEach(() => vi.restoreAllMocks());

const never = () => new Promise<never>(() => {});
const wasm = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
const outOfMemory = makeError('out_of_memory', 'no room');
const job = (): Job => ({ signal: new AbortController().signal, report: () => {} });

test('a threaded build whose factory never settles counts as out of memory', async () => {
  await expect(startEngine({ variant: 'simd-mt', create: never, wasm, startMs: 10 })).rejects.toMatchObject({ code: 'out_of_memory' });
});

test('a .wasm that cannot be instantiated is not waited for', async () => {
  // Factories do not notice that: the module lacks what they ask it for, or asks for what they do not have.
  const wanting = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 7, 1, 1, 97, 1, 98, 0, 0]));
  const create = ({ instantiateWasm }: { instantiateWasm(imports: object, receive: () => void): object }) => {
    instantiateWasm({}, () => {});
    return never();
  };
  await expect(startEngine({ variant: 'simd', create: create as never, wasm: wanting })).rejects.toMatchObject({ code: 'engine_unreachable', cause: expect.any(TypeError) });
});

test('a build that gets no memory is a typed error, and its glue starts all threads but the engine’s own', async () => {
  const asked: unknown[] = [];
  const create = async ({ threads }: { threads: number }) => {
    asked.push(threads);
    throw new RangeError('WebAssembly.Memory(): could not allocate memory');
  };
  await expect(startEngine({ variant: 'simd', create: create as never, wasm, threads: 3 })).rejects.toMatchObject({ code: 'out_of_memory', message: expect.stringMatching(/could not allocate/) });
  expect(asked).toEqual([2]);
});

test('a threaded build is told its threads, one without is not', async () => {
  const engines: FakeEngine[] = [];
  class Engine extends FakeEngine {
    constructor() {
      super();
      engines.push(this);
    }
  }
  const create = async () => ({ Engine });
  for (const variant of ['simd-mt', 'simd']) await startEngine({ variant, create: create as never, wasm, threads: 2 });
  expect(engines.map(({ log }) => log)).toEqual([['threads 2'], []]);
});

test('the bound of the cache is the caller’s, else the place’s, else the engine’s own', async () => {
  const boundOf = async (ofPlace: number | undefined, given: number | undefined) => {
    const engine = new FakeEngine();
    const environment: HostEnvironment = {
      detectVariants: async () => ['simd'],
      createEngine: async () => engine,
      readModel: async (_, { reserve }) => void (await reserve(3)),
      yieldTurn: async () => {},
      ...(ofPlace !== undefined && { maxCacheBytes: ofPlace }),
    };
    await new EngineHost(environment).load({ model: {}, maxCacheBytes: given }, job());
    return engine.log;
  };
  expect([await boundOf(undefined, undefined), await boundOf(24, undefined), await boundOf(24, 7)]).toEqual([[], ['cache 24'], ['cache 7']]);
});

/** A host where the named builds run, and the engines of some fail. */
function hostOf(variants: string[], failing: Record<string, 'creating' | 'reserving'>, retryMs?: number) {
  const created: string[] = [];
  const environment: HostEnvironment = {
    detectVariants: async () => variants as Variant[],
    async createEngine(variant) {
      created.push(variant);
      if (failing[variant] === 'creating') throw outOfMemory;
      const engine = new FakeEngine();
      if (failing[variant] === 'reserving') engine.room = 2;
      return engine;
    },
    readModel: async (_, { reserve }) => void (await reserve(3)),
    yieldTurn: async () => {},
    ...(retryMs !== undefined && { retryMs }),
  };
  return { host: new EngineHost(environment), created };
}

test.each(['creating', 'reserving'] as const)('out of memory when %s with threads: the build without them is loaded', async (when) => {
  const { host, created } = hostOf(['simd-mt', 'simd'], { 'simd-mt': when });
  expect((await host.load({ model: {} }, job())).variant).toBe('simd');
  expect(created).toEqual(['simd-mt', 'simd']);
});

test('nothing to fall back to: the error is the caller’s', async () => {
  const { host, created } = hostOf(['relaxed', 'simd'], { relaxed: 'creating' });
  await expect(host.load({ model: {} }, job())).rejects.toMatchObject({ code: 'out_of_memory' });
  await expect(hostOf([], {}).host.load({ model: {} }, job())).rejects.toMatchObject({ code: 'unsupported_runtime' });
  expect(created).toEqual(['relaxed']);
});

test.each(['creating', 'reserving'] as const)('out of memory when %s without threads: once more, in a new engine', async (when) => {
  const failing: Parameters<typeof hostOf>[1] = { relaxed: when };
  const { host, created } = hostOf(['relaxed', 'simd'], failing, 300);
  const loading = host.load({ model: {} }, job());
  await vi.waitFor(() => expect(created).toEqual(['relaxed']));
  delete failing.relaxed; // what had the memory gives it back
  expect((await loading).variant).toBe('relaxed');
  expect(created).toEqual(['relaxed', 'relaxed']);
});

test('a place where memory is short for good: the second error is the caller’s', async () => {
  const { host, created } = hostOf(['relaxed'], { relaxed: 'reserving' }, 1);
  await expect(host.load({ model: {} }, job())).rejects.toMatchObject({ code: 'out_of_memory' });
  expect(created).toEqual(['relaxed', 'relaxed']);
});

test('a load that is aborted before it asks for memory again ends at once', async () => {
  const { host, created } = hostOf(['relaxed'], { relaxed: 'creating' }, 1_000_000);
  const abort = new AbortController();
  const loading = host.load({ model: {} }, { ...job(), signal: abort.signal });
  await vi.waitFor(() => expect(created).toEqual(['relaxed']));
  abort.abort();
  await expect(loading).rejects.toMatchObject({ code: 'aborted' });
  expect(created).toEqual(['relaxed']);
});

test('while threads start nothing is fetched, for a worker that hangs there keeps its locks', async () => {
  const order: string[] = [];
  const host = new EngineHost({
    detectVariants: async () => ['simd-mt'],
    createEngine: async () => (await new Promise((resolve) => setTimeout(resolve, 5)), order.push('started'), new FakeEngine()),
    readModel: async (_, { reserve }) => void (order.push('asked'), await reserve(3)),
    yieldTurn: async () => {},
  });
  await host.load({ model: {} }, job());
  expect(order).toEqual(['started', 'asked']);
});

test('what was asked for the build that failed ends before the next one asks', async () => {
  const order: string[] = [];
  const host = new EngineHost({
    detectVariants: async () => ['relaxed'],
    async createEngine() {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (order.length === 1) throw outOfMemory;
      return new FakeEngine();
    },
    async readModel(_, { signal, reserve }) {
      order.push('asked');
      if (order.length > 1) return void (await reserve(3));
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      order.push('left');
      signal.throwIfAborted();
    },
    yieldTurn: async () => {},
    retryMs: 1,
  });
  await host.load({ model: {} }, job());
  expect(order).toEqual(['asked', 'left', 'asked']);
});

test('the model is fetched while the engine starts; where both fail the engine’s error is said', async () => {
  const order: string[] = [];
  let isFailing = false;
  let start = () => {};
  const host = new EngineHost({
    detectVariants: async () => ['simd'],
    async createEngine() {
      await new Promise<void>((resolve) => (start = resolve));
      order.push('started');
      if (isFailing) throw makeError('engine_unreachable', 'no engine');
      return new FakeEngine();
    },
    async readModel(_, { reserve }) {
      order.push('asked');
      start();
      if (isFailing) throw makeError('model_unreachable', 'no model');
      await reserve(3);
      order.push('reserved');
    },
    yieldTurn: async () => {},
  });
  await host.load({ model: {} }, job());
  expect(order).toEqual(['asked', 'started', 'reserved']);
  isFailing = true;
  await expect(host.load({ model: {} }, job())).rejects.toMatchObject({ code: 'engine_unreachable' });
});

test.each([
  ['after each step, where the clock stands still while code runs', 0, undefined, 20],
  ['after each step, where slices are of no time', 1, 0, 20],
  ['after some milliseconds of steps', 1, undefined, 5],
  ['after a longer slice', 1, 10, 2],
])('the event loop gets a turn %s', async (_, msAStep, sliceMs, turns) => {
  let clock = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
  let taken = 0;
  const engine = new FakeEngine();
  const step = engine.stepRoute.bind(engine);
  engine.stepRoute = (id) => ((clock += msAStep), step(id));
  const host = new EngineHost({
    detectVariants: async () => ['simd'],
    createEngine: async () => engine,
    readModel: async (_, { reserve }) => void (await reserve(3)),
    yieldTurn: async () => void taken++,
    ...(sliceMs !== undefined && { sliceMs }),
  });
  await host.load({ model: {} }, job());
  await host.tools({ toolset: 1, tools: '[{"name":"echo"}]', options: '{}' }, job());
  taken = 0;
  await host.route({ toolset: 1, request: '{"query":"steps 21"}', isStreamed: false }, job());
  expect(taken).toBe(turns);
});
