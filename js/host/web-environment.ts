// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// What an EngineHost finds in a browser, in a worker as in the page.
import { createEngine } from '../loading/builds.js';
import { detectVariants } from '../loading/detect-variants.js';
import { readModel } from '../loading/read-model.js';
import type { HostEnvironment } from './engine-host.js';

export function webEnvironment(): HostEnvironment {
  return {
    detectVariants,
    createEngine: (variant, threads) => createEngine(variant, threads, fetchWasm),
    readModel: (source, target) => readModel(source, target),
    yieldTurn: turnYielder(),
  };
}

/** Compiles while it arrives; from a server that does not call it application/wasm, afterwards. */
async function fetchWasm(url: URL): Promise<WebAssembly.Module> {
  const response = await fetch(url, { credentials: 'same-origin' });
  if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`);
  const type = response.headers.get('content-type') ?? '';
  if (/^text\/html\b/i.test(type)) throw new Error('this is an HTML page, not a WebAssembly file');
  const isNamed = /^application\/wasm\b/i.test(type);
  return isNamed ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

/** Waits for one turn of the event loop by a message to itself: timers would wait 4 ms, and longer in hidden pages. */
function turnYielder(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      port2.postMessage(null);
    });
}
