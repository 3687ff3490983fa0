// SPDX-License-Identifier: Apache-2.0
// Runs in: page
// needle-router/webmcp: the tools that a page offers by WebMCP (`document.modelContext`), as tools that run() calls; and
// tools of any supported form offered that way. The API is a draft: where a browser lacks it, that is an error with a code.
import type { ExecuteOptions } from '../api/execute.js';
import { readTools } from '../api/tool-formats.js';
import type { JsonObject } from '../api/types.js';
import { randomId } from '../api/random-id.js';
import { makeError } from '../protocol/errors.js';

/** What is needed of a ModelContext. */
export interface ModelContextLike {
  registerTool(tool: WebMcpRegistration, options?: { signal?: AbortSignal; exposedTo?: string[] }): unknown;
  getTools?(options?: { fromOrigins?: string[] }): Promise<readonly WebMcpRegistered[]>;
  executeTool?(tool: never, input?: object, options?: { signal?: AbortSignal }): Promise<unknown>;
}

export interface WebMcpRegistered {
  readonly name: string;
  readonly description: string;
  readonly inputSchema?: object | string;
}

export interface WebMcpRegistration {
  name: string;
  description: string;
  inputSchema?: object;
  execute(input: never, options?: { signal?: AbortSignal }): unknown;
}

export interface PageTool {
  name: string;
  description: string;
  inputSchema?: object | string;
  execute(args: JsonObject, options?: Partial<ExecuteOptions>): Promise<unknown>;
}

export interface WebMcpOptions {
  /** Default: the document's. */
  modelContext?: ModelContextLike;
}

/**
 * The tools that the page, and frames of it from `fromOrigins`, have registered. Ask again after `toolchange`.
 * @throws NeedleError `unsupported_runtime` where there is no WebMCP. A tool that fails throws `tool_failed` when called.
 * @example const { calls } = await router.run('put two of them into the basket', await pageTools());
 */
export async function pageTools({ fromOrigins, ...options }: WebMcpOptions & { fromOrigins?: string[] } = {}): Promise<PageTool[]> {
  const context = contextOf(options);
  if (!context.getTools || !context.executeTool) throw makeError('unsupported_runtime', 'this browser’s WebMCP registers tools, but does not list them');
  const tools = await context.getTools(fromOrigins ? { fromOrigins } : {});
  return tools.map((tool) => ({
    name: tool.name,
    description: tool.description,
    ...(tool.inputSchema !== undefined && { inputSchema: tool.inputSchema }),
    execute: (args, { signal } = {}) => execute(context, tool, args, signal),
  }));
}

/**
 * Registers tools of any supported form, until the signal ends. Every one needs an `execute`.
 * @throws NeedleError as ToolRouter.tools() for their form, `invalid_schema` for a tool without a description or `execute`,
 *   `unsupported_runtime`; what the browser throws, after which none is registered
 * @example await registerTools(tools, { signal });
 */
export async function registerTools(tools: unknown, { signal, exposedTo, ...options }: WebMcpOptions & { signal?: AbortSignal; exposedTo?: string[] } = {}): Promise<void> {
  const context = contextOf(options);
  const registrations = readTools(tools).map(({ tool: { name, description, parameters }, path, execute, validate }): WebMcpRegistration => {
    if (!execute) throw makeError('invalid_schema', 'a tool of a page needs an execute', { path: `${path}.execute` });
    if (!description) throw makeError('invalid_schema', 'a tool of a page needs a description', { path: `${path}.description` });
    const run = async (input: unknown, given: { signal?: AbortSignal } = {}) => {
      const whole = given.signal ?? new AbortController().signal;
      return execute(validate ? await validate(input) : input, { signal: whole, abortSignal: whole, toolCallId: randomId('call_'), messages: [] });
    };
    return { name, description, ...(parameters && { inputSchema: parameters }), execute: run };
  });
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  try {
    for (const registration of registrations) await context.registerTool(registration, { signal: either, ...(exposedTo && { exposedTo }) });
  } catch (error) {
    failed.abort(error);
    throw error;
  }
}

function contextOf({ modelContext = (globalThis as { document?: { modelContext?: ModelContextLike } }).document?.modelContext }: WebMcpOptions): ModelContextLike {
  if (!modelContext) throw makeError('unsupported_runtime', 'there is no document.modelContext here: the browser has no WebMCP, or it is switched off');
  return modelContext;
}

/** Results come as JSON text. */
async function execute(context: ModelContextLike, tool: WebMcpRegistered, args: JsonObject, signal: AbortSignal | undefined): Promise<unknown> {
  let answer: unknown;
  try {
    answer = await context.executeTool!(tool as never, args, signal ? { signal } : {});
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw makeError('tool_failed', `the tool '${tool.name}' failed: ${(cause as Error).message}`, { cause });
  }
  if (typeof answer !== 'string') return answer;
  try {
    return JSON.parse(answer) as unknown;
  } catch {
    return answer; // a text that is none
  }
}
