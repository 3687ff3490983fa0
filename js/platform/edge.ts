// SPDX-License-Identifier: Apache-2.0
// Runs in: workerd, and what is like it
// Edge runtimes: no worker, no compiling at run time, no files, no cache that could be asked for its parts. The engine runs
// in place, a request in one piece: it takes milliseconds, and an engine that waited in the middle for an event of one
// request would leave all others waiting when the runtime ends that one.
import { openInPlaceTransport } from '../client/in-place-transport.js';
import create from '../generated/needle-simd.mjs';
import { staticEnvironment } from '../host/static-environment.js';
import { makeError } from '../protocol/errors.js';
import type { Platform } from './platform.js';

/** @param relaxed the relaxed build, for runtimes where it can be imported and is known to run right */
export function edgePlatform(relaxed?: WebAssembly.Module): Platform {
  const builds = { ...(relaxed && { relaxed: { create, wasm: relaxed } }), simd: { create } };
  const detectVariants: Platform['detectVariants'] = async () => (relaxed ? ['relaxed', 'simd'] : ['simd']);
  return {
    openTransport: () => openInPlaceTransport(staticEnvironment({ builds, detectVariants, yieldTurn: async () => {}, maxCacheBytes: 24 << 20 })), // of 128 MB in all
    resolveUrl(url) {
      if (!URL.canParse(url)) throw new TypeError(`must be a whole URL, because there is no page that '${url}' could be relative to`);
      return String(url);
    },
    async packagedModel() {
      throw makeError('model_not_found', 'give the model by model (its bytes) or modelUrl', { path: 'options.model' });
    },
    detectVariants,
    willDownload: async ({ bytes }) => !bytes,
  };
}
