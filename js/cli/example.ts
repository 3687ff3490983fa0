// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// One line of a file of examples: {"query", "tools", "answers": [{"name", "arguments"}], "acceptable"?}. `acceptable`
// lists the accepted values of each argument; it may stand in each answer, or beside them for all (a list in their
// order, or one object), with or without the tool's name around it, as BFCL writes it.
import type { JsonValue, Query } from '../entry/node.js';
import { makeError } from '../protocol/errors.js';
import type { ExpectedCall } from './metrics.js';

type Lists = Record<string, JsonValue>;

export interface Example {
  query: Query;
  tools: unknown;
  answers: ExpectedCall[];
}

export function readExample(line: string): Example {
  const row = JSON.parse(line) as Record<string, unknown> | null;
  if (!isObject(row)) throw makeError('invalid_json', 'an example must be an object');
  const { query, tools, answers } = row;
  if (!Array.isArray(answers)) throw makeError('invalid_json', 'must be an array of calls', { path: 'answers' });
  return { query: query as Query, tools, answers: answers.map((answer: unknown, index) => readAnswer(answer, index, row['acceptable'])) };
}

function readAnswer(answer: unknown, index: number, ofRow: unknown): ExpectedCall {
  const path = `answers[${index}]`;
  if (!isObject(answer) || typeof answer['name'] !== 'string') throw makeError('invalid_json', 'a call needs a name', { path });
  const { name, arguments: args = {}, acceptable } = answer;
  if (!isObject(args)) throw makeError('invalid_json', 'must be an object', { path: `${path}.arguments` });
  const lists = unwrapName(acceptable ?? (Array.isArray(ofRow) ? ofRow[index] : ofRow), name);
  return { name, arguments: args as Lists, ...(lists && { acceptable: lists }) };
}

/** The lists by argument, from {arg: [...]}, {tool: {arg: [...]}} or {name: tool, arguments: {arg: [...]}}. */
function unwrapName(acceptable: unknown, name: string): Lists | undefined {
  if (!isObject(acceptable)) return undefined;
  if (acceptable['name'] === name && isObject(acceptable['arguments'])) return acceptable['arguments'] as Lists;
  return (isObject(acceptable[name]) ? acceptable[name] : acceptable) as Lists;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
