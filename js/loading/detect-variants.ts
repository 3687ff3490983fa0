// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Which builds this runtime can run, found by asking WebAssembly itself and never by its name or version.
import { makeError } from '../protocol/errors.js';
import { variants, type Variant } from '../protocol/messages.js';

// (module (func (result v128) i32.const 0 i8x16.splat))
const simdProbe = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11];

// (module (func (export "dot") (result i32)
//   (i8x16.splat (i32.const 1)) (i8x16.splat (i32.const 2)) (i32x4.splat (i32.const 0))
//   i32x4.relaxed_dot_i8x16_i7x16_add_s    ;; 0xfd 0x113
//   (i32x4.extract_lane 0)))
// Four products of 1 and 2 are 8. Node 20 has the opcode behind a flag and answers 16, so validating is not enough.
const relaxedProbe = [
  0, 97, 115, 109, 1, 0, 0, 0,
  1, 5, 1, 96, 0, 1, 127,
  3, 2, 1, 0,
  7, 7, 1, 3, 100, 111, 116, 0, 0,
  10, 22, 1, 20, 0,
  65, 1, 253, 15, 65, 2, 253, 15, 65, 0, 253, 17, 253, 147, 2, 253, 27, 0, 11,
];

/** More would wait for memory, and for one another. */
const maxThreads = 4;

/** How many threads to use of those that the machine has, when at most `threads` are wanted. */
export const threadsFor = (available: number | undefined, threads = Infinity) => Math.min(threads, available ?? 1, maxThreads);

/** The builds that run here, the best first; those with threads only where more than one may run. */
export async function detectVariants(threads = Infinity): Promise<Variant[]> {
  if (typeof WebAssembly !== 'object' || !WebAssembly.validate(new Uint8Array(simdProbe))) {
    throw makeError('unsupported_runtime', 'this runtime has no WebAssembly SIMD, which the engine needs');
  }
  const isRelaxed = await hasRelaxedDot();
  const isThreaded = threads > 1 && canShareMemory();
  return variants.filter((variant) => (isRelaxed || !variant.startsWith('relaxed')) && (isThreaded || !variant.endsWith('-mt')));
}

/** The same in Node, without threads unless they are asked for: a server or a batch has an engine a core. */
export const nodeVariants = (threads = 1) => detectVariants(threads);

/** Instantiates a probe in any case: validating is allowed where a policy forbids WebAssembly. */
async function hasRelaxedDot(): Promise<boolean> {
  const relaxed = new Uint8Array(relaxedProbe);
  const isKnown = WebAssembly.validate(relaxed);
  try {
    const { instance } = await WebAssembly.instantiate(isKnown ? relaxed : new Uint8Array(simdProbe));
    return isKnown && (instance.exports['dot'] as () => number)() === 8;
  } catch (cause) {
    throw makeError('unsupported_runtime', `WebAssembly may not run here: ${(cause as Error).message}`, { cause }); // a policy without wasm-unsafe-eval
  }
}

/** In browsers only for pages that are cross-origin isolated; elsewhere nobody asks for that. */
function canShareMemory(): boolean {
  return typeof SharedArrayBuffer === 'function' && globalThis.crossOriginIsolated !== false;
}
