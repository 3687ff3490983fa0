// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// What a scripted router answers, and how a short answer becomes a whole result. An answer that the real router could not
// give (a tool that is unknown or not the one chosen, a missing, unknown or wrong argument) is an error, so that tests do
// not pass on it. Of arguments only the first level is checked, by the keywords that most schemas have.
import { makeError } from '../protocol/errors.js';
import { isObject, type Unknown } from '../api/unknown.js';
import type { JsonObject, JsonValue, RouteResult, Tool, ToolCall } from '../api/types.js';

export interface ScriptedCall {
  name: string;
  arguments?: JsonObject;
}

/** A call, calls, 'none', a result as far as it matters, or the error to reject with. */
export type Answer = 'none' | ScriptedCall | readonly ScriptedCall[] | ScriptedResult | Error;

/** 'call' if there are calls, 'incomplete' if something is missing, otherwise 'none'; confidence 1. */
export interface ScriptedResult extends Partial<Omit<RouteResult, 'calls'>> {
  calls?: readonly ScriptedCall[];
}

/** A request as it arrived. */
export interface ScriptedRequest {
  query: string;
  /** Earlier user turns, oldest first. */
  context: string[];
  /** The tools in the plain form. */
  tools: Tool[];
  /** As passed: toolChoice, maxCalls, maxConsidered, facts. */
  options: { toolChoice?: string | { name: string }; maxCalls?: number; maxConsidered?: number; facts?: JsonObject };
}

/** Answers by request text, or a function of the request. */
export type Script = Readonly<Record<string, Answer>> | ((request: ScriptedRequest) => Answer | Promise<Answer>);

export async function answerOf(script: Script, request: ScriptedRequest): Promise<RouteResult> {
  const { query, tools, options } = request;
  const chosen = chosenTool(options);
  if (chosen !== undefined && !tools.some(({ name }) => name === chosen)) throw makeError('not_found', `there is no tool named '${chosen}'`, { path: 'toolChoice' });
  if (options.toolChoice === 'none') return resultOf('none', request);
  if (typeof script === 'function') return resultOf(await script(request), request);
  if (!Object.hasOwn(script, query)) {
    throw makeError('not_found', `the script has no answer to ${JSON.stringify(query)}; it has ${Object.keys(script).map((known) => JSON.stringify(known)).join(', ')}`, { path: 'query' });
  }
  return resultOf(script[query]!, request);
}

function resultOf(answer: Answer, request: ScriptedRequest): RouteResult {
  if (answer instanceof Error) throw answer;
  const { calls: scripted = [], ...given } = asResult(answer);
  const calls = scripted.slice(0, request.options.maxCalls).map((call, index) => callOf(call, index, request));
  const { missing, partial } = given;
  return {
    type: calls.length > 0 ? 'call' : missing || partial ? 'incomplete' : 'none',
    confidence: 1,
    considered: request.tools.map(({ name }) => name),
    warnings: [],
    timings: { engineMs: 0, encodeMs: 0, decodeMs: 0 },
    tokens: { query: 0, decoded: 0, forced: 0 },
    ...given,
    calls,
  };
}

function asResult(answer: Exclude<Answer, Error>): ScriptedResult {
  if (answer === 'none') return {};
  if (Array.isArray(answer)) return { calls: answer as readonly ScriptedCall[] };
  return 'name' in answer ? { calls: [answer] } : (answer as ScriptedResult);
}

const chosenTool = ({ toolChoice }: ScriptedRequest['options']) => (toolChoice as { name?: string } | undefined)?.name;

function callOf({ name, arguments: args = {} }: ScriptedCall, index: number, { query, tools, options }: ScriptedRequest): ToolCall {
  const path = `script[${JSON.stringify(query)}].calls[${index}]`;
  const tool = tools.find((candidate) => candidate.name === name);
  if (!tool) throw makeError('invalid_argument', `there is no tool '${name}'; there are ${tools.map((known) => known.name).join(', ')}`, { path: `${path}.name` });
  const chosen = chosenTool(options) ?? name;
  if (name !== chosen) throw makeError('invalid_argument', `the request's toolChoice is '${chosen}'`, { path: `${path}.name` });
  checkArguments(args, tool, `${path}.arguments`);
  return { name, arguments: structuredClone(args), evidence: evidenceOf(args, query) };
}

function checkArguments(args: JsonObject, { parameters = { properties: {} } }: Tool, path: string): void {
  const { properties, required = [], additionalProperties } = parameters as { properties?: object; required?: string[]; additionalProperties?: unknown };
  for (const key of required) {
    if (!Object.hasOwn(args, key)) throw makeError('invalid_argument', 'is required by the tool', { path: `${path}.${key}` });
  }
  if (!properties) return;
  for (const [key, value] of Object.entries(args)) {
    const isKnown = Object.hasOwn(properties, key);
    if (!isKnown && !additionalProperties) throw makeError('invalid_argument', 'is no parameter of the tool', { path: `${path}.${key}` });
    const wanted = isKnown ? wantedInstead(value, (properties as Unknown)[key]) : undefined;
    if (wanted) throw makeError('invalid_argument', `must be ${wanted} by the tool's schema, not ${JSON.stringify(value)}`, { path: `${path}.${key}` });
  }
}

/** What a property's schema asks for, if the value is not that. */
function wantedInstead(value: JsonValue, schema: unknown): string | undefined {
  if (!isObject(schema) || (value === null && schema['nullable'] === true)) return undefined;
  const { type, enum: choices, minimum, maximum } = schema;
  const types = [type ?? []].flat();
  if (types.length > 0 && !types.some((one) => one === typeOf(value) || (one === 'integer' && Number.isInteger(value)))) return types.join(' or ');
  if (Array.isArray(choices) && !choices.some((choice: JsonValue) => isEqual(choice, value))) return `one of ${JSON.stringify(choices)}`;
  if (typeof value !== 'number') return undefined;
  if (typeof minimum === 'number' && value < minimum) return `at least ${minimum}`;
  return typeof maximum === 'number' && value > maximum ? `at most ${maximum}` : undefined;
}

const typeOf = (value: JsonValue) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
const isEqual = (a: JsonValue, b: JsonValue) => JSON.stringify(a) === JSON.stringify(b);

/** Where each argument stands in the request, if it does so word for word. */
function evidenceOf(args: JsonObject, query: string): ToolCall['evidence'] {
  const evidence: ToolCall['evidence'] = {};
  for (const [key, value] of Object.entries(args)) {
    if (typeof value !== 'string' && typeof value !== 'number') continue;
    const start = query.toLowerCase().indexOf(String(value).toLowerCase());
    if (start >= 0 && value !== '') evidence[key] = [start, start + String(value).length];
  }
  return evidence;
}
