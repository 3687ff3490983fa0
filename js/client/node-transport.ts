// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// The engine in a worker thread, so that routing never blocks the caller's event loop.
import { Worker } from 'node:worker_threads';
import type { Transport } from './transport.js';

export function openNodeTransport(): Transport {
  // Without execArgv the worker would inherit flags such as --input-type, which make it fail to start.
  const worker = new Worker(new URL('../host/node-worker-entry.js', import.meta.url), { name: 'needle-router', execArgv: [] });
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => void worker.on('message', listener),
    onFailure(listener) {
      worker.on('error', listener);
      worker.on('messageerror', listener);
      worker.on('exit', (code) => listener(new Error(`the worker thread exited with code ${code}`)));
    },
    close: () => void worker.terminate(),
    setBusy: (busy) => (busy ? worker.ref() : worker.unref()),
  };
}
