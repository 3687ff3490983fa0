// SPDX-License-Identifier: Apache-2.0
// Runs in: page
import { openWebTransport } from '../client/web-transport.js';
import { detectVariants, threadsFor } from '../loading/detect-variants.js';
import { packagedModel } from './packaged-model.js';
import type { Platform } from './platform.js';
import { resolveUrl, willDownload } from './web.js';

export const browserPlatform: Platform = { openTransport: openWebTransport, resolveUrl, packagedModel, detectVariants: (threads) => detectVariants(threadsFor(globalThis.navigator?.hardwareConcurrency, threads)), willDownload };
