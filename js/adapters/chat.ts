// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// What every chat adapter does with a conversation: route its last user turn, unless tools have answered that already,
// and turn the result into calls with ids, or into a sentence.
import { makeError } from '../protocol/errors.js';
import { holdsOnlyResults, lastRequest, textOf } from '../api/messages.js';
import { randomId } from '../api/random-id.js';
import { isObject } from '../api/unknown.js';
import type { JsonObject, Message, Query, RouteOptions, RouteResult } from '../api/types.js';

/** What an adapter needs of a router: a ToolRouter has it, as has anything that asks one elsewhere. */
export interface Router {
  route(query: Query, tools: unknown, options?: RouteOptions): Promise<RouteResult>;
}

/** Options of every chat adapter: those of route() that the host's request does not carry, and what to say without a call. */
export interface ChatOptions extends Pick<RouteOptions, 'maxCalls' | 'maxConsidered' | 'minConfidence' | 'onEscalate' | 'facts' | 'timeoutMs'> {
  /** The text of a turn that calls no tool. Default: an English sentence. */
  say?: (result: Pick<RouteResult, 'type' | 'missing'>) => string;
}

export interface ChatRequest {
  messages: readonly Message[];
  tools: unknown;
  toolChoice?: RouteOptions['toolChoice'];
  maxCalls?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface ChatCall {
  id: string;
  name: string;
  arguments: JsonObject;
}

export interface ChatTurn {
  calls: ChatCall[];
  /** Empty beside calls, and after tools have answered: there is nothing to route then. */
  text: string;
  /** None if nothing was routed. */
  result?: RouteResult;
}

/** @throws NeedleError as ToolRouter.route(), and `invalid_argument` for a last user turn without text */
export async function chatTurn(router: Router, { messages, tools, toolChoice, maxCalls, signal }: ChatRequest, options: ChatOptions): Promise<ChatTurn> {
  if (!Array.isArray(messages)) refuse('messages', 'must be an array of messages');
  const wrong = messages.findIndex((message) => !isObject(message));
  if (wrong >= 0) refuse(`messages[${wrong}]`, 'a message must be an object with a role');
  if (isAnswered(messages)) return { calls: [], text: '' };
  const last = messages[lastRequest(messages)];
  // The router says so as well, of its own `query`.
  if (last && textOf(last.content ?? last.parts) === '') refuse('messages', 'the last user turn has no text');
  const { say = sayOf, ...how } = options;
  const choice = { ...(toolChoice !== undefined && { toolChoice }), ...(maxCalls !== undefined && { maxCalls }), ...(signal && { signal }) };
  const result = await router.route(messages, tools ?? [], { ...how, ...choice });
  const calls = result.calls.map(({ name, arguments: args }) => ({ id: randomId('call_'), name, arguments: args }));
  return { calls, text: calls.length > 0 ? '' : say(result), result };
}

/** What to say when no tool is called. */
export function sayOf({ type, missing = [] }: Pick<RouteResult, 'type' | 'missing'>): string {
  if (type === 'incomplete' && missing.length > 0) return `Please say what ${missing.join(' and ')} should be.`;
  return 'None of the tools fits this request.';
}

/** Whether tools answered the last user turn: routing it once more would call them for ever. */
export function isAnswered(messages: readonly Message[]): boolean {
  return messages.slice(lastRequest(messages) + 1).some(({ role, content, parts }) => role === 'tool' || role === 'function' || holdsOnlyResults(content ?? parts));
}

/** What the host asks for and the router cannot do, said rather than ignored. */
export function refuse(path: string, message: string): never {
  throw makeError('invalid_argument', message, { path });
}
