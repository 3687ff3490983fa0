// SPDX-License-Identifier: Apache-2.0
// Runs in: worker (Web Worker, as a module)
import type { ClientMessage, WorkerMessage } from '../protocol/messages.js';
import { EngineHost } from './engine-host.js';
import { serve } from './serve.js';
import { webEnvironment } from './web-environment.js';

const scope = globalThis as unknown as {
  postMessage(message: WorkerMessage): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<ClientMessage>) => void): void;
  addEventListener(type: 'error', listener: (event: Event) => void): void;
};
const environment = webEnvironment(true);
const host = new EngineHost({
  ...environment,
  // Firefox can block a worker for good in `new Worker` while its debugger listens (one wake-up for two sleepers), so the
  // page is told that threads start, and that this worker still runs.
  async createEngine(variant, ...rest) {
    if (!variant.endsWith('-mt')) return environment.createEngine(variant, ...rest);
    const say = (areStarting: boolean) => scope.postMessage({ type: 'threads', id: 0, areStarting });
    say(true);
    const beat = setInterval(say, 500, true);
    try {
      return await environment.createEngine(variant, ...rest);
    } finally {
      clearInterval(beat);
      say(false);
    }
  },
});
const start = () => void serve(
  { post: (message) => scope.postMessage(message), onMessage: (listener) => scope.addEventListener('message', ({ data }) => listener(data)) },
  host,
  (error) => setTimeout(() => { throw error; }), // uncaught, so that the page hears of it and ends this worker
);
// Memory that ends on one of the engine's threads is also that thread's uncaught error; callers get it as an answer.
scope.addEventListener('error', (event) => host.hasRunOutOfMemory && event.preventDefault());

// Held until this worker dies, however it dies: the page waits for it, and so it must be held before the first request
// arrives. There are no locks in insecure contexts, nor in pages without an origin.
if (navigator.locks) {
  const lock = `needle-router/worker/${crypto.randomUUID()}`;
  const hold = () => {
    scope.postMessage({ type: 'alive', id: 0, lock });
    start();
    return new Promise(() => {});
  };
  navigator.locks.request(lock, hold).catch(start);
} else {
  start();
}
