// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Whether bytes are the model that was asked for.
import { makeError } from '../protocol/errors.js';
import type { ModelSource } from '../protocol/messages.js';
import { sha256Of } from './sha256.js';

// Larger than any model that the engine's memory could hold.
const maxModelBytes = 400 << 20;

export function checkSize(sizeBytes: number, path: string): void {
  if (sizeBytes === 0) throw makeError('invalid_model', 'the model file is empty', { path });
  if (sizeBytes > maxModelBytes) throw makeError('invalid_model', `the model file is larger than ${maxModelBytes >> 20} MB`, { path });
}

export function checkNotHtml(start: Uint8Array, path: string): void {
  // A model file starts with a binary length, so its first character is never '<'.
  const text = new TextDecoder('latin1').decode(start.slice(0, 64)); // a copy: threaded builds share their memory
  if (/^\s*<(!doctype|html|\?xml)/i.test(text)) throw makeError('invalid_model', 'this is an HTML page, not a model file', { path });
}

export async function checkModel(model: Uint8Array, { url = '', sizeBytes, sha256 }: ModelSource): Promise<void> {
  const path = url.startsWith('file://') ? decodeURIComponent(url.slice(7)) : url;
  checkNotHtml(model, path);
  if (sizeBytes !== undefined && model.length !== sizeBytes) {
    throw makeError('invalid_model', `the model file has ${model.length} bytes instead of ${sizeBytes}`, { path });
  }
  if (sha256 !== undefined && (await sha256Of(model)) !== sha256.toLowerCase()) {
    throw makeError('invalid_model', 'the model file is not the one expected: its SHA-256 differs', { path });
  }
}
