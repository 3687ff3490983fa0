// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// What pages, their workers and service workers have in common.
import { ModelStore } from '../loading/model-store.js';
import type { Platform } from './platform.js';

export const resolveUrl: Platform['resolveUrl'] = (pathOrUrl) => new URL(pathOrUrl, globalThis.document?.baseURI ?? globalThis.location?.href).href;

export const willDownload: Platform['willDownload'] = async ({ bytes, sizeBytes, sha256 }) => {
  if (bytes) return false;
  const kept = await (await ModelStore.open(sha256))?.kept(sizeBytes);
  return !kept || kept.bytes === 0 || kept.bytes < kept.total;
};
