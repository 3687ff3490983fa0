// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// A model over the network, into the engine's memory as it arrives; what is kept of an earlier download is not fetched
// again. A connection that breaks leaves what arrived for the next try; anything that turns out not to be the model
// (an HTML page, a file of another size, other bytes) leaves nothing.
import { abortError, makeError, NeedleError } from '../protocol/errors.js';
import type { ModelSource } from '../protocol/messages.js';
import { checkModel, checkNotHtml, checkSize } from './check-model.js';
import type { Kept, ModelStore } from './model-store.js';
import type { ModelTarget } from './read-model.js';

export async function download(source: ModelSource, target: ModelTarget, store: ModelStore | undefined): Promise<void> {
  try {
    if (store) await store.alone(target.signal, () => downloadAndKeep(source, target, store));
    else await checkModel(await target.reserve(await fetchModel(source, target, undefined, 0)), source);
  } catch (cause) {
    if (target.signal.aborted) throw abortError(target.signal.reason);
    if (NeedleError.isInstance(cause)) throw cause;
    throw makeError('model_unreachable', `the model could not be downloaded: ${(cause as Error).message}`, { path: source.url ?? '', cause });
  }
}

async function downloadAndKeep(source: ModelSource, target: ModelTarget, store: ModelStore): Promise<void> {
  for (;;) {
    const kept = await readKept(source, target, store);
    try {
      const isWhole = kept.bytes > 0 && kept.bytes === kept.total;
      const sizeBytes = isWhole ? kept.total : await fetchModel({ ...source, sizeBytes: source.sizeBytes || kept.total || undefined }, target, store, kept.bytes);
      await checkModel(await target.reserve(sizeBytes), source);
      if (!isWhole) await store.finish();
      return;
    } catch (error) {
      const isWrong = NeedleError.isInstance(error) && error.code === 'invalid_model';
      await (isWrong ? store.drop() : store.settle());
      if (!isWrong || kept.bytes === 0) throw error;
      // It may be what was kept that is wrong: once more, from the start.
    }
  }
}

/** Copies what is kept of the model to the engine, as far as it can be read. */
async function readKept(source: ModelSource, { reserve, report }: ModelTarget, store: ModelStore): Promise<Kept> {
  const kept = await store.kept(source.sizeBytes);
  let loaded = 0;
  for await (const part of store.read(kept.bytes)) {
    (await reserve(kept.total)).set(part, loaded);
    report((loaded += part.length), kept.total, true);
  }
  return { bytes: loaded, total: loaded && kept.total };
}

/** Fetches what follows the bytes that the engine has already, and answers the size of the whole. */
async function fetchModel(source: ModelSource, target: ModelTarget, store: ModelStore | undefined, keptBytes: number): Promise<number> {
  const { url = '', sizeBytes } = source;
  const response = await request(url, target.signal, keptBytes, store !== undefined);
  const begin = response.status === 206 ? keptBytes : 0;
  const declared = declaredBytes(response);
  if (declared !== undefined && sizeBytes !== undefined && begin + declared !== sizeBytes) {
    throw makeError('invalid_model', `the model file has ${begin + declared} bytes instead of ${sizeBytes}`, { path: url });
  }
  const total = sizeBytes ?? (declared === undefined ? undefined : begin + declared);
  if (total !== undefined) checkSize(total, url);
  store?.startAt(begin);
  const gathered: Uint8Array[] = []; // only while the size is not known
  let loaded = begin;
  for await (const chunk of chunksOf(response)) {
    if (loaded === 0) checkNotHtml(chunk, url);
    if (total === undefined) {
      gathered.push(chunk);
      checkSize(loaded + chunk.length, url);
    } else {
      if (loaded + chunk.length > total) throw makeError('invalid_model', `the model file has more than ${total} bytes`, { path: url });
      (await target.reserve(total)).set(chunk, loaded);
      store?.keep(chunk, total);
    }
    loaded += chunk.length;
    target.report(loaded, total ?? 0, false);
  }
  if (declared !== undefined && loaded < begin + declared) {
    throw makeError('model_unreachable', `the download ended after ${loaded} of ${begin + declared} bytes`, { path: url });
  }
  if (total !== undefined && loaded < total) throw makeError('invalid_model', `the model file has ${loaded} bytes instead of ${total}`, { path: url });
  checkSize(loaded, url);
  let offset = 0;
  for (const chunk of gathered) {
    (await target.reserve(loaded)).set(chunk, offset);
    store?.keep(chunk, loaded);
    offset += chunk.length;
  }
  return loaded;
}

async function request(url: string, signal: AbortSignal, keptBytes: number, isKept: boolean): Promise<Response> {
  // What we keep ourselves need not be in the HTTP cache as well; nor may a wrong answer stay there.
  const response = await fetch(url, { signal, ...(isKept && { cache: 'no-store' }), ...(keptBytes > 0 && { headers: { range: `bytes=${keptBytes}-` } }) });
  if (response.status === 416) return request(url, signal, 0, isKept); // the file there is shorter than what we have
  if (!response.ok) throw makeError('model_unreachable', `the server answered ${response.status} ${response.statusText}`.trim(), { path: url });
  if (/^text\/html\b/i.test(response.headers.get('content-type') ?? '')) {
    await response.body?.cancel();
    throw makeError('invalid_model', 'this is an HTML page, not a model file', { path: url });
  }
  return response;
}

/** The length of the body; not known when it was compressed, because then the header counts other bytes. */
function declaredBytes({ headers }: Response): number | undefined {
  const length = headers.get('content-length');
  return length === null || headers.has('content-encoding') ? undefined : Number(length);
}

/** The body as it arrives. Streams are not iterable everywhere. */
async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body!.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {}); // of use only when the loop was left early
  }
}
