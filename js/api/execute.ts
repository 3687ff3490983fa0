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
  const { execute, invoke, run, $callback: callback, function: runnable } = tool;
  if (typeof execute === 'function') return (args, options) => execute.call(tool, args, options); // plain, AI SDK, WebMCP
  if (typeof invoke === 'function' && 'schema' in tool) return (args, { signal }) => invoke.call(tool, args, { signal }); // LangChain
  if (typeof run === 'function') return (args) => run.call(tool, args); // Anthropic's tool runner
  if (typeof callback === 'function') return (args) => callback(args); // OpenAI's zodFunction
  if (isObject(runnable) && typeof runnable['function'] === 'function') return runOpenAI(runnable); // OpenAI's runTools
  return undefined;
}

/** OpenAI's runnable functions take the arguments as text, unless they say how to parse it. */
function runOpenAI({ function: run, parse }: Unknown): Execute {
  return (args) => {
    const text = JSON.stringify(args);
    return (run as (args: unknown) => unknown)(typeof parse === 'function' ? parse(text) : text);
  };
}
