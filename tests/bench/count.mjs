// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// The guard against getting slower by accident: instructions of the native build, counted by callgrind, beside the
// committed counts. The same on every machine of this kind with this compiler, however busy; another compiler's counts
// are its own, so each has counts of its own in results/instructions.json. `npm run bench:count -- --update` writes this
// compiler's.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildNativeEngine, isOnPath, root } from '../../js/set-up.mjs';
import { request, tools } from './scenario.mjs';

const program = join(root, 'build/release/tests/bench/instruction_count');
const committed = join(root, 'tests/bench/results/instructions.json');
/** How much a count may grow before it is a failure. */
export const tolerance = 0.05;
const works = ['gemm', 'gemv', 'pairs', 'logits', 'attention', 'compile', 'route'];

export const canCount = () => isOnPath('valgrind');

/** Installs valgrind where it is missing, if root on a Debian; without it the counts are not compared, and said to be not. */
export function installCounter(log) {
  if (canCount() || process.getuid?.() !== 0 || !isOnPath('apt-get')) return;
  log('installing valgrind for the tests');
  spawnSync('apt-get', ['-qq', 'install', '-y', '--no-install-recommends', 'valgrind'], { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}

function compilerName() {
  const cache = readFileSync(join(root, 'build/release/CMakeCache.txt'), 'utf8');
  const path = /^CMAKE_CXX_COMPILER:[A-Z]+=(.*)$/m.exec(cache)[1];
  return `${spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.split('\n')[0].trim()}, ${process.arch}`;
}

function countOne(work, files) {
  const args = ['--tool=callgrind', '--callgrind-out-file=/dev/null', '--toggle-collect=counted', program, work, ...(files[work] ?? [])];
  const { status, stderr } = spawnSync('valgrind', args, { encoding: 'utf8' });
  const count = /Collected : (\d+)/.exec(stderr)?.[1];
  if (status !== 0 || !count) throw new Error(`callgrind could not count ${work}: ${stderr}`);
  return Number(count);
}

/** -> { compiler, counts: { gemm, gemv, pairs, logits, attention, compile, route } } */
export function countInstructions() {
  buildNativeEngine(true);
  const folder = join(root, 'build/bench');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'tools.json'), JSON.stringify(tools));
  writeFileSync(join(folder, 'request.json'), JSON.stringify({ query: request }));
  const { file } = JSON.parse(readFileSync(join(root, 'models/manifest.json'), 'utf8'));
  const engineFiles = [join(root, 'models', file), join(folder, 'tools.json'), join(folder, 'request.json')];
  const files = { compile: engineFiles, route: engineFiles };
  return { compiler: compilerName(), counts: Object.fromEntries(works.map((work) => [work, countOne(work, files)])) };
}

/** What grew by more than the tolerance: sentences. */
export function regressions(counts, before) {
  return Object.entries(counts).filter(([work, count]) => count > before[work] * (1 + tolerance))
    .map(([work, count]) => `${work}: ${count} instructions, ${(100 * (count / before[work] - 1)).toFixed(1)}% more than ${before[work]}`);
}

export const readCommitted = () => (existsSync(committed) ? JSON.parse(readFileSync(committed, 'utf8')) : {});

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!canCount()) throw new Error('counting takes valgrind: on Debian, apt-get install valgrind');
  const { compiler, counts } = countInstructions();
  const all = readCommitted();
  if (process.argv.includes('--update')) {
    mkdirSync(join(root, 'tests/bench/results'), { recursive: true });
    writeFileSync(committed, `${JSON.stringify({ ...all, [compiler]: counts }, null, 1)}\n`);
  }
  process.stdout.write(`${JSON.stringify({ compiler, counts, before: all[compiler] ?? null }, null, 1)}\n`);
}
