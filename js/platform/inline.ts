// SPDX-License-Identifier: Apache-2.0
// Runs in: service workers and extensions, and pages
// Places that may import nothing later and start no worker: one build, imported with everything else, in place.
import { openInPlaceTransport } from '../client/in-place-transport.js';
import createSimd from '../generated/needle-simd.mjs';
import { staticEnvironment } from '../host/static-environment.js';
import { turnYielder } from '../host/turn-yielder.js';
import { detectVariants as detectAll } from '../loading/detect-variants.js';
import { ModelStore } from '../loading/model-store.js';
import { makeError } from '../protocol/errors.js';
import { resolveUrl, willDownload } from './web.js';
import type { Platform } from './platform.js';

const builds = { simd: { create: createSimd, wasm: () => new URL('../generated/needle-simd.wasm', import.meta.url) } };

async function detectVariants() {
  return (await detectAll(1)).filter((variant) => variant in builds);
}

export const inlinePlatform: Platform = {
  openTransport: () => openInPlaceTransport(staticEnvironment({ builds, detectVariants, yieldTurn: turnYielder(), sliceMs: 0, read: { openStore: ModelStore.open } })),
  resolveUrl,
  async packagedModel() {
    throw makeError('model_not_found', 'give the model by modelUrl or model: needle-router-model exports its url and sha256', { path: 'options.modelUrl' });
  },
  detectVariants,
  willDownload,
};
