// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// The released model that the package brings along, described by models/manifest.json beside it. The only place that
// knows where the default model is.
import { readFile } from 'node:fs/promises';
import { makeError } from '../protocol/errors.js';
import type { ModelSource } from '../protocol/messages.js';

const manifestUrl = new URL('../../models/manifest.json', import.meta.url);

export interface Manifest {
  name: string;
  file: string;
  bytes: number;
  sha256: string;
  format: string;
}

export async function readManifest(): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(manifestUrl, 'utf8');
  } catch (cause) {
    throw makeError('model_not_found', 'the package has no model of its own: give one by modelUrl or model', { path: 'models/manifest.json', cause });
  }
  return JSON.parse(text) as Manifest;
}

export async function defaultModel(): Promise<ModelSource> {
  const { file, bytes, sha256 } = await readManifest();
  return { url: new URL(file, manifestUrl).href, sizeBytes: bytes, sha256 };
}
