// SPDX-License-Identifier: Apache-2.0
// 500 requests, answered by the released model in every build: the same bytes natively, in baseline SIMD and in relaxed
// SIMD, with threads and without, and the bytes that models/needle_models/golden_requests.py recorded when the model was released and compared
// with the Python reference.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasModel, hasNode24, node24, root } from './built.js';

const requests = `${root}/tests/golden/requests.jsonl`;
const golden = lines(readFileSync(`${root}/tests/golden/results.jsonl`, 'utf8'));

function lines(text: string): string[] {
  return text.split('\n').filter(Boolean);
}

function run(program: string, args: string[], input?: string): string[] {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: 'utf8', input, maxBuffer: 1 << 28 });
  expect(status, stderr).toBe(0);
  return lines(stdout);
}

/** Answers of the package; of an error, its code and path. */
const inNode = (node: string, variant: string) => run(node, ['tests/e2e/route-all.mjs', variant, requests]);

/** The native engine's line as the package prints it. */
function asInNode(line: string): string {
  const result = JSON.parse(line) as { error?: { code: string; path: string } };
  return JSON.stringify(result.error ? { code: result.error.code, path: result.error.path } : result);
}

describe.skipIf(!hasModel)('the golden requests', () => {
  const timeout = 600_000;

  test('are 500', () => {
    expect(golden).toHaveLength(500);
  });

  test('natively', { timeout }, () => {
    const { file } = JSON.parse(readFileSync(`${root}/models/manifest.json`, 'utf8')) as { file: string };
    const answers = run(`${root}/build/release/route_lines`, [`models/${file}`], readFileSync(requests, 'utf8'));
    expect(answers).toEqual(golden);
  });

  test.each(['simd', 'simd-mt'])('in the %s build', { timeout }, (variant) => {
    expect(inNode(process.execPath, variant)).toEqual(golden.map(asInNode));
  });

  test.skipIf(!hasNode24).each(['relaxed', 'relaxed-mt'])('in the %s build', { timeout }, (variant) => {
    expect(inNode(node24, variant)).toEqual(golden.map(asInNode));
  });
});
