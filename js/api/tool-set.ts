// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Tools compiled once and routed to many times. Keeps their text, so that it can compile them again in a fresh engine
// after a crash, and gives its memory in the engine back when disposed or collected.
import type { CallOptions } from '../client/channel.js';
import { makeError } from '../protocol/errors.js';
import type { ToolSetInfo } from '../protocol/messages.js';
import { errorOnCallersPath, infoOnCallersPaths, wireTools } from './callers-paths.js';
import { untilAborted, type Connected, type EngineConnection } from './engine-connection.js';
import type { CallOf, RunCallOf } from './infer.js';
import { seemsForeign } from './language.js';
import { readQuery } from './messages.js';
import { checkEscalated, checkRouteOptions, checkRunOptions, combineSignals } from './options.js';
import { runCalls } from './run.js';
import { streamOf } from './stream.js';
import type { ReadTool } from './tool-formats.js';
import { toWireJson } from './wire-json.js';
import type { PartialResult, Query, RouteOptions, RouteResult, RunOptions, RunResult, ToolsOptions } from './types.js';

/** Of JSON. The engine's own limits are as low, or lower; these keep its memory for what it can read. */
const toolsMaxBytes = 8 << 20;
const requestMaxBytes = 1 << 20;

/** Where the compiled tools are: the engine's side knows them by the number. */
interface Compiled {
  engine: Connected;
  toolset: number;
}

/** What is left to do for a collected tool set. Must not refer to the tool set itself. */
interface Holding {
  compiled: Promise<Compiled> | undefined;
}

/** None in workerd of older compatibility dates: there a tool set that is not disposed of stays as long as its engine. */
const collected = typeof FinalizationRegistry === 'undefined' ? undefined : new FinalizationRegistry<Holding>(release);

function release(holding: Holding): void {
  const { compiled } = holding;
  holding.compiled = undefined;
  // A failure means that the engine is gone, and the tool set with it.
  compiled?.then(({ engine, toolset }) => engine.channel.request('release', { toolset })).catch(() => {});
}

export class ToolSet<Tools = unknown> {
  readonly #connection: EngineConnection;
  readonly #read: readonly ReadTool[];
  readonly #tools: string;
  readonly #options: string;
  readonly #holding: Holding = { compiled: undefined };
  #info: ToolSetInfo | undefined;
  #pending = 0;
  #isRetired = false;
  #isDisposed = false;

