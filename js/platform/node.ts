// SPDX-License-Identifier: Apache-2.0
// Runs in: node
import { pathToFileURL } from 'node:url';
import { openNodeTransport } from '../client/node-transport.js';
import { nodeVariants } from '../loading/detect-variants.js';
import { packagedModel } from './packaged-model.js';
import type { Platform } from './platform.js';

export const nodePlatform: Platform = {
  openTransport: openNodeTransport,
  resolveUrl: (pathOrUrl) =>
    pathOrUrl instanceof URL || /^(file|https?):/.test(pathOrUrl) ? String(pathOrUrl) : pathToFileURL(pathOrUrl).href,
  packagedModel,
  detectVariants: nodeVariants,
  willDownload: async ({ bytes, url = '' }) => !bytes && !url.startsWith('file:'),
};
