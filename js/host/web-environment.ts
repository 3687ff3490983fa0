// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// What an EngineHost finds in a browser, in a worker as in the page.
import { createEngine } from '../loading/builds.js';
import { fetchWasm } from '../loading/compile-wasm.js';
import { detectVariants, threadsFor } from '../loading/detect-variants.js';
import { ModelStore } from '../loading/model-store.js';
import { readModel } from '../loading/read-model.js';
import type { HostEnvironment } from './engine-host.js';
import { turnYielder } from './turn-yielder.js';

/** @param canBlock whether this thread may wait for others: a page's own may not */
export function webEnvironment(canBlock: boolean): HostEnvironment {
  const available = canBlock ? navigator.hardwareConcurrency : 1;
  return {
    detectVariants: (threads) => detectVariants(threadsFor(available, threads)),
    createEngine: (variant, threads, wasm) => createEngine(variant, threadsFor(available, threads), fetchWasm, wasm),
    readModel: (source, target) => readModel(source, target, { openStore: ModelStore.open }),
    yieldTurn: turnYielder(),
    retryMs: 200,
    ...(!canBlock && { sliceMs: 0 }), // a page has frames to draw
  };
}
