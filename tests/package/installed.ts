// SPDX-License-Identifier: Apache-2.0
// The packages as their users get them: both packed, and installed into an empty folder.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../e2e/built.js';

const npm = process.env['npm_execpath'] ? [process.execPath, process.env['npm_execpath']] : ['npm'];

export interface Installed {
  /** The empty folder, now with a package.json and node_modules. */
  folder: string;
  /** The packed files. */
  tarballs: { main: string; model: string };
  /** Runs a program in the folder and answers what it printed. */
  run(program: string, args: string[]): string;
  remove(): void;
}

export function runProgram(program: string, args: string[], cwd: string): string {
  return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: 'pipe', maxBuffer: 1 << 28 });
}

export function runNpm(args: string[], cwd: string): string {
  return runProgram(npm[0]!, [...npm.slice(1), ...args, '--loglevel=error'], cwd);
}

export function installPackages(): Installed {
  const folder = mkdtempSync(join(tmpdir(), 'needle-package-'));
  // Without scripts: the build that is there is the one to test.
  const pack = (what: string[]) => {
    const [{ filename }] = JSON.parse(runNpm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder, ...what], root)) as [{ filename: string }];
    return join(folder, filename);
  };
  const tarballs = { main: pack([]), model: pack(['--workspace', 'needle-router-model']) };
  writeFileSync(join(folder, 'package.json'), '{"type": "module", "private": true}');
  runNpm(['install', '--offline', '--no-audit', '--no-fund', tarballs.model, tarballs.main], folder);
  return {
    folder,
    tarballs,
    run: (program, args) => runProgram(program, args, folder),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
