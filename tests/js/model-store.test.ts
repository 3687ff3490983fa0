// SPDX-License-Identifier: Apache-2.0
// Keeping a model is a favour: however the cache fails, the load goes on over the network. Browsers' own caches are
// tested in tests/browser.
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ModelStore } from '../../js/loading/model-store.js';
import { readModel } from '../../js/loading/read-model.js';
import { willDownload } from '../../js/platform/web.js';

const bytes = Uint8Array.from({ length: (512 << 10) * 3 + 7 }, (_, i) => i * 7);
const sha256 = createHash('sha256').update(bytes).digest('hex');
const source = { url: 'https://models.example/m', sha256 };

/** A Cache that can be told to fail. */
class FakeCache {
  readonly entries = new Map<string, Response>();
  failing = new Set<string>();
  match = async (url: string) => (this.#check('match'), this.entries.get(url)?.clone());
  keys = async () => (this.#check('keys'), [...this.entries.keys()].map((url) => ({ url })));
  put = async (url: string, response: Response) => void (this.#check('put'), this.entries.set(url, response));
  delete = async (url: string) => this.entries.delete(url);
  #check(method: string): void {
    if (this.failing.has(method)) throw new DOMException('the database is damaged', 'UnknownError');
  }
}

let cache: FakeCache;
let ranges: (string | undefined)[];
beforeEach(() => {
  cache = new FakeCache();
  ranges = [];
  vi.stubGlobal('navigator', {});
  vi.stubGlobal('caches', { open: async () => cache });
  vi.stubGlobal('fetch', async (_: string, { headers }: { headers?: { range: string } }) => {
    ranges.push(headers?.range);
    const body = bytes.slice(Number(/\d+/.exec(headers?.range ?? '0')![0]));
    return new Response(body, { status: headers ? 206 : 200, headers: { 'content-length': String(body.length) } });
  });
});
afterEach(() => vi.unstubAllGlobals());

async function load(): Promise<void> {
  const memory = new Uint8Array(bytes.length);
  await readModel(source, { reserve: async () => memory, report: () => {}, signal: new AbortController().signal }, { openStore: ModelStore.open });
  expect(Buffer.compare(memory, bytes)).toBe(0);
}

test('what is whole is not fetched again', async () => {
  await load();
  expect(await willDownload(source)).toBe(false);
  await load();
  expect(ranges).toEqual([undefined]);
});

test.each(['match', 'keys', 'put'])('a cache whose %s() fails is as good as none', async (method) => {
  if (method !== 'put') await load();
  ranges = [];
  cache.failing.add(method);
  expect(await willDownload(source)).toBe(true);
  await load();
  expect(ranges).toEqual([undefined]);
});

test('a cache that breaks while the model is fetched keeps nothing and fails nothing', async () => {
  cache.put = async () => void ['keys', 'match'].forEach((method) => cache.failing.add(method));
  await load();
});

test.each(['is gone', 'is cut short', 'cannot be read'])('of kept parts of which one %s by the time it is read, those before it count', async (how) => {
  await load();
  ranges = [];
  const match = cache.match;
  let asked = 0;
  cache.match = async (url) => {
    if (!url.endsWith('/2') || asked++ > 0) return match(url);
    if (how === 'cannot be read') throw new DOMException('no', 'NotReadableError');
    return how === 'is gone' ? undefined : new Response(new Uint8Array(5));
  };
  await load();
  expect(ranges).toEqual([`bytes=${1 << 20}-`]);
  await load(); // what was fetched is kept in its place
  expect(ranges).toHaveLength(1);
});
