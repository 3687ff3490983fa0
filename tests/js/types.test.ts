// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { root } from '../e2e/built.js';

test('calls are typed by the tools passed', () => {
  const { stdout } = spawnSync(process.execPath, [`${root}/node_modules/typescript/bin/tsc`, '-p', `${root}/tests/js/types`], { encoding: 'utf8' });
  expect(stdout).toBe('');
}, 240_000);
