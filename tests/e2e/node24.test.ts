// SPDX-License-Identifier: Apache-2.0
// The same suite in Node 24, which runs the relaxed build as well.
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { hasModel, hasNode24, node24, root } from './built.js';

function runNode(node: string, args: string[]): string {
  const { status, stdout, stderr } = spawnSync(node, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  expect(status, `${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

describe.skipIf(!hasNode24 || !hasModel)('Node 24', () => {
  test('passes the suite for all four builds', { timeout: 300_000 }, () => {
    const output = runNode(node24, ['node_modules/vitest/vitest.mjs', 'run', '--config', 'tests/vitest.config.ts', '--reporter=verbose', 'tests/e2e/node.test.ts']);
    expect(output).toContain('the relaxed build on Node v24');
    expect(output).toContain('the relaxed-mt build on Node v24');
  });
});