  /** Use ToolRouter.tools(). */
  constructor(connection: EngineConnection, tools: readonly ReadTool[], { onUnsupported, maxTools, maxBytes }: ToolsOptions = {}) {
    this.#connection = connection;
    this.#read = tools;
    this.#tools = wireTools(tools);
    // Here, before the text is copied into an engine that others use.
    if (this.#tools.length > toolsMaxBytes) throw makeError('invalid_argument', `the tools have more than ${toolsMaxBytes} bytes of JSON`, { path: 'tools' });
    this.#options = JSON.stringify({ onUnsupported, maxTools, maxBytes });
    collected?.register(this, this.#holding);
  }

  /** The tools' names, as given. */
  get names(): readonly string[] {
    return this.#info?.tools ?? [];
  }
  /** What could not be taken as it stands (with onUnsupported: 'warn'), each with its path. */
  get warnings(): readonly string[] {
    return this.#info?.warnings ?? [];
  }

  /** Compiles now rather than at the first route. For a set that nobody shares yet: the signal ends it for all. */
  async compile(signal?: AbortSignal): Promise<this> {
    this.#holding.compiled ??= this.#compile(signal);
    await this.#holding.compiled;
    return this;
  }

  /**
   * Routes one request.
   * @throws NeedleError `query_too_long`, `aborted`, `invalid_argument`, `engine_crashed`, `disposed`
   * @example const { type, calls } = await toolset.route('dim the kitchen to 30%');
   */
  route(query: Query, options: RouteOptions = {}): Promise<RouteResult<CallOf<Tools>>> {
    return this.#route(query, options) as Promise<RouteResult<CallOf<Tools>>>;
  }

  /**
   * Routes one request and carries its calls out, as ToolRouter.run() does.
   * @throws NeedleError as route(); `aborted` also while tools are under way
   * @example const { calls } = await toolset.run('dim the kitchen to 30%');
   */
  async run(query: Query, options: RunOptions = {}): Promise<RunResult<RunCallOf<Tools>>> {
    options = checkRunOptions(options);
    const { inOrder, ...how } = options;
    const signal = combineSignals(options);
    const result = await this.#route(query, { ...how, signal, timeoutMs: undefined });
    return (await runCalls(result, this.#read, { query, signal, inOrder })) as RunResult<RunCallOf<Tools>>;
  }

  /**
   * Routes one request and yields the calls as they are decided, then the result. Leaving the loop aborts the request.
   * @throws NeedleError as route()
   * @example for await (const step of toolset.stream('dim the kitchen to 30%')) show(step.calls);
   */
  async *stream(query: Query, options: RouteOptions = {}): AsyncIterable<PartialResult | RouteResult<CallOf<Tools>>> {
    options = checkRouteOptions(options);
    const { signal, ...rest } = options;
    const work = (onPartial: (partial: PartialResult) => void, either: AbortSignal) => this.#route(query, { ...rest, signal: either }, onPartial);
    yield* streamOf(work as (...given: Parameters<typeof work>) => Promise<RouteResult<CallOf<Tools>>>, signal);
  }

  async #route(query: Query, options: RouteOptions, onPartial?: (partial: PartialResult) => void): Promise<RouteResult> {
    if (this.#isDisposed) throw makeError('disposed', 'the tool set was disposed');
    options = checkRouteOptions(options);
    const { minConfidence, onEscalate } = options;
    const { query: text, context, warnings } = readQuery(query);
    const request = toWireJson({ query: text, context, ...engineOptions(options) }, 'options');
    if (request.length > requestMaxBytes) throw makeError('query_too_long', `the request has more than ${requestMaxBytes} bytes of JSON`, { path: 'query' });
    const onEvent = onPartial && ((event: unknown) => onPartial({ type: 'partial', ...(event as { calls: PartialResult['calls'] }) }));
    const signal = combineSignals(options);
    this.#pending++;
    let result: RouteResult;
    try {
      result = await this.#ask({ request, isStreamed: onPartial !== undefined }, { signal, onEvent });
    } finally {
      this.#pending--;
      if (this.#isRetired) this.#releaseWhenIdle();
    }
    const isForeign = seemsForeign(text);
    result.warnings = [...warnings, ...(isForeign ? ['query: this does not seem to be English, and the model reads nothing else'] : []), ...result.warnings];
    if (minConfidence === undefined && !onEscalate) return result;
    result.escalated = isForeign || result.type === 'incomplete' || result.confidence < (minConfidence ?? 0);
    if (!result.escalated || !onEscalate) return result;
    return checkEscalated(await untilAborted(Promise.resolve(onEscalate(result, { query })), signal)) ?? result;
  }

  /** The engine's answer, or the next one's where that was outgrown; events that came before do not come again. */
  async #ask(request: { request: string; isStreamed: boolean }, options: CallOptions<'route'>): Promise<RouteResult> {
    const { engine, toolset } = await untilAborted(this.#compiled(), options.signal);
    let last = '';
    const onEvent = options.onEvent && ((event: unknown) => {
      last = JSON.stringify(event);
      options.onEvent!(event as never);
    });
    try {
      return (await engine.channel.request('route', { toolset, ...request }, { ...options, onEvent })) as RouteResult;
    } catch (error) {
      if (!this.#connection.isOutgrown(engine)) throw error;
      let isNew = last === '';
      const onNew = options.onEvent && ((event: unknown) => void (isNew ? options.onEvent!(event as never) : (isNew = JSON.stringify(event) === last)));
      return this.#ask(request, { ...options, onEvent: onNew });
    }
  }

  /** Gives the engine's memory back, after the routes that are under way; later ones are refused. */
  dispose(): void {
    this.#isDisposed = true;
    this.retire();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal Gives the memory back whenever nothing is under way; a later route compiles again. */
  retire(): void {
    this.#isRetired = true;
    this.#releaseWhenIdle();
  }

  #releaseWhenIdle(): void {
    if (this.#pending === 0) release(this.#holding);
  }

  /** The compiled tools in the running engine; compiles them if they are in none, or in one that crashed. */
  async #compiled(): Promise<Compiled> {
    const promise = (this.#holding.compiled ??= this.#compile());
    const compiled = await promise;
    if (!compiled.engine.channel.failure) return compiled;
    if (this.#holding.compiled === promise) this.#holding.compiled = undefined; // the first to see it compiles anew
    return this.#compiled();
  }

  async #compile(signal?: AbortSignal): Promise<Compiled> {
    try {
      return await this.#connection.ask(async (engine) => {
        const { channel } = engine;
        const toolset = this.#connection.nextToolset();
        const sent = channel.request('tools', { toolset, tools: this.#tools, options: this.#options }, { signal });
        // An abort can cross with the answer; releasing a number that the engine does not hold does nothing.
        sent.catch(() => channel.request('release', { toolset }).catch(() => {}));
        this.#info = infoOnCallersPaths(await sent, this.#read);
        return { engine, toolset };
      }, signal);
    } catch (error) {
      this.#holding.compiled = undefined;
      throw errorOnCallersPath(error, this.#read);
    }
  }
}

/** The options that the engine itself reads; those left out have its defaults. */
function engineOptions({ toolChoice, maxCalls, maxConsidered, facts }: RouteOptions): object {
  const isWord = typeof toolChoice !== 'string' || ['auto', 'required', 'none'].includes(toolChoice);
  return { toolChoice: isWord ? toolChoice : { name: toolChoice }, maxCalls, maxConsidered, facts };
}
