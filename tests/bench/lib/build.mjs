// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// What measurements need beside the package: their own WebAssembly modules, and onnxruntime-web from tests/bench's lock.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cmakeBuild, emscriptenEnvironment, npmCi, requirePrograms, root, SetUpError } from '../../../js/set-up.mjs';

const say = (text) => process.stderr.write(`bench: ${text}\n`);

/** The kernels as modules of their own; cheap when nothing has changed. */
export function buildKernels() {
  requirePrograms('cmake', ['ninja', 'make'], 'python3');
  const { env, bin } = emscriptenEnvironment(say);
  cmakeBuild('build/bench-wasm', ['emcmake', 'cmake', '-DNEEDLE_BENCH=ON', '-DNEEDLE_VARIANTS='], { env, quiet: true, key: bin });
}

/** False, with a sentence, where the packages cannot be had. */
export function installCompetitor() {
  if (existsSync(join(root, 'tests/bench/node_modules/onnxruntime-web'))) return true;
  try {
    npmCi(join(root, 'tests/bench'), true);
    return true;
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    say('onnxruntime-web could not be installed: no comparison');
    return false;
  }
}
