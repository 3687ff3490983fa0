// SPDX-License-Identifier: Apache-2.0
// Runs in: worker
// The builds: each one's .wasm by a literal URL, so that bundlers see it, and its glue. Builds with the same threading
// have the same glue (js/set-up.mjs checks that), so two files serve four builds.
import createSingle, { type Engine } from '../generated/needle-simd.mjs';
import type { Variant, WasmSource } from '../protocol/messages.js';
import { compiledBy, type CompileWasm } from './compile-wasm.js';
import { startEngine, type CreateModule } from './start-engine.js';

const wasmUrls: Record<Variant, () => URL> = {
  'relaxed-mt': () => new URL('../generated/needle-relaxed-mt.wasm', import.meta.url),
  relaxed: () => new URL('../generated/needle-relaxed.wasm', import.meta.url),
  'simd-mt': () => new URL('../generated/needle-simd-mt.wasm', import.meta.url),
  simd: () => new URL('../generated/needle-simd.wasm', import.meta.url),
};

/** By what the glue's threads are started: browsers' workers, or Node's. */
export interface Glue {
  single: CreateModule;
  threaded: CreateModule;
  /** The file that a thread runs, where the glue does not know it: the threaded glue once more, as it is. */
  threadUrl?: () => URL;
  /** Begins to fetch the threaded glue, while the .wasm is on its way. */
  prefetch?: () => void;
}
const threadUrl = () => new URL('../generated/needle-simd-mt.js', import.meta.url);

const threadsFile = () => import(/* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ threadUrl().href) as Promise<{ default?: CreateModule }>;

export const webGlue: Glue = {
  single: createSingle,
  // The very file that the threads run: most pages have none and never fetch it. By its URL, not as a part of the bundle,
  // because bundlers may put a worker into one file.
  async threaded(options) {
    const create = (await threadsFile()).default ?? (globalThis as Record<symbol, unknown>)[Symbol.for('needle-router.threads')]; // where a bundler took the exports away (js/set-up.mjs)
    return (create as CreateModule)(options);
  },
  threadUrl,
  prefetch: () => void threadsFile().catch(() => {}), // said when it is used
};

/**
 * @param threads in all, for the builds that have them
 * @param given what the caller named in place of the package's own .wasm
 */
export async function createEngine(
  variant: Variant,
  threads: number,
  compileWasm: CompileWasm,
  { module, url }: WasmSource = {},
  glue: Glue = webGlue,
): Promise<Engine> {
  if (variant.endsWith('-mt')) glue.prefetch?.();
  const wasm = module ?? (await compiledBy(compileWasm, url ?? wasmUrls[variant]()));
  return startEngine({ variant, create: variant.endsWith('-mt') ? glue.threaded : glue.single, wasm, threads, threadUrl: glue.threadUrl?.() });
}
