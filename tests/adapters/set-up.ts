// SPDX-License-Identifier: Apache-2.0
// Before the tests: the built package as one of the installed ones, beside those that it is tested with. A copy, so that
// what it imports is found there and not in the repository's own node_modules.
import { cpSync, rmSync } from 'node:fs';
import { root } from '../e2e/built.js';

export default function setUp(): void {
  const installed = `${root}/tests/adapters/node_modules/needle-router`;
  rmSync(installed, { recursive: true, force: true });
  for (const name of ['package.json', 'README.md', 'dist']) cpSync(`${root}/${name}`, `${installed}/${name}`, { recursive: true });
}
