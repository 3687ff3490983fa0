// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { ToolSet } from '../../js/api/tool-set.js';
import type { RouteResult } from '../../js/api/types.js';
import type { ToolRouter } from '../../js/api/tool-router.js';
import { evaluate, routed } from '../../js/cli/eval-command.js';
import { readExample } from '../../js/cli/example.js';

const tools = [{ name: 'set', parameters: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } }];
const line = (query: string, answers: unknown = [{ name: 'set', arguments: { n: 1 } }], more: object = {}) => JSON.stringify({ query, tools, answers, ...more });

/** Answers with the calls that the query is the JSON of; anything else is refused. */
const router = {
  tools: async (list: unknown) => {
    if (!Array.isArray(list)) throw new Error('refused');
    return {
      route: async (query: string) => {
        const calls = JSON.parse(query) as RouteResult['calls'];
        return { type: calls.length > 0 ? 'call' : 'none', calls } as RouteResult;
      },
      dispose() {},
    } as unknown as ToolSet;
  },
} as Pick<ToolRouter, 'tools'>;
const run = (lines: string[]) => evaluate(routed(router), lines);
const right = JSON.stringify([{ name: 'set', arguments: { n: 1 } }]);
const wrong = JSON.stringify([{ name: 'set', arguments: { n: 'x' } }]);

describe('evaluate', () => {
  test('counts exact matches, tools, arguments, refusals and validity', async () => {
    expect(await run([line(right), line(wrong), line('[]'), line('[]', []), line(right, [])])).toMatchObject({
      examples: 5, errors: 0, exactMatch: 0.4, toolAccuracy: 0.6, argumentAccuracy: 0.3333,
      refusalPrecision: 0.5, refusalRecall: 0.5, schemaValid: 0.6667,
    });
  });

  test('what is refused or no example is wrong and an error, and the run goes on', async () => {
    const lines = ['not json', '7', '{"query":"x"}', line('refuse me'), line('refuse me', []), JSON.stringify({ query: '[]', tools: 7, answers: [] }), line(right)];
    expect(await run(lines)).toMatchObject({ examples: 7, errors: 6, exactMatch: 0.1429, refusalRecall: 0, refusalPrecision: 1, argumentAccuracy: 0.5 });
  });

  test('a call of a tool that is not there is invalid', async () => {
    expect(await run([line(JSON.stringify([{ name: 'other', arguments: {} }]))])).toMatchObject({ schemaValid: 0, toolAccuracy: 0 });
  });

  test('calls from elsewhere for tools that cannot be read are invalid, and the run goes on', async () => {
    const answer = async () => ({ result: { type: 'call', calls: [{ name: 'set', arguments: { n: 1 } }] } as unknown as RouteResult, ms: 0 });
    expect(await evaluate(answer, [JSON.stringify({ query: 'q', tools: [{ name: '' }], answers: [{ name: 'set', arguments: { n: 1 } }] }), line('q')])).toMatchObject({
      examples: 2, errors: 0, exactMatch: 1, schemaValid: 0.5,
    });
  });

  test('tells what became of each example', async () => {
    const rows: unknown[] = [];
    await evaluate(routed(router), [line(right), line(wrong), line('refuse me'), 'not json'], { onRow: (row) => rows.push(row) });
    expect(rows).toEqual([
      { exact: true, toolsRight: true, argumentsRight: 1, argumentsExpected: 1, result: expect.objectContaining({ type: 'call' }) },
      { exact: false, toolsRight: true, argumentsRight: 0, argumentsExpected: 1, result: expect.objectContaining({ type: 'call' }) },
      { error: expect.stringContaining('JSON') },
      { error: expect.stringContaining('JSON') },
    ]);
  });

  test('has finite numbers for an empty file', async () => {
    for (const value of Object.values(await run([]))) expect(Number.isFinite(value)).toBe(true);
  });
});

describe('readExample reads acceptable', () => {
  const lists = { n: [1, 2] };
  test.each([
    [{ acceptable: [lists] }],
    [{ acceptable: lists }],
    [{ acceptable: [{ set: lists }] }],
    [{ acceptable: { set: lists } }],
    [{ acceptable: [{ name: 'set', arguments: lists }] }],
    [{ answers: [{ name: 'set', arguments: { n: 1 }, acceptable: lists }] }],
  ])('from %j', (more) => {
    expect(readExample(line('q', undefined, more)).answers).toEqual([{ name: 'set', arguments: { n: 1 }, acceptable: lists }]);
  });
});
