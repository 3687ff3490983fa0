// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// The model's bytes, from memory, a file, a server or what is kept of an earlier download, into the engine's memory;
// checked before the engine sees them. What is not the expected model never gets further, and is not kept.
import type { ModelSource } from '../protocol/messages.js';
import { checkModel, checkSize } from './check-model.js';
import { download } from './download.js';
import type { ModelStore } from './model-store.js';

/** Where a model's bytes go. */
export interface ModelTarget {
  /**
   * The engine's memory for so many bytes, once the engine has started; asked for anew before each write, because that
   * memory moves as it grows.
   */
  reserve(sizeBytes: number): Promise<Uint8Array>;
  /** Throws when the load was aborted. */
  report(loaded: number, total: number, fromCache: boolean): void;
  signal: AbortSignal;
}

/** For platforms with files: reads one and answers its size. */
export type ReadFile = (url: string, target: ModelTarget) => Promise<number>;

export interface ReadModelOptions {
  readFile?: ReadFile;
  /** For platforms that keep downloads. */
  openStore?: typeof ModelStore.open;
}

export async function readModel(source: ModelSource, target: ModelTarget, { readFile, openStore }: ReadModelOptions = {}): Promise<void> {
  const { bytes, url = '' } = source;
  if (bytes) {
    checkSize(bytes.length, '');
    const memory = await target.reserve(bytes.length);
    memory.set(bytes);
    target.report(bytes.length, bytes.length, true);
    await checkModel(memory, source);
  } else if (readFile && url.startsWith('file:')) {
    await checkModel(await target.reserve(await readFile(url, target)), source);
  } else {
    await download(source, target, await openStore?.(source.sha256));
  }
}
