// SPDX-License-Identifier: Apache-2.0
// Runs in: page
import { openWebTransport } from '../client/web-transport.js';
import { packagedModel } from '../generated/packaged-model.mjs';
import { detectVariants } from '../loading/detect-variants.js';
import { ModelStore } from '../loading/model-store.js';
import type { Platform } from './platform.js';

export const browserPlatform: Platform = {
  openTransport: openWebTransport,
  resolveUrl: (pathOrUrl) => new URL(pathOrUrl, globalThis.document?.baseURI ?? globalThis.location?.href).href,
  packagedModel,
  detectVariants,
  async willDownload({ bytes, sizeBytes, sha256 }) {
    if (bytes) return false;
    const kept = await (await ModelStore.open(sha256))?.kept(sizeBytes);
    return !kept || kept.bytes === 0 || kept.bytes < kept.total;
  },
};
