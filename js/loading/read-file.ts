// SPDX-License-Identifier: Apache-2.0
// Runs in: node (worker thread)
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { makeError } from '../protocol/errors.js';
import { checkSize } from './check-model.js';
import type { ModelTarget } from './read-model.js';

const chunkBytes = 1 << 20;

export async function readFile(url: string, { reserve, report }: ModelTarget): Promise<number> {
  let path = url;
  let file;
  try {
    path = fileURLToPath(url);
    file = await open(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw makeError('model_not_found', `the model file cannot be read (${code ?? message})`, { path, cause });
  }
  try {
    const status = await file.stat();
    if (!status.isFile()) throw makeError('model_not_found', 'this is not a file', { path });
    checkSize(status.size, path);
    const chunk = new Uint8Array(chunkBytes);
    let loaded = 0;
    while (loaded < status.size) {
      const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, status.size - loaded), loaded);
      if (bytesRead === 0) throw makeError('invalid_model', 'the model file got shorter while it was read', { path });
      (await reserve(status.size)).set(chunk.subarray(0, bytesRead), loaded);
      report((loaded += bytesRead), status.size, true);
    }
    return status.size;
  } finally {
    await file.close();
  }
}
