// SPDX-License-Identifier: Apache-2.0
// Runs in: both (where there is a Cache API: pages and their workers)
// What is kept of a model between loads: its bytes from the start, in parts of one size, in the Cache API, under the
// SHA-256 that the whole must have. A download that breaks off leaves the parts that arrived, and the next one goes on
// after them; a model is kept whole when no part is missing. OPFS could append to one file instead, but takes an
// exclusive handle (a second tab must wait or fail) and is missing in more places (private windows, older WebKit).
// Keeping is a favour: where there is no cache, no room in it, or it is broken, loading works all the same.

const cacheName = 'needle-router-models';
const partBytes = 512 << 10;
/** Of more models than these the oldest go, whole or not. */
const maxModels = 4;

export interface Kept {
  bytes: number;
  total: number;
}
const nothing: Kept = { bytes: 0, total: 0 };

export class ModelStore {
  readonly #cache: Cache;
  readonly #sha256: string;
  #isWriting = true;
  #writes: Promise<unknown> = Promise.resolve();
  #part = new Uint8Array();
  #partIndex = 0;
  #partFilled = 0;

  private constructor(cache: Cache, sha256: string) {
    this.#cache = cache;
    this.#sha256 = sha256;
  }

  /** Nothing is kept of a model whose hash nobody knows: a changed file could not be told from a kept one. */
  static async open(sha256: string | undefined): Promise<ModelStore | undefined> {
    if (sha256 === undefined || typeof caches === 'undefined') return undefined;
    try {
      return new ModelStore(await caches.open(cacheName), sha256.toLowerCase());
    } catch {
      return undefined; // some private windows have the API and refuse its use
    }
  }

  /** Lets one of several loads of this model do the work, in whichever tab; the others wait and find it done. */
  async alone(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    if (!navigator.locks) return work();
    await navigator.locks.request(`needle-router/model/${this.#sha256}`, { signal }, work);
  }

  /** How much is kept from the start, of how much; nothing when the total is not `expected`, if that is known, or the cache fails. */
  async kept(expected?: number): Promise<Kept> {
    try {
      const total = Number((await this.#cache.match(this.#key(0)))?.headers.get('needle-total') ?? 0);
      if (total === 0 || total !== (expected ?? total)) return nothing;
      const urls = new Set((await this.#cache.keys()).map(({ url }) => url));
      let parts = 0;
      while (parts * partBytes < total && urls.has(this.#key(parts))) parts++;
      return { bytes: Math.min(parts * partBytes, total), total };
    } catch {
      return nothing;
    }
  }

  /** The kept bytes, part by part, up to one that is gone by now (another tab made room) or cannot be read. */
  async *read(keptBytes: number): AsyncGenerator<Uint8Array> {
    const parts = Array.from({ length: Math.ceil(keptBytes / partBytes) }, (_, index) => this.#cache.match(this.#key(index)).catch(() => undefined));
    for (const [index, part] of parts.entries()) {
      const bytes = await (await part)?.arrayBuffer().catch(() => undefined);
      if (bytes?.byteLength !== Math.min(partBytes, keptBytes - index * partBytes)) return;
      yield new Uint8Array(bytes);
    }
  }

  /** Says where the bytes that keep() will get begin: after what is kept, or at 0. */
  startAt(offset: number): void {
    this.#partIndex = Math.floor(offset / partBytes);
    this.#partFilled = 0;
  }

  /** Keeps bytes that follow on the last ones, as soon as they fill a part. Never waits and never fails. */
  keep(bytes: Uint8Array, total: number): void {
    for (let taken = 0; this.#isWriting && taken < bytes.length; ) {
      if (this.#partFilled === 0) this.#part = new Uint8Array(Math.min(partBytes, total - this.#partIndex * partBytes));
      const piece = bytes.subarray(taken, taken + this.#part.length - this.#partFilled);
      this.#part.set(piece, this.#partFilled);
      this.#partFilled += piece.length;
      taken += piece.length;
      if (this.#partFilled === this.#part.length) this.#write(this.#key(this.#partIndex++), this.#part, total);
    }
  }

  #write(key: string, part: Uint8Array<ArrayBuffer>, total: number): void {
    this.#partFilled = 0;
    const headers = { 'content-type': 'application/octet-stream', 'needle-total': String(total) };
    this.#writes = this.#writes.then(async () => {
      if (!this.#isWriting) return;
      try {
        await this.#cache.put(key, new Response(part, { headers }));
      } catch {
        this.#isWriting = false; // no room: give back what we took
        await this.#deleteParts();
      }
    });
  }

  /** Ends the keeping of a whole, checked model: waits for the writes and makes room for others. */
  async finish(): Promise<void> {
    await this.#writes;
    const requests = await this.#cache.keys().catch(() => []);
    const models = new Set(requests.map(({ url }) => url.slice(0, url.lastIndexOf('/'))));
    models.delete(this.#modelUrl());
    for (const model of [...models].slice(0, Math.max(0, models.size + 1 - maxModels))) await this.#deleteParts(model);
  }

  /** Waits for the writes of a download that broke off, so that the next one finds what arrived. */
  async settle(): Promise<void> {
    await this.#writes;
  }

  async drop(): Promise<void> {
    await this.#writes;
    await this.#deleteParts();
  }

  async #deleteParts(model = this.#modelUrl()): Promise<void> {
    try {
      for (const { url } of await this.#cache.keys()) if (url.startsWith(`${model}/`)) await this.#cache.delete(url);
    } catch {
      // The cache went away under us (site data cleared): nothing is kept, which is what was wanted.
    }
  }

  /** The Cache API wants URLs; nothing is ever fetched from this one. */
  #modelUrl(): string {
    return `https://needle-router.invalid/${this.#sha256}`;
  }
  #key(part: number): string {
    return `${this.#modelUrl()}/${part}`;
  }
}
