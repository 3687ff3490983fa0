// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// What every result says of itself: machine, commit, and how busy the machine was.
import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { root } from './places.mjs';

const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? '';

export function aboutThisRun() {
  const isChanged = git('status', '--porcelain', '--', 'wasm', 'js', 'models', 'CMakeLists.txt') !== '';
  return {
    machine: `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB`,
    commit: `${git('rev-parse', '--short', 'HEAD')}${isChanged ? ' with changes' : ''}`,
    date: new Date().toISOString().slice(0, 10),
    load: Number(loadavg()[0].toFixed(2)),
  };
}

/** More than one busy core in the last minute is somebody else: our own measurements take one at a time. */
export function warnOfLoad(load = loadavg()[0]) {
  if (load > 1.5) process.stderr.write(`bench: the machine is busy (load ${load.toFixed(1)}): take the ratios, not the milliseconds\n`);
}
