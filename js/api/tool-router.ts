// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// ToolRouter, the package's face. An entry point binds it to a Platform; everything that it does is done by
// EngineConnection (the engine's life) and ToolSet (compile, route).
import { makeError } from '../protocol/errors.js';
import type { Platform } from '../platform/platform.js';
import { chooseVariants } from '../protocol/choose-variants.js';
import type { ModelSource } from '../protocol/messages.js';
import { wireTools } from './callers-paths.js';
import { EngineConnection, untilAborted } from './engine-connection.js';
import type { CallOf, RunCallOf } from './infer.js';
import { checkLoadOptions, checkRouteOptions, checkRunOptions, checkToolsOptions, combineSignals } from './options.js';
import { runCalls } from './run.js';
import type { ToJsonSchema } from './schemas.js';
import { readTools, type ReadTool } from './tool-formats.js';
import { ToolSet } from './tool-set.js';
import type {
  LoadOptions, ModelInfo, PartialResult, Query, RouteOptions, RouteResult, RouterStatus, RunOptions, RunResult, ToolsOptions, Variant,
} from './types.js';

/** How many tool sets route(query, tools) keeps compiled. */
const maxCachedToolSets = 16;

export class ToolRouter {
  /** The loaded model, as its file describes it. */
  readonly model: ModelInfo;
  readonly #connection: EngineConnection;
  readonly #toJsonSchema: ToJsonSchema | undefined;
  /** By the content of the tools; the least recently used first. */
  readonly #cache = new Map<string, Promise<ToolSet>>();
  #isDisposed = false;

  protected constructor(connection: EngineConnection, model: ModelInfo, toJsonSchema?: ToJsonSchema) {
    this.#connection = connection;
    this.#toJsonSchema = toJsonSchema;
    this.model = model;
  }

  /** The build that runs: one without threads, too, where the tools outgrew the fixed memory of one with them. */
  get variant(): Variant {
    return this.#connection.variant;
  }

  /** Use ToolRouter.load() of an entry point. */
  protected static async loadOn(platform: Platform, options: LoadOptions): Promise<ToolRouter> {
    options = checkLoadOptions(options);
    const { threads, maxCacheBytes, workerUrl, wasmUrl, wasmModule: module, onProgress } = options;
    const signal = combineSignals(options);
    const hasWasm = wasmUrl !== undefined || module !== undefined;
    const connection = new EngineConnection({
      openTransport: () => platform.openTransport(workerUrl === undefined ? undefined : String(workerUrl)),
      load: {
        model: await sourceOf(platform, options),
        variant: variantOf(options),
        threads,
        maxCacheBytes,
        wasm: hasWasm ? { module, url: wasmUrl && resolve(platform, wasmUrl, 'wasmUrl') } : undefined,
      },
    });
    const connected = await connection.get({ signal, onEvent: onProgress });
    return new this(connection, connected.model, options.toJsonSchema);
  }

  /** Use ToolRouter.status() of an entry point. */
  protected static async statusOn(platform: Platform, options: LoadOptions): Promise<RouterStatus> {
    options = checkLoadOptions(options);
    const [variant] = await chooseVariants((threads) => platform.detectVariants(threads), variantOf(options), options.threads);
    const packaged = await platform.packagedModel().catch(() => null);
    const isOther = options.model !== undefined || options.modelUrl !== undefined;
    const willDownload = (isOther || packaged !== null) && (await platform.willDownload(await sourceOf(platform, options)));
    return { variant: variant!, model: packaged && { name: packaged.name, bytes: packaged.bytes }, willDownload };
  }

