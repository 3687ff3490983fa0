// SPDX-License-Identifier: Apache-2.0
// Runs in: node
import { pathToFileURL } from 'node:url';
import { openNodeTransport } from '../client/node-transport.js';
import { detectVariant } from '../loading/detect-variant.js';
import { defaultModel, readManifest } from '../loading/manifest.js';
import type { Platform } from './platform.js';

export const nodePlatform: Platform = {
  openTransport: openNodeTransport,
  resolveUrl: (pathOrUrl) =>
    pathOrUrl instanceof URL || /^(file|https?):/.test(pathOrUrl) ? String(pathOrUrl) : pathToFileURL(pathOrUrl).href,
  defaultModel,
  async status() {
    const variant = await detectVariant();
    const manifest = await readManifest().catch(() => null); // a package without a model is a status, not an error
    return { variant, model: manifest && { name: manifest.name, bytes: manifest.bytes }, willDownload: false };
  },
};
