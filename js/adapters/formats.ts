// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// needle-router/formats: results in the forms of other systems, as the messages to append to a conversation: the model's
// turn with its calls, and after run() also what the tools answered. A call without an answer yet is the caller's to answer.
import { randomId } from '../api/random-id.js';
import type { Outcome } from '../api/infer.js';
import type { JsonObject, RouteResult } from '../api/types.js';
import { sayOf } from './chat.js';

/** A result of route() or run(). */
export interface AnyResult extends Pick<RouteResult, 'type' | 'missing'> {
  calls: readonly ({ name: string; arguments: object } & Partial<Outcome>)[];
}

export interface FormatOptions {
  /** The text of a turn that calls no tool. Default: an English sentence. */
  say?: (result: Pick<RouteResult, 'type' | 'missing'>) => string;
}

interface Answer {
  isError: boolean;
  value: unknown;
}

interface Identified {
  id: string;
  name: string;
  arguments: JsonObject;
  /** None while the tool has not run. */
  answer: Answer | undefined;
}

function identified({ calls }: AnyResult, prefix: string): Identified[] {
  return calls.map((call) => ({ id: randomId(prefix), name: call.name, arguments: call.arguments as JsonObject, answer: answerOf(call) }));
}

function answerOf(outcome: Partial<Outcome>): Answer | undefined {
  if (outcome.status === 'done') return { isError: false, value: outcome.result ?? null };
  if (outcome.status === 'failed') return { isError: true, value: outcome.error instanceof Error ? outcome.error.message : String(outcome.error) };
  return undefined;
}

const asText = ({ value }: Answer): string => (typeof value === 'string' ? value : JSON.stringify(value) ?? 'null');

type Answered = Identified & { answer: Answer };
const answered = (calls: Identified[]): Answered[] => calls.filter((call): call is Answered => call.answer !== undefined);

export type OpenAIMessage =
  | { role: 'assistant'; content: string | null; tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: string } }[] }
  | { role: 'tool'; tool_call_id: string; content: string };

/**
 * Messages of OpenAI's chat completions; LangChain takes them, too.
 * @example messages.push(...toOpenAI(await router.run(query, tools)));
 */
export function toOpenAI(result: AnyResult, { say = sayOf }: FormatOptions = {}): OpenAIMessage[] {
  const calls = identified(result, 'call_');
  if (calls.length === 0) return [{ role: 'assistant', content: say(result) }];
  const made = calls.map(({ id, name, arguments: args }) => ({ id, type: 'function' as const, function: { name, arguments: JSON.stringify(args) } }));
  const results = answered(calls).map(({ id, answer }) => ({ role: 'tool' as const, tool_call_id: id, content: asText(answer) }));
  return [{ role: 'assistant', content: null, tool_calls: made }, ...results];
}

export type OpenAIResponseItem =
  | { type: 'message'; role: 'assistant'; content: string }
  | { type: 'function_call'; call_id: string; name: string; arguments: string }
  | { type: 'function_call_output'; call_id: string; output: string };

/** Input items of OpenAI's responses API. */
export function toOpenAIResponses(result: AnyResult, { say = sayOf }: FormatOptions = {}): OpenAIResponseItem[] {
  const calls = identified(result, 'call_');
  if (calls.length === 0) return [{ type: 'message', role: 'assistant', content: say(result) }];
  const made = calls.map(({ id, name, arguments: args }) => ({ type: 'function_call' as const, call_id: id, name, arguments: JSON.stringify(args) }));
  return [...made, ...answered(calls).map(({ id, answer }) => ({ type: 'function_call_output' as const, call_id: id, output: asText(answer) }))];
}

export type AnthropicMessage =
  | { role: 'assistant'; content: ({ type: 'text'; text: string } | { type: 'tool_use'; id: string; name: string; input: JsonObject })[] }
  | { role: 'user'; content: { type: 'tool_result'; tool_use_id: string; content: string; is_error: boolean }[] };

/** Messages of Anthropic's API; the tools' answers are a user turn there. */
export function toAnthropic(result: AnyResult, { say = sayOf }: FormatOptions = {}): AnthropicMessage[] {
  const calls = identified(result, 'toolu_');
  if (calls.length === 0) return [{ role: 'assistant', content: [{ type: 'text', text: say(result) }] }];
  const made = calls.map(({ id, name, arguments: input }) => ({ type: 'tool_use' as const, id, name, input }));
  const results = answered(calls).map(({ id, answer }) => ({ type: 'tool_result' as const, tool_use_id: id, content: asText(answer), is_error: answer.isError }));
  return [{ role: 'assistant', content: made }, ...(results.length > 0 ? [{ role: 'user' as const, content: results }] : [])];
}

export interface GeminiContent {
  role: 'model' | 'user';
  parts: { text?: string; functionCall?: { id: string; name: string; args: JsonObject }; functionResponse?: { id: string; name: string; response: Record<string, unknown> } }[];
}

/** Contents of Gemini's API; the tools' answers are a user turn there. */
export function toGemini(result: AnyResult, { say = sayOf }: FormatOptions = {}): GeminiContent[] {
  const calls = identified(result, 'call_');
  if (calls.length === 0) return [{ role: 'model', parts: [{ text: say(result) }] }];
  const made = calls.map(({ id, name, arguments: args }) => ({ functionCall: { id, name, args } }));
  const results = answered(calls).map(({ id, name, answer }) => ({ functionResponse: { id, name, response: { [answer.isError ? 'error' : 'output']: answer.value } } }));
  return [{ role: 'model', parts: made }, ...(results.length > 0 ? [{ role: 'user' as const, parts: results }] : [])];
}

type AiSdkOutput = { type: 'text' | 'error-text'; value: string } | { type: 'json'; value: never };

export type AiSdkMessage =
  | { role: 'assistant'; content: ({ type: 'text'; text: string } | { type: 'tool-call'; toolCallId: string; toolName: string; input: JsonObject })[] }
  | { role: 'tool'; content: { type: 'tool-result'; toolCallId: string; toolName: string; output: AiSdkOutput }[] };

/** ModelMessages of the AI SDK. */
export function toAiSdk(result: AnyResult, { say = sayOf }: FormatOptions = {}): AiSdkMessage[] {
  const calls = identified(result, 'call_');
  if (calls.length === 0) return [{ role: 'assistant', content: [{ type: 'text', text: say(result) }] }];
  const made = calls.map(({ id, name, arguments: input }) => ({ type: 'tool-call' as const, toolCallId: id, toolName: name, input }));
  const results = answered(calls).map(({ id, name, answer }) => ({ type: 'tool-result' as const, toolCallId: id, toolName: name, output: aiSdkOutput(answer) }));
  return [{ role: 'assistant', content: made }, ...(results.length > 0 ? [{ role: 'tool' as const, content: results }] : [])];
}

function aiSdkOutput(answer: Answer): AiSdkOutput {
  if (answer.isError) return { type: 'error-text', value: asText(answer) };
  // Through JSON, which is what the host will do with it: a Date or a class would not pass its check.
  return typeof answer.value === 'string' ? { type: 'text', value: answer.value } : { type: 'json', value: JSON.parse(asText(answer)) as never };
}

export interface McpRequest {
  method: 'tools/call';
  params: { name: string; arguments: JsonObject };
}

/** Requests of MCP, one a call; `params` is what a client's callTool() takes. */
export function toMcp({ calls }: AnyResult): McpRequest[] {
  return calls.map(({ name, arguments: args }) => ({ method: 'tools/call', params: { name, arguments: args as JsonObject } }));
}
