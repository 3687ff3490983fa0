// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Carries the calls of a result out. What one tool throws stays with its call: the others' results are kept.
import { abortError, makeError } from '../protocol/errors.js';
import { untilAborted } from './engine-connection.js';
import type { ExecuteOptions } from './execute.js';
import type { Outcome } from './infer.js';
import { randomId } from './random-id.js';
import type { ReadTool } from './tool-formats.js';
import type { Query, RouteResult, RunResult, ToolCall } from './types.js';
import { guarded } from './unknown.js';

export interface RunHow {
  query: Query;
  signal: AbortSignal | undefined;
  inOrder: boolean | undefined;
}

/** @throws NeedleError `aborted` when the signal ends; the tools were told by theirs, and their results are dropped */
export async function runCalls(result: RouteResult, tools: readonly ReadTool[], { query, signal, inOrder }: RunHow): Promise<RunResult> {
  const messages = typeof query === 'string' ? [] : guarded('query', () => [...query]);
  const whole = signal ?? new AbortController().signal;
  if (whole.aborted) throw abortError(whole.reason);
  const start = (call: ToolCall) => carryOut(call, tools, { signal: whole, abortSignal: whole, toolCallId: randomId('call_'), messages });
  const calls = inOrder ? oneByOne(result.calls, start, whole) : Promise.all(result.calls.map(start));
  return { ...result, calls: await untilAborted(calls, whole) };
}

async function oneByOne<Ran>(calls: readonly ToolCall[], start: (call: ToolCall) => Promise<Ran>, signal: AbortSignal): Promise<Ran[]> {
  const ran: Ran[] = [];
  for (const call of calls) {
    if (signal.aborted) break;
    ran.push(await start(call));
  }
  return ran;
}

async function carryOut(call: ToolCall, tools: readonly ReadTool[], options: ExecuteOptions): Promise<ToolCall & Outcome> {
  try {
    const found = tools.find(({ tool }) => tool.name === call.name);
    if (!found) throw makeError('not_found', `there is no tool '${call.name}'`, { path: 'calls' }); // from onEscalate, say
    const { execute, validate } = found;
    if (!execute) return { ...call, status: 'pending' };
    const args = validate ? await validate(call.arguments) : call.arguments;
    return { ...call, status: 'done', result: await lastOf(await execute(args, options)) };
  } catch (error) {
    return { ...call, status: 'failed', error };
  }
}

/** A tool may report on its way, as the AI SDK's do: its result is the last report. */
async function lastOf(result: unknown): Promise<unknown> {
  if (!isAsyncGenerator(result)) return result;
  let last: unknown;
  for await (const report of result) last = report;
  return last;
}

/** A generator, and not any async iterable: a ReadableStream is a result, not a series of reports. */
function isAsyncGenerator(value: unknown): value is AsyncGenerator<unknown> {
  const generator = value as Partial<AsyncGenerator> | null | undefined;
  return typeof generator?.[Symbol.asyncIterator] === 'function' && typeof generator.next === 'function';
}
