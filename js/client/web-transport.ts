// SPDX-License-Identifier: Apache-2.0
// Runs in: page
// The engine in a module Web Worker. Where no worker can start (the package comes from another origin, a policy forbids
// workers, or there are none) the engine runs in place instead; a worker that the caller named himself must start.
import type { ClientMessage, HostMessage, WorkerMessage } from '../protocol/messages.js';
import { HungWorker, type Transport } from './transport.js';

/** How long a worker whose threads are starting, which it says twice a second, may say nothing. */
const silenceMs = 4000;
/** How long it then still may: a page that was busy itself finds its timers due before what was said meanwhile. */
const graceMs = 1000;

/** The engine's side as the transport uses it, wherever it runs. */
export interface Host {
  post(message: ClientMessage): void;
  close(): void;
}

export function openWebTransport(workerUrl: string | undefined): Transport {
  let host: Host | undefined;
  let onMessage: (message: HostMessage) => void = () => {};
  let onFailure: (cause: Error) => void = () => {};
  let isClosed = false;
  let isRunning = false;
  let watch: ReturnType<typeof setTimeout> | undefined;
  const waiting: ClientMessage[] = []; // until the engine's side has said its first word: before, nobody may be listening

  const fail = (cause: Error) => {
    if (isClosed) return;
    close();
    onFailure(cause);
  };
  function close(): void {
    isClosed = true;
    clearTimeout(watch);
    host?.close();
  }

  function receive(message: HostMessage): void {
    if (isClosed) return;
    isRunning = true;
    try {
      for (const early of waiting.splice(0)) host!.post(early);
    } catch (cause) {
      return fail(cause as Error); // a model whose bytes were transferred away meanwhile
    }
    onMessage(message);
  }

  function watchThreads(areStarting: boolean): void {
    clearTimeout(watch);
    if (!areStarting || isClosed) return;
    const giveUp = () => fail(new HungWorker('its worker hung while its threads started'));
    watch = setTimeout(() => (watch = setTimeout(giveUp, graceMs)), silenceMs);
  }

  async function runInPlace(): Promise<void> {
    host = undefined;
    try {
      const { startWebInPlace } = await import('../host/web-in-place.js');
      if (isClosed) return;
      host = startWebInPlace(receive, fail);
    } catch (cause) {
      fail(cause as Error);
    }
  }

  function runInWorker(): void {
    let worker: Worker;
    try {
      // Both forms are literal, so that bundlers find the worker and what it imports.
      worker = workerUrl !== undefined
        ? new Worker(workerUrl, { type: 'module' })
        : new Worker(new URL('../host/web-worker-entry.js', import.meta.url), { type: 'module' });
    } catch (cause) {
      return workerUrl === undefined ? void runInPlace() : void queueMicrotask(() => fail(cause as Error));
    }
    const lockRequest = new AbortController();
    host = {
      post: (message) => worker.postMessage(message),
      close() {
        lockRequest.abort();
        worker.terminate();
      },
    };
    worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
      if (data.type === 'threads') return watchThreads(data.areStarting);
      if (data.type !== 'alive') return receive(data);
      whenReleased(data.lock, lockRequest.signal, () => fail(new Error('the worker ended')));
    };
    worker.onmessageerror = () => fail(new Error('a message from the worker could not be read'));
    worker.onerror = (event) => {
      event.preventDefault?.();
      const cause = new Error(event.message || 'the worker could not be started');
      if (isRunning || workerUrl !== undefined) return fail(cause);
      worker.terminate();
      if (!isClosed) void runInPlace();
    };
  }

  runInWorker();
  return {
    post: (message) => void (isRunning ? host!.post(message) : waiting.push(message)),
    onMessage: (listener) => void (onMessage = listener),
    onFailure: (listener) => void (onFailure = listener),
    close,
    setBusy() {},
  };
}

/** A worker that is killed says nothing, but the lock that it held comes free. */
function whenReleased(lock: string, signal: AbortSignal, then: () => void): void {
  navigator.locks.request(lock, { signal }, then).catch(() => {}); // aborted: the transport was closed
}
