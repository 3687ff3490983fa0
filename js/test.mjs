// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// `npm test`: set-up and build, the C++ tests natively under the sanitizers, the tests of models/ where PyTorch is
// installed, then the package's tests, in Node and in browsers. What could not be run is named at the end; with
// NEEDLE_TEST_ALL=1, which is how CI asks, that is a failure. Arguments go to Vitest.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { installCounter } from '../tests/bench/count.mjs';
import { installBrowsers } from '../tests/browser/find-browsers.mjs';
import { buildNativeEngine, cmakeBuild, npmCi, requirePrograms, root, run, SetUpError, setUpOrExplain } from './set-up.mjs';

/** What was left out, each with what it takes. */
const notRun = [];
const say = (text) => process.stderr.write(`needle-router: ${text}\n`);

function testNatively() {
  requirePrograms(['c++', 'g++', 'clang++']);
  cmakeBuild('build/native', ['cmake'], { env: process.env });
  run('ctest', ['--test-dir', join(root, 'build/native'), '--output-on-failure', '--parallel', String(availableParallelism())],
    { what: 'a C++ test' });
}

/** The tests of models/, where what they need is installed; the package itself needs no Python. */
function testModels() {
  const own = join(root, 'models/.venv/bin/python3');
  const python = existsSync(own) ? own : 'python3';
  if (spawnSync(python, ['-c', 'import torch, sentencepiece, zstandard'], { stdio: 'ignore' }).status !== 0) {
    return void notRun.push('the tests of models/: they take `pip install -r models/requirements.txt`, for python3 or in models/.venv');
  }
  const program = `import json, unittest
result = unittest.main(module=None, argv=["", "discover", "-s", "../tests/python"], exit=False).result
print(json.dumps([f"{test.id()}: {why}" for test, why in result.skipped]))
raise SystemExit(not result.wasSuccessful())`;
  const { status, stdout } = spawnSync(python, ['-c', program], { cwd: join(root, 'models'), stdio: ['ignore', 'pipe', 2], encoding: 'utf8' });
  if (status !== 0) throw new SetUpError('a test of models/ failed; its output above says which.');
  notRun.push(...JSON.parse(stdout.trimEnd().split('\n').at(-1)).map((test) => `tests/python: ${test}`));
}

/**
 * What only one group of tests needs: the other runtimes that the package is for, the packages that it has adapters for,
 * or bundlers.
 * Where it cannot be had, the tests are skipped and say so.
 */
function installFor(group) {
  const folder = join(root, 'tests', group);
  const packagesOf = (path) => (existsSync(join(folder, path)) ? JSON.parse(readFileSync(join(folder, path), 'utf8')).packages : {});
  const installed = packagesOf('node_modules/.package-lock.json');
  const wanted = packagesOf('package-lock.json');
  const { optionalDependencies, devDependencies } = wanted[''];
  if (Object.keys({ ...optionalDependencies, ...devDependencies }).every((name) => installed[`node_modules/${name}`]?.version === wanted[`node_modules/${name}`].version)) return;
  try {
    npmCi(folder);
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
  }
}

/** Runs the package's tests and answers how that ended. */
function testPackage(args) {
  const results = join(root, 'build/test-results.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  rmSync(results, { force: true });
  const { status } = spawnSync(process.execPath, [vitest, 'run', '--config', join(root, 'tests/vitest.config.ts'), ...reporters, ...args], { cwd: root, stdio: 'inherit' });
  if (args.length === 0 && existsSync(results)) notRun.push(...skippedIn(JSON.parse(readFileSync(results, 'utf8'))));
  return status ?? 1;
}

/** The tests that were skipped; as one, those of a group that was skipped whole. */
function skippedIn({ testResults }) {
  const groups = new Map();
  for (const { name: file, assertionResults } of testResults) {
    for (const { ancestorTitles, title, status } of assertionResults) {
      const group = `${relative(root, file)}${ancestorTitles.length > 0 ? `: ${ancestorTitles[0]}` : ''}`;
      const { skipped, count } = groups.get(group) ?? { skipped: [], count: 0 };
      groups.set(group, { skipped: ['passed', 'failed'].includes(status) ? skipped : [...skipped, title], count: count + 1 });
    }
  }
  return [...groups].flatMap(([group, { skipped, count }]) => (skipped.length === count ? [group] : skipped.map((title) => `${group}: ${title}`)));
}

if (!(await setUpOrExplain())) process.exit(1);
try {
  testNatively();
  buildNativeEngine();
  testModels();
} catch (error) {
  if (!(error instanceof SetUpError)) throw error;
  say(error.message);
  process.exit(1);
}
installFor('runtimes');
installFor('adapters');
if (process.env.NEEDLE_LONG) installFor('bundlers'); // half a gigabyte
installCounter(say);
for (const name of installBrowsers(say)) notRun.push(`${name}: it is neither here nor could it be installed from this system's packages`);
const status = testPackage(process.argv.slice(2));
if (!process.env.NEEDLE_LONG) say('left to `npm run test:long`: webpack, Next.js and Parcel, a million mutations a fuzz target, soaks of 100,000 routes, the audit');
if (notRun.length > 0) say(`not run here:\n${notRun.map((what) => `  - ${what}`).join('\n')}`);
process.exitCode = status || (process.env.NEEDLE_TEST_ALL === '1' && notRun.length > 0 ? 1 : 0);
