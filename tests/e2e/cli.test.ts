// SPDX-License-Identifier: Apache-2.0
// The command line as a program: what it prints where, and its exit codes.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasModel, root } from './built.js';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'needle-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'js/run.mjs'), ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}
function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

describe('needle-router', () => {
  test.each([
    [[]], [['frob']], [['route']], [['route', ' ']], [['route', 'a', 'b']], [['route', 'a', '--bogus']], [['route', 'a', '--tools']],
    [['eval']], [['eval', 'a', '--tools', 'b']],
  ])('%j is wrong usage: exit code 2, one sentence and the usage', (args) => {
    const { status, stdout, stderr } = run(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^usage: .+\nusage: needle-router route/);
  });

  test('--help prints the usage to stdout', () => {
    expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^usage: needle-router/), stderr: '' });
  });

  test.each([
    ['a file that is not there', () => join(folder, 'none.json'), /^not_found \S+none\.json: .+\n$/],
    ['a file that is not JSON', () => file('bad.json', '[{]'), /^invalid_json \S+bad\.json: .+\n$/],
  ])('%s: code, path and message on one line, exit code 1', (_, tools, expected) => {
    const { status, stdout, stderr } = run('route', 'x', '--tools', tools());
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(expected);
  });

  test('a model that is not one', () => {
    const { status, stdout, stderr } = run('route', 'x', '--model', file('model', '<!doctype html>'));
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^invalid_model \S+model: .+\n$/);
  });
});

describe.skipIf(!hasModel)('with the released model', () => {
  test('route --json prints exactly one line, and nothing else on either stream', () => {
    const { status, stdout, stderr } = run('route', 'dim the kitchen lights to 30%', '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(stdout)).toMatchObject({ type: expect.any(String), calls: expect.any(Array), confidence: expect.any(Number) });
  });

  test('route prints the same JSON laid out', () => {
    const { stdout } = run('route', 'dim the kitchen lights to 30%');
    expect(stdout.split('\n').length).toBeGreaterThan(2);
    expect(JSON.parse(stdout)).toHaveProperty('calls');
  });

  test('a tool that cannot be honoured is named by its path', () => {
    const tools = file('not.json', JSON.stringify([{ name: 'a', parameters: { type: 'object', properties: { x: { not: {} } } } }]));
    expect(run('route', 'x', '--tools', tools, '--json')).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/^unsupported_schema tools\[0\]\.parameters\.properties\.x\S*: .+\n$/) });
  });

  test('eval scores every line, whatever it holds', () => {
    const tools = [{ name: 'set_timer', description: 'Start a timer', parameters: { type: 'object', properties: { minutes: { type: 'integer' } } } }];
    const bad = [{ name: 'a', parameters: { type: 'object', properties: { x: { not: {} } } } }];
    const lines = [
      JSON.stringify({ query: 'set a timer for 5 minutes', tools, answers: [{ name: 'set_timer', arguments: { minutes: 5 } }] }),
      JSON.stringify({ query: 'x', tools: bad, answers: [] }),
      '{"query": "cut off',
      JSON.stringify({ query: '', tools, answers: [] }),
    ];
    const { status, stdout, stderr } = run('eval', file('examples.jsonl', `${lines.join('\n')}\n\n`));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const scores = JSON.parse(stdout) as Record<string, number>;
    expect(scores).toMatchObject({ examples: 4, errors: 2, refusalRecall: 0.5 });
    expect(Object.keys(scores)).toEqual(['examples', 'errors', 'exactMatch', 'toolAccuracy', 'argumentAccuracy', 'refusalPrecision', 'refusalRecall', 'schemaValid', 'p50Ms', 'p95Ms', 'examplesPerSecond']);
  });
});
