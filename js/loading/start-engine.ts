// SPDX-License-Identifier: Apache-2.0
// Runs in: worker
// From a compiled .wasm and its glue to a running engine. Nothing here or after edits the generated glue.
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
  startMs?: number;
}

/** Glue and .wasm only fit when they are of one build: one from elsewhere may be of another release, or of no build. */
function strangeWasm(variant: string, cause: Error): Error {
  if (cause instanceof RangeError) return cause;
  return makeError('engine_unreachable', `this is not the .wasm of this release's ${variant} build: ${cause.message}`, { cause });
}

/** Runs a build's factory; lack of memory is a typed error. */
export async function startEngine({ variant, create, wasm, threads = 1, startMs = threadedStartMs }: Start): Promise<Engine> {
  const isThreaded = variant.endsWith('-mt');
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const module = await new Promise<MainModule>((resolve, reject) => {
      const instantiateWasm = (imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance, wasm: WebAssembly.Module) => void) => {
        WebAssembly.instantiate(wasm, imports).then((instance) => receive(instance, wasm)).catch((cause) => reject(strangeWasm(variant, cause)));
        return {}; // the exports come later
      };
      create({ threads: threads - 1, instantiateWasm }).then(resolve, reject); // those that the glue is to start
      if (isThreaded) timer = setTimeout(reject, startMs, makeError('out_of_memory', `the ${variant} build did not start within ${startMs} ms`));
    });
    const engine = new module.Engine();
    if (isThreaded) engine.setThreads(threads);
    return engine;
  } catch (cause) {
    if (NeedleError.isInstance(cause) || !(cause instanceof RangeError)) throw cause;
    throw makeError('out_of_memory', `there is no memory for the ${variant} build: ${cause.message}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}
