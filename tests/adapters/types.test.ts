// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { root } from '../e2e/built.js';

test('the adapters have the types of the packages that they are for, and typed calls come of their tools', () => {
  const { stdout } = spawnSync(process.execPath, [`${root}/node_modules/typescript/bin/tsc`, '-p', `${root}/tests/adapters/types`], { encoding: 'utf8' });
  expect(stdout).toBe('');
}, 600_000);
