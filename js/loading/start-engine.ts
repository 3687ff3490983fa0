// SPDX-License-Identifier: Apache-2.0
// Runs in: worker
// From a compiled .wasm and its glue to a running engine.
import type { Engine, MainModule } from '../generated/needle-simd.mjs';
import { makeError, NeedleError } from '../protocol/errors.js';

/** A build's glue: its factory. */
export type CreateModule = (options?: unknown) => Promise<MainModule>;

/** How long a build with threads may take to start: where its memory cannot be shared it never answers. */
const threadedStartMs = 10_000;

interface Start {
  variant: string;
  create: CreateModule;
  wasm: WebAssembly.Module;
  /** In all, the engine's own among them; builds without threads do not ask. */
  threads?: number;
  threadUrl?: URL | undefined;
  startMs?: number;
}

/** Glue and .wasm only fit when they are of one build: one from elsewhere may be of another release, or of no build. */
function strangeWasm(variant: string, cause: Error): Error {
  if (cause instanceof RangeError) return cause;
  return makeError('engine_unreachable', `this is not the .wasm of this release's ${variant} build: ${cause.message}`, { cause });
}

/** Whatever keeps threads from starting, a build without them may do: the same code as for want of memory. */
const withoutThreads = (variant: string, cause: unknown) =>
  makeError('out_of_memory', `the threads of the ${variant} build did not start: ${(cause as Error)?.message ?? cause}`, { cause });

/** The glue throws what a thread's script met (it was not found, say) out of an event, where nobody but this can catch it. */
function onUncaught(then: (cause: unknown) => void): () => void {
  const listener = (event: ErrorEvent) => {
    event.preventDefault();
    then(event.error ?? event);
  };
  globalThis.addEventListener?.('error', listener);
  return () => globalThis.removeEventListener?.('error', listener);
}

/** Runs a build's factory; lack of memory is a typed error. */
export async function startEngine({ variant, create, wasm, threads = 1, threadUrl, startMs = threadedStartMs }: Start): Promise<Engine> {
  const isThreaded = variant.endsWith('-mt');
  let timer: ReturnType<typeof setTimeout> | undefined;
  let unlisten = () => {};
  try {
    const module = await new Promise<MainModule>((resolve, reject) => {
      const instantiateWasm = (imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance, wasm: WebAssembly.Module) => void) => {
        WebAssembly.instantiate(wasm, imports).then((instance) => receive(instance, wasm)).catch((cause) => reject(strangeWasm(variant, cause)));
        return {}; // the exports come later
      };
      const others = threads - 1; // that the glue starts
      const printErr = () => {}; // what it would say it also throws
      create({ threads: others, mainScriptUrlOrBlob: threadUrl?.href, instantiateWasm, printErr }).then(resolve, reject);
      if (!isThreaded) return;
      timer = setTimeout(reject, startMs, makeError('out_of_memory', `the ${variant} build did not start within ${startMs} ms`));
      unlisten = onUncaught((cause) => reject(withoutThreads(variant, cause)));
    });
    const engine = new module.Engine();
    if (isThreaded) engine.setThreads(threads);
    return engine;
  } catch (cause) {
    if (NeedleError.isInstance(cause)) throw cause;
    if (cause instanceof RangeError) throw makeError('out_of_memory', `there is no memory for the ${variant} build: ${cause.message}`, { cause });
    throw isThreaded ? withoutThreads(variant, cause) : cause;
  } finally {
    unlisten();
    clearTimeout(timer);
  }
}
