// SPDX-License-Identifier: Apache-2.0
// Runs in: worker
// The builds: each one's glue, and its .wasm by a literal URL, so that bundlers see both. The glue is imported statically
// because bundlers may put a worker into one file.
import createRelaxed from '../generated/needle-relaxed.mjs';
import createSimd, { type Engine } from '../generated/needle-simd.mjs';
import type { Variant, WasmSource } from '../protocol/messages.js';
import { compiledBy, type CompileWasm } from './compile-wasm.js';
import { startEngine, type CreateModule } from './start-engine.js';

interface Build {
  create: CreateModule;
  wasmUrl(): URL;
}

const builds: Record<Variant, Build> = {
  relaxed: { create: createRelaxed, wasmUrl: () => new URL('../generated/needle-relaxed.wasm', import.meta.url) },
  simd: { create: createSimd, wasmUrl: () => new URL('../generated/needle-simd.wasm', import.meta.url) },
};

/** @param given what the caller named in place of the package's own .wasm */
export async function createEngine(
  variant: Variant,
  threads: number | undefined,
  compileWasm: CompileWasm,
  { module, url }: WasmSource = {},
): Promise<Engine> {
  const { create, wasmUrl } = builds[variant];
  const wasm = module ?? (await compiledBy(compileWasm, url === undefined ? wasmUrl() : new URL(url)));
  return startEngine({ variant, create, wasm, threads });
}
