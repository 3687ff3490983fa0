// SPDX-License-Identifier: Apache-2.0
// What every bundler gets: the package by its name, and no word about workers, .wasm or weights.
import { ToolRouter } from 'needle-router';
import { tools } from './tools.js';

async function answer() {
  const router = await ToolRouter.load();
  const { type, calls } = await router.route('dim the kitchen to 30%', tools);
  await router.dispose();
  // What the page itself fetched: the engine's files are not among it when the engine runs in a worker.
  const fetched = globalThis.performance.getEntriesByType('resource').map(({ name }) => name);
  const isIsolated = globalThis.crossOriginIsolated;
  const mayThread = isIsolated && globalThis.navigator.hardwareConcurrency > 1;
  return { type, calls, isInWorker: !fetched.some((name) => /\.wasm/.test(name)), isThreaded: router.variant.endsWith('-mt'), mayThread, isIsolated };
}

globalThis.answer = answer().catch((error) => ({ error: `${error.code} ${error.path}: ${error.message}` }));
