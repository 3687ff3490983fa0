// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// What carries a tool out, however its form calls it.
import type { Message } from './types.js';
import { isObject, type Unknown } from './unknown.js';

/** What a tool's execute gets beside the arguments. The AI SDK's tools find what they expect here, too. */
export interface ExecuteOptions {
  signal: AbortSignal;
  /** The same signal, by the AI SDK's name for it. */
  abortSignal: AbortSignal;
  /** Different for every call. */
  toolCallId: string;
  /** The conversation, if the query was one. */
  messages: Message[];
}

export type Execute = (args: unknown, options: ExecuteOptions) => unknown;

/** None: the tool is for the caller to carry out. */
export function executeOf(tool: Unknown): Execute | undefined {
  const { execute, invoke, run, parse, $callback: callback, $parseRaw: parseRaw, function: runnable } = tool;
  if (typeof execute === 'function') return (args, options) => execute.call(tool, args, options); // plain, AI SDK, WebMCP
  if (typeof invoke === 'function' && 'schema' in tool) return (args, { signal }) => invoke.call(tool, args, { signal }); // LangChain
  if (typeof run === 'function') return (args) => run.call(tool, typeof parse === 'function' ? parse.call(tool, args) : args); // Anthropic's tool runner
  if (typeof callback === 'function') return (args) => callback(typeof parseRaw === 'function' ? parseRaw(JSON.stringify(args)) : args); // OpenAI's zodFunction
  if (isObject(runnable) && typeof runnable['function'] === 'function') return runOpenAI(runnable); // OpenAI's runTools
  return undefined;
}

/** Whether execute applies the tool's schema: applied before as well, a transform would get what it made. */
export function appliesSchema({ execute, invoke, parse, $parseRaw: parseRaw, function: runnable }: Unknown): boolean {
  const appliers = [invoke, parse, parseRaw, isObject(runnable) && runnable['parse']];
  return typeof execute !== 'function' && appliers.some((applier) => typeof applier === 'function');
}

/** OpenAI's runnable functions take the arguments as text, unless they say how to parse it. */
function runOpenAI({ function: run, parse }: Unknown): Execute {
  return (args) => {
    const text = JSON.stringify(args);
    return (run as (args: unknown) => unknown)(typeof parse === 'function' ? parse(text) : text);
  };
}
