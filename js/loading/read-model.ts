// SPDX-License-Identifier: Apache-2.0
// Runs in: node (worker thread)
// The model's bytes, from memory, a file or a server, straight into the engine's memory; checked before the engine sees
// them. What is not a whole model (an HTML page, a short download, other bytes than the manifest's) never gets further.
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { makeError, NeedleError } from '../protocol/errors.js';
import type { ModelSource } from '../protocol/messages.js';

const chunkBytes = 1 << 20;
// Larger than any model that the engine's memory could hold.
const maxModelBytes = 400 << 20;

type Reserve = (sizeBytes: number) => Uint8Array;
type Report = (loaded: number, total: number) => void;

export async function readModel(source: ModelSource, reserve: Reserve, report: Report): Promise<void> {
  const { bytes, url = '', sha256 } = source;
  let sizeBytes: number;
  if (bytes) sizeBytes = readBytes(bytes, reserve, report);
  else if (url.startsWith('file:')) sizeBytes = await readFile(new URL(url), reserve, report);
  else sizeBytes = await download(url, source.sizeBytes, reserve, report);

  const model = reserve(sizeBytes);
  const where = { path: url.startsWith('file:') ? fileURLToPath(url) : url };
  if (looksLikeHtml(model)) throw makeError('invalid_model', 'this is an HTML page, not a model file', where);
  if (source.sizeBytes !== undefined && sizeBytes !== source.sizeBytes) {
    throw makeError('invalid_model', `the model file has ${sizeBytes} bytes instead of ${source.sizeBytes}`, where);
  }
  if (sha256 !== undefined && (await sha256Of(model)) !== sha256.toLowerCase()) {
    throw makeError('invalid_model', 'the model file is not the one expected: its SHA-256 differs', where);
  }
}

function readBytes(bytes: Uint8Array, reserve: Reserve, report: Report): number {
  checkSize(bytes.length, '');
  reserve(bytes.length).set(bytes);
  report(bytes.length, bytes.length);
  return bytes.length;
}

async function readFile(url: URL, reserve: Reserve, report: Report): Promise<number> {
  const path = fileURLToPath(url);
  let file;
  try {
    file = await open(url);
  } catch (cause) {
    throw makeError('model_not_found', `the model file cannot be read (${(cause as NodeJS.ErrnoException).code})`, { path, cause });
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
      reserve(status.size).set(chunk.subarray(0, bytesRead), loaded);
      report((loaded += bytesRead), status.size);
    }
    return status.size;
  } finally {
    await file.close();
  }
}

async function download(url: string, expectedBytes: number | undefined, reserve: Reserve, report: Report): Promise<number> {
  try {
    const response = await fetch(url);
    if (!response.ok) throw makeError('model_unreachable', `the server answered ${response.status} ${response.statusText}`, { path: url });
    const encoded = response.headers.has('content-encoding'); // then content-length counts other bytes than we read
    const announced = encoded ? NaN : Number(response.headers.get('content-length') ?? NaN);
    const total = expectedBytes ?? (Number.isFinite(announced) ? announced : 0);
    const chunks: Uint8Array[] = [];
    let loaded = 0;
    for await (const chunk of response.body!) {
      chunks.push(chunk);
      loaded += chunk.length;
      checkSize(loaded, url);
      report(loaded, total);
    }
    if (Number.isFinite(announced) && loaded !== announced) {
      throw makeError('invalid_model', `the download ended after ${loaded} of ${announced} bytes`, { path: url });
    }
    checkSize(loaded, url);
    let offset = 0;
    for (const chunk of chunks) {
      reserve(loaded).set(chunk, offset);
      offset += chunk.length;
    }
    return loaded;
  } catch (cause) {
    if (NeedleError.isInstance(cause)) throw cause;
    throw makeError('model_unreachable', `the model could not be downloaded: ${(cause as Error).message}`, { path: url, cause });
  }
}

function checkSize(sizeBytes: number, path: string): void {
  if (sizeBytes === 0) throw makeError('invalid_model', 'the model file is empty', { path });
  if (sizeBytes > maxModelBytes) throw makeError('invalid_model', `the model file is larger than ${maxModelBytes >> 20} MB`, { path });
}

/** A model file starts with a binary length, so its first character is never '<'. */
function looksLikeHtml(model: Uint8Array): boolean {
  return /^\s*<(!doctype|html|\?xml)/i.test(new TextDecoder('latin1').decode(model.slice(0, 64)));
}

async function sha256Of(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
