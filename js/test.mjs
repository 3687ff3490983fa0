// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// `npm test`: set-up and build, the C++ tests natively under the sanitizers, the tests of models/ where PyTorch is
// installed, then the package's tests, whose summary is the last thing printed. Arguments go to Vitest.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cmakeBuild, npmCi, requirePrograms, root, run, SetUpError, setUpOrExplain } from './set-up.mjs';

function testNatively() {
  requirePrograms(['c++', 'g++', 'clang++']);
  cmakeBuild('build/native', ['cmake'], { env: process.env });
  run('ctest', ['--test-dir', join(root, 'build/native'), '--output-on-failure', '--parallel', String(availableParallelism())],
    { what: 'a C++ test' });
}

/** The engine as a native program at full speed, which the WebAssembly builds are compared with. */
function buildNativeEngine() {
  cmakeBuild('build/release', ['cmake', '-DNEEDLE_SANITIZE=OFF', '-DNEEDLE_TESTS=OFF'], { env: process.env });
}

/** The tests of models/, where what they need is installed; the package itself needs no Python. */
function testModels() {
  const python = (args) => spawnSync('python3', args, { cwd: join(root, 'models'), stdio: ['ignore', 2, 2] });
  const has = spawnSync('python3', ['-c', 'import torch, sentencepiece, zstandard'], { stdio: 'ignore' }).status === 0;
  if (!has) {
    process.stderr.write('needle-router: the tests of models/ were left out; they need `pip install -r models/requirements.txt`.\n');
    return;
  }
  if (python(['-m', 'unittest', 'discover', '-s', '../tests/python']).status !== 0) throw new SetUpError('a test of models/ failed; its output above says which.');
}

/** A newer Node for the build that Node 20 cannot run. Where it cannot be had, its tests are skipped and say so. */
function installRuntimes() {
  const folder = join(root, 'tests/runtimes');
  if (existsSync(join(folder, 'node_modules/node24/bin/node'))) return;
  try {
    npmCi(folder);
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
  }
}

if (!(await setUpOrExplain())) process.exit(1);
try {
  testNatively();
  buildNativeEngine();
  testModels();
} catch (error) {
  if (!(error instanceof SetUpError)) throw error;
  process.stderr.write(`needle-router: ${error.message}\n`);
  process.exit(1);
}
installRuntimes();
const vitest = spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', join(root, 'tests/vitest.config.ts'), ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' });
process.exit(vitest.status ?? 1);
