// SPDX-License-Identifier: Apache-2.0
// Runs in: node (worker thread)
import { availableParallelism } from 'node:os';
import { readFile as read } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { createEngine } from '../loading/builds.js';
import { nodeGlue } from '../loading/node-glue.js';
import { nodeVariants, threadsFor } from '../loading/detect-variants.js';
import { fetchWasm } from '../loading/compile-wasm.js';
import { readFile } from '../loading/read-file.js';
import { readModel } from '../loading/read-model.js';
import { EngineHost } from './engine-host.js';
import { serve } from './serve.js';

const port = parentPort!;
const compileWasm = async (url: URL) => (url.protocol === 'file:' ? WebAssembly.compile(await read(url)) : fetchWasm(url));
const host = new EngineHost({
  detectVariants: nodeVariants,
  createEngine: (variant, threads, wasm) => createEngine(variant, threadsFor(availableParallelism(), threads), compileWasm, wasm, nodeGlue),
  readModel: (source, target) => readModel(source, target, { readFile }),
  yieldTurn: () => new Promise((resolve) => setImmediate(resolve)),
});
// Memory that ends on one of the engine's threads is also that thread's uncaught error; callers get it as an answer.
process.on('uncaughtException', (error) => {
  if (!host.hasRunOutOfMemory) throw error;
});
serve(
  { post: (message) => port.postMessage(message), onMessage: (listener) => void port.on('message', listener) },
  host,
  (error) => setImmediate(() => { throw error; }), // uncaught, so that the thread ends and its owner hears of it
);