  /**
   * Compiles tools of any supported form, to be routed to many times.
   * @throws NeedleError `invalid_schema`, `unsupported_schema`, `duplicate_name`, each with the path to the fault
   * @example const toolset = await router.tools([{ name: 'set_timer', parameters: {...} }]);
   */
  async tools<const Tools>(tools: Tools, options: ToolsOptions = {}): Promise<ToolSet<Tools>> {
    if (this.#isDisposed) throw makeError('disposed', 'the router was disposed');
    options = checkToolsOptions(options);
    return new ToolSet<Tools>(this.#connection, this.#read(tools), options).compile(combineSignals(options));
  }

  /**
   * Routes one request: compiles the tools, or finds them compiled by an earlier call with the same content.
   * @throws NeedleError as tools() and ToolSet.route()
   * @example const { type, calls, confidence } = await router.route('dim the kitchen to 30%', tools);
   */
  async route<const Tools>(query: Query, tools: Tools, options: RouteOptions = {}): Promise<RouteResult<CallOf<Tools>>> {
    options = checkRouteOptions(options);
    const signal = combineSignals(options); // one timeout for compiling and routing
    const toolset = await this.#cached(this.#read(tools), signal);
    return (await toolset.route(query, { ...options, signal, timeoutMs: undefined })) as RouteResult<CallOf<Tools>>;
  }

  /**
   * Routes one request and carries its calls out by the tools' `execute`. What a tool throws is its call's `error`, and the
   * other calls' results are kept. Calls to tools without `execute` are left `pending`.
   * @throws NeedleError as route(); `aborted` also while tools are under way, which are told by their signal
   * @example const { calls } = await router.run('dim the kitchen to 30%', tools); // [{ name, arguments, status: 'done', result }]
   */
  async run<const Tools>(query: Query, tools: Tools, options: RunOptions = {}): Promise<RunResult<RunCallOf<Tools>>> {
    options = checkRunOptions(options);
    const { inOrder, ...how } = options;
    const signal = combineSignals(options); // one timeout for compiling, routing and the tools
    const read = this.#read(tools); // these tools' execute, whoever compiled a set of the same content
    const toolset = await this.#cached(read, signal);
    const result = await toolset.route(query, { ...how, signal, timeoutMs: undefined });
    return (await runCalls(result, read, { query, signal, inOrder })) as RunResult<RunCallOf<Tools>>;
  }

  /**
   * Like route(), but yields the calls as they are decided, then the result. Leaving the loop aborts the request.
   * @example for await (const step of router.stream('dim the kitchen to 30%', tools)) show(step.calls);
   */
  async *stream<const Tools>(query: Query, tools: Tools, options: RouteOptions = {}): AsyncGenerator<PartialResult | RouteResult<CallOf<Tools>>, void, undefined> {
    options = checkRouteOptions(options);
    const signal = combineSignals(options);
    const toolset = await this.#cached(this.#read(tools), signal);
    yield* toolset.stream(query, { ...options, signal, timeoutMs: undefined }) as AsyncIterable<PartialResult | RouteResult<CallOf<Tools>>>;
  }

  /** What the engine holds in memory now: weights, compiled tools, and room that it grew for and keeps. In bytes. */
  async memoryBytes(): Promise<number> {
    return this.#connection.ask(({ channel }) => channel.request('memory', null));
  }

  /** Ends the engine. What is pending rejects with `disposed`, as do later calls. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    this.#cache.clear();
    this.#connection.dispose();
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #read(tools: unknown): ReadTool[] {
    return readTools(tools, 'tools', this.#toJsonSchema);
  }

  /** The compiled tools. Callers of the same content share one compilation, which no single caller's signal ends. */
  async #cached(tools: ReadTool[], signal: AbortSignal | undefined): Promise<ToolSet> {
    if (this.#isDisposed) throw makeError('disposed', 'the router was disposed');
    const key = wireTools(tools);
    const toolset = this.#cache.get(key) ?? new ToolSet(this.#connection, tools).compile();
    this.#cache.delete(key);
    this.#cache.set(key, toolset);
    toolset.catch(() => this.#cache.delete(key));
    if (this.#cache.size > maxCachedToolSets) {
      const [oldest, pushedOut] = this.#cache.entries().next().value!;
      this.#cache.delete(oldest);
      pushedOut.then((old) => old.retire(), () => {});
    }
    return untilAborted(toolset, signal);
  }
}

/** The absolute URL of an option that is one. */
function resolve(platform: Platform, url: string | URL, option: 'modelUrl' | 'wasmUrl'): string {
  try {
    return platform.resolveUrl(url);
  } catch (cause) {
    throw makeError('invalid_argument', (cause as Error).message, { path: `options.${option}`, cause });
  }
}

/** The build that the caller wants; his own .wasm is of the simd build unless he says otherwise. */
function variantOf({ variant, wasmUrl, wasmModule }: LoadOptions): Variant | undefined {
  return variant ?? (wasmUrl ?? wasmModule ? 'simd' : undefined);
}

/** Where the model comes from: what the caller names, or the released one. */
async function sourceOf(platform: Platform, { model, modelUrl, sha256 }: LoadOptions): Promise<ModelSource> {
  if (model !== undefined) return { bytes: model instanceof Uint8Array ? model : new Uint8Array(model), sha256 };
  if (modelUrl !== undefined) return { url: resolve(platform, modelUrl, 'modelUrl'), sha256 };
  const packaged = await platform.packagedModel();
  return { url: packaged.url, sizeBytes: packaged.bytes, sha256: packaged.sha256 };
}
