// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// A conversation to a request: the last user turn is the request, up to two user turns before it are its context.
// What tools answered is not read by the model; it is left out, and a warning says so.
import { makeError } from '../protocol/errors.js';
import type { Message, Query } from './types.js';
import { guarded, isObject } from './unknown.js';

export interface Request {
  query: string;
  /** Earlier user turns, oldest first. */
  context: string[];
  warnings: string[];
}

const maxContextTurns = 2;
const toolRoles = new Set(['tool', 'function']);

export function readQuery(query: Query): Request {
  return typeof query === 'string' ? { query, context: [], warnings: [] } : guarded('query', () => readMessages(query));
}

function readMessages(query: readonly unknown[]): Request {
  if (!Array.isArray(query)) throw makeError('invalid_argument', 'must be a string or an array of messages', { path: 'query' });
  // Array.from, because forEach() and map() pass over what a sparse array lacks.
  const turns = Array.from(query, (message: unknown, index) => guarded(`query[${index}]`, () => readTurn(message, `query[${index}]`)));
  const userTurns = turns.map(({ text }) => text).filter((text) => text !== '');
  const last = userTurns.pop();
  if (last === undefined) throw makeError('invalid_argument', 'there is no user message with text', { path: 'query' });
  // Going back to the last turn with text would carry out an old request once more. (None where a tool's result itself has the text.)
  const at = turns.findLastIndex((turn) => turn.isRequest);
  if (turns[at]?.text === '') throw makeError('invalid_argument', 'the last user turn has no text', { path: `query[${at}]` });
  return {
    query: last,
    context: userTurns.slice(-maxContextTurns),
    warnings: turns.some(({ hasResults }) => hasResults) ? ['query: tool results are not read and were left out'] : [],
  };
}

function readTurn(message: unknown, path: string) {
  const { role, content, parts } = isObject(message) ? message : {};
  if (typeof role !== 'string') throw makeError('invalid_argument', 'a message must be an object with a role', { path });
  const body = content ?? parts;
  return {
    text: role === 'user' ? textOf(body) : '',
    isRequest: isRequest(role, body),
    hasResults: toolRoles.has(role) || (Array.isArray(body) && body.some(isToolResult)),
  };
}

/** The text of a message's content: a string, or parts of which some hold text. */
export function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  if (!Array.isArray(body)) return '';
  return body
    .map((part: unknown) => (typeof part === 'string' ? part : (part as { text?: unknown } | null)?.text))
    .filter((text) => typeof text === 'string' && text !== '')
    .join('\n');
}

/** Where the last user turn is that says something of its own; -1: there is none. */
export function lastRequest(messages: readonly Message[]): number {
  return messages.findLastIndex(({ role, content, parts }) => isRequest(role, content ?? parts));
}

const isRequest = (role: string, body: unknown) => role === 'user' && !holdsOnlyResults(body);

/** Anthropic and Gemini put tool results into user turns. */
export function holdsOnlyResults(body: unknown): boolean {
  return Array.isArray(body) && body.length > 0 && body.every(isToolResult);
}

const isToolResult = (part: { type?: unknown; functionResponse?: unknown } | null) => part?.type === 'tool_result' || part?.functionResponse !== undefined;
