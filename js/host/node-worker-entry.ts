// SPDX-License-Identifier: Apache-2.0
// Runs in: node (worker thread)
import { parentPort } from 'node:worker_threads';
import { detectVariant } from '../loading/detect-variant.js';
import { createEngine } from '../loading/module-table.js';
import { readModel } from '../loading/read-model.js';
import { EngineHost } from './engine-host.js';
import { serve } from './serve.js';

const port = parentPort!;
const host = new EngineHost({
  createEngine: async (variant) => createEngine(variant ?? (await detectVariant())),
  readModel,
  yieldTurn: () => new Promise((resolve) => setImmediate(resolve)),
});
serve(
  { post: (message) => port.postMessage(message), onMessage: (listener) => void port.on('message', listener) },
  host,
  (error) => setImmediate(() => { throw error; }), // uncaught, so that the thread ends and its owner hears of it
);
