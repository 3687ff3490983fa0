// SPDX-License-Identifier: Apache-2.0
// Runs in: worker
// The builds: each one's glue, and its .wasm by a literal URL, so that bundlers see both. The glue is imported statically
// because bundlers may put a worker into one file. Nothing here or after edits the generated glue.
import createRelaxed from '../generated/needle-relaxed.mjs';
import createSimd, { type Engine, type MainModule } from '../generated/needle-simd.mjs';
import { makeError, NeedleError } from '../protocol/errors.js';
import type { Variant } from '../protocol/messages.js';

interface Build {
  create(options?: unknown): Promise<MainModule>;
  wasmUrl(): URL;
}

const builds: Record<Variant, Build> = {
  relaxed: { create: createRelaxed, wasmUrl: () => new URL('../generated/needle-relaxed.wasm', import.meta.url) },
  simd: { create: createSimd, wasmUrl: () => new URL('../generated/needle-simd.wasm', import.meta.url) },
};

/** How long a build with threads may take to start: where its memory cannot be shared it never answers. */
const threadedStartMs = 10_000;

/** Fetches, or reads, and compiles a .wasm file. */
export type CompileWasm = (url: URL) => Promise<WebAssembly.Module>;

export async function createEngine(variant: Variant, threads: number | undefined, compileWasm: CompileWasm): Promise<Engine> {
  const { create, wasmUrl } = builds[variant];
  const url = wasmUrl();
  let wasm: WebAssembly.Module;
  try {
    wasm = await compileWasm(url);
  } catch (cause) {
    throw makeError('engine_unreachable', `the engine could not be loaded: ${(cause as Error).message}`, { path: url.href, cause });
  }
  return startEngine({ variant, create, wasm, threads });
}

interface Start {
  variant: string;
  create: Build['create'];
  wasm: WebAssembly.Module;
  threads?: number | undefined;
  startMs?: number;
}

/** Runs a build's factory; lack of memory is a typed error. */
export async function startEngine({ variant, create, wasm, threads, startMs = threadedStartMs }: Start): Promise<Engine> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const module = await new Promise<MainModule>((resolve, reject) => {
      const instantiateWasm = (imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance, wasm: WebAssembly.Module) => void) => {
        WebAssembly.instantiate(wasm, imports).then((instance) => receive(instance, wasm)).catch(reject);
        return {}; // the exports come later
      };
      create({ threads, instantiateWasm }).then(resolve, reject);
      if (variant.endsWith('-mt')) timer = setTimeout(reject, startMs, makeError('out_of_memory', `the ${variant} build did not start within ${startMs} ms`));
    });
    return new module.Engine();
  } catch (cause) {
    if (NeedleError.isInstance(cause) || !(cause instanceof RangeError)) throw cause;
    throw makeError('out_of_memory', `there is no memory for the ${variant} build: ${cause.message}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}
