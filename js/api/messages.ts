// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// A conversation to a request: the last user turn is the request, up to two user turns before it are its context.
// What tools answered is not read by the model; it is left out, and a warning says so.
import { makeError } from '../protocol/errors.js';
import type { Message, Query } from './types.js';

export interface Request {
  query: string;
  /** Earlier user turns, oldest first. */
  context: string[];
  warnings: string[];
}

const maxContextTurns = 2;
const toolRoles = new Set(['tool', 'function']);

export function readQuery(query: Query): Request {
  if (typeof query === 'string') return { query, context: [], warnings: [] };
  if (!Array.isArray(query)) throw makeError('invalid_argument', 'must be a string or an array of messages', { path: 'query' });
  const userTurns: string[] = [];
  let hasToolResults = false;
  query.forEach((message: unknown, index) => {
    const path = `query[${index}]`;
    if (typeof message !== 'object' || message === null || typeof (message as { role?: unknown }).role !== 'string') {
      throw makeError('invalid_argument', 'a message must be an object with a role', { path });
    }
    const { role, content, parts } = message as { role: string; content?: unknown; parts?: unknown };
    const body = content ?? parts;
    hasToolResults ||= toolRoles.has(role) || hasToolResultPart(body);
    const text = role === 'user' ? textOf(body) : '';
    if (text !== '') userTurns.push(text);
  });
  const last = userTurns.pop();
  if (last === undefined) throw makeError('invalid_argument', 'there is no user message with text', { path: 'query' });
  // Going back to the last turn with text would carry out an old request once more.
  const at = lastRequest(query);
  const { content, parts } = query[at] ?? { content: last }; // none where a tool's result itself has the text
  if (textOf(content ?? parts) === '') throw makeError('invalid_argument', 'the last user turn has no text', { path: `query[${at}]` });
  return {
    query: last,
    context: userTurns.slice(-maxContextTurns),
    warnings: hasToolResults ? ['query: tool results are not read and were left out'] : [],
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
  return messages.findLastIndex(({ role, content, parts }) => role === 'user' && !holdsOnlyResults(content ?? parts));
}

/** Anthropic and Gemini put tool results into user turns. */
export function holdsOnlyResults(body: unknown): boolean {
  return Array.isArray(body) && body.length > 0 && body.every(isToolResult);
}

const hasToolResultPart = (body: unknown) => Array.isArray(body) && body.some(isToolResult);

const isToolResult = (part: { type?: unknown; functionResponse?: unknown } | null) => part?.type === 'tool_result' || part?.functionResponse !== undefined;
