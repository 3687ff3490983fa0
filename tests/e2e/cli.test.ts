// SPDX-License-Identifier: Apache-2.0
// The command line as a program: what it prints where, and its exit codes.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
    [['eval']], [['eval', 'a', '--tools', 'b']], [['eval', 'a', '--workers', '2']], [['batch', 'a']], [['batch', 'a', 'b', 'c']],
    [['batch', 'a', 'b', '--workers', '0']], [['route', 'a', '--details', 'b']], [['eval', 'a', '--results', 'b', '--model', 'c']],
    [['cli', 'a']], [['route', 'a', '--run']], [['batch', 'a', 'b', '--help-text', 'c']],
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

  test('eval scores the results of a file, and writes what became of each example', () => {
    const call = { name: 'set', arguments: { n: 5 } };
    const example = JSON.stringify({ query: 'five', tools: [{ name: 'set', parameters: { type: 'object', properties: { n: { type: 'integer' } } } }], answers: [call] });
    const results = file('given.jsonl', [{ calls: [call] }, { calls: [] }, { error: {} }, { calls: [{ name: 'set' }] }].map((r) => JSON.stringify(r)).join('\n'));
    const details = join(folder, 'details.jsonl');
    const { stdout } = run('eval', file('four.jsonl', `${example}\n`.repeat(4)), '--results', results, '--details', details);
    expect(JSON.parse(stdout)).toMatchObject({ examples: 4, errors: 2, exactMatch: 0.25, refusalPrecision: 0 });
    const rows = readFileSync(details, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as unknown);
    expect(rows).toEqual([expect.objectContaining({ exact: true }), expect.objectContaining({ exact: false }), { error: expect.any(String) }, { error: expect.stringContaining('arguments') }]);
  });

  test('batch answers each line in its place, errors too, and goes on behind what is there', () => {
    const tools = [{ name: 'set_timer', description: 'Start a timer', parameters: { type: 'object', properties: { minutes: { type: 'integer' } } } }];
    const requests = Array.from({ length: 7 }, (_, i) => JSON.stringify({ query: `timer for ${i + 2} minutes`, tools }));
    requests.splice(3, 0, '{"query": "cut off', JSON.stringify({ query: 'x', tools: [{}] }));
    const input = file('requests.jsonl', `${requests.join('\n')}\n`);
    const output = join(folder, 'results.jsonl');
    const batch = () => run('batch', input, output, '--workers', '2');
    const results = () => readFileSync(output, 'utf8').split('\n').map((line) => (line ? withoutTimings(line) : line));

    expect(batch()).toEqual({ status: 0, stdout: '', stderr: '' });
    const all = results();
    expect(all).toHaveLength(10);
    expect(all.slice(3, 5)).toEqual([expect.objectContaining({ error: expect.objectContaining({ code: 'invalid_json' }) }), { error: expect.objectContaining({ path: expect.stringMatching(/^tools\[0\]/) }) }]);
    expect(all.filter((r) => r && 'type' in (r as object))).toHaveLength(7);

    const lines = readFileSync(output, 'utf8').split('\n');
    writeFileSync(output, `${lines.slice(0, 6).join('\n')}\n{"type": "ca`); // as a killed run leaves it
    expect(batch()).toMatchObject({ status: 0 });
    expect(results()).toEqual(all);
  });
});

function withoutTimings(line: string): unknown {
  const { timings, ...result } = JSON.parse(line) as Record<string, unknown>;
  return result;
}
