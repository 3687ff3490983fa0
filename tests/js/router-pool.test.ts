// SPDX-License-Identifier: Apache-2.0
// The pool's own part: who gets a request, and what is left when a load fails. Routers are scripted.
import { expect, test, vi } from 'vitest';
import { RouterPool } from '../../js/api/router-pool.js';
import { RouterPool as Loaded } from '../../js/entry/pool.js';

/** A router whose requests end when the test says so. */
class HeldRouter {
  readonly waiting: { query: unknown; end: () => void }[] = [];
  isDisposed = false;
  readonly model = { name: 'held' } as never;
  readonly variant = 'simd' as never;
  route = (query: unknown) => new Promise<never>((resolve) => this.waiting.push({ query, end: () => resolve({ type: 'none' } as never) }));
  async *stream() {
    yield { type: 'partial', calls: [] } as never;
    yield { type: 'none' } as never;
  }
  dispose = async () => void (this.isDisposed = true);
}

class Pool extends RouterPool {
  static async over(options: object, load: () => Promise<HeldRouter>, spareCores = 1) {
    return new Pool((await this.fill(options, spareCores, load as never)) as never);
  }
}

async function poolOf(workers: number) {
  const routers: HeldRouter[] = [];
  const pool = await Pool.over({ workers }, async () => (routers.push(new HeldRouter()), routers.at(-1)!));
  return { pool, routers };
}

test('each request goes to the router with the least to do', async () => {
  const { pool, routers } = await poolOf(2);
  const first = pool.route('a', []);
  const rest = [pool.route('b', []), pool.route('c', [])];
  expect(routers.map(({ waiting }) => waiting.map(({ query }) => query))).toEqual([['a', 'c'], ['b']]);
  expect(pool.pending).toBe(3);
  routers[1]!.waiting[0]!.end();
  await rest[0];
  void pool.route('d', []);
  expect(routers[1]!.waiting.map(({ query }) => query)).toEqual(['b', 'd']);
  routers[0]!.waiting[0]!.end();
  expect(await first).toEqual({ type: 'none' });
  expect(pool.pending).toBe(2);
});

test('a stream counts while it is read, and no longer when it is left', async () => {
  const { pool } = await poolOf(1);
  for await (const step of pool.stream('a', [])) {
    expect([step.type, pool.pending]).toEqual(['partial', 1]);
    break;
  }
  expect(pool.pending).toBe(0);
});

test('when one engine cannot be loaded, the others are ended and the error is its own', async () => {
  const routers: HeldRouter[] = [];
  let loads = 0;
  const load = async () => {
    if (++loads === 2) throw new Error('no memory');
    routers.push(new HeldRouter());
    return routers.at(-1)!;
  };
  await expect(Pool.over({ workers: 3 }, load)).rejects.toThrow('no memory');
  expect(routers.map(({ isDisposed }) => isDisposed)).toEqual([true, true]);
});

const circular: { self?: object } = {};
circular.self = circular;

test.each([0, -1, 1.5, 100, '2', 5n, NaN, circular])('%o is no number of workers', async (workers) => {
  await expect(Pool.over({ workers }, async () => new HeldRouter())).rejects.toMatchObject({ code: 'invalid_argument', path: 'options.workers' });
});

test.each([
  [() => null, 'options'],
  [() => [4], 'options'],
  [() => ({ worker: 4 }), 'options.worker'],
  [() => ({ get workers() { throw new Error('no'); } }), 'options.workers'],
])('%s are refused at %s, and nothing is loaded', async (make, path) => {
  const options = make() as object;
  const load = vi.fn();
  await expect(Pool.over(options, load)).rejects.toMatchObject({ code: 'invalid_argument', path });
  await expect(Loaded.load(options)).rejects.toMatchObject({ code: 'invalid_argument', path });
  expect(load).not.toHaveBeenCalled();
});

test.each([[0, 1], [7, 7], [127, 99]])('with %d cores to spare there are %d engines', async (cores, size) => {
  expect((await Pool.over({}, async () => new HeldRouter(), cores)).size).toBe(size);
});

test('disposing ends all', async () => {
  const { pool, routers } = await poolOf(2);
  await pool[Symbol.asyncDispose]();
  expect(routers.map(({ isDisposed }) => isDisposed)).toEqual([true, true]);
});
