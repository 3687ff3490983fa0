// SPDX-License-Identifier: Apache-2.0
// Runs in: worker
// Owns one engine and drives it in steps: bounded pieces of work, some milliseconds of them, then a turn of the event
// loop, in which aborts and new requests arrive. Requests are served in the order they came, one at a time, so that no
// caller starves another. The engine's handles live here only; the other side knows tool sets by numbers of its own.
import type { Engine } from '../generated/needle-simd.mjs';
import type { ModelTarget } from '../loading/read-model.js';
import { chooseVariants } from '../protocol/choose-variants.js';
import { abortError, makeError, NeedleError, type ErrorCode } from '../protocol/errors.js';
import type { LoadProgress, LoadRequest, ModelInfo, ModelSource, Requests, ToolSetInfo, Variant, WasmSource } from '../protocol/messages.js';

/** What differs between the places where an engine can run. */
export interface HostEnvironment {
  /** The builds that run here, the best first. */
  detectVariants(threads: number | undefined): Promise<Variant[]>;
  createEngine(variant: Variant, threads: number | undefined, wasm?: WasmSource): Promise<Engine>;
  /** Bound on the encodings of tools that are kept, where the engine's own (48 MB) is too much. */
  maxCacheBytes?: number;
  readModel(source: ModelSource, target: ModelTarget): Promise<void>;
  /** Lets waiting messages in. */
  yieldTurn(): Promise<void>;
  /** How long requests step on before the event loop gets a turn, in ms; 4 if not given. A turn costs a tenth of a millisecond, and more. */
  sliceMs?: number;
  /** Where the memory of engines that ended comes back late: how long a load waits before it asks a second time, in ms. */
  retryMs?: number;
}

/** One request as the engine's side sees it. */
export interface Job {
  /** Ends between two steps what the caller no longer waits for. */
  signal: AbortSignal;
  report(event: unknown): void;
}

type Answer<Type extends keyof Requests> = Promise<Requests[Type]['answer']>;

export class EngineHost {
  readonly #environment: HostEnvironment;
  #engine: Engine | undefined; // with its model loaded
  /** Why the engine can be asked nothing more: what it threw, or out_of_memory. */
  #trap: unknown;
  /** The caller's number of a tool set to the engine's. */
  readonly #toolsets = new Map<number, number>();
  #last: Promise<unknown> = Promise.resolve();
  /** When the event loop last had a turn, of whatever request. */
  #lastTurn = -Infinity;

  constructor(environment: HostEnvironment) {
    this.#environment = environment;
  }

  load(request: LoadRequest, job: Job): Answer<'load'> {
    const { variant, threads } = request;
    return this.#inTurn(job, async () => {
      const variants = await chooseVariants((count) => this.#environment.detectVariants(count), variant, threads);
      for (const [index, candidate] of variants.entries()) {
        const load = async () => ({ variant: candidate, model: await this.#loadInto(candidate, request, job) });
        try {
          return await load();
        } catch (error) {
          if (!NeedleError.isInstance(error) || error.code !== 'out_of_memory') throw error;
          if (candidate.endsWith('-mt')) {
            // Threads need their memory in one piece and at once; a build without them may still find room.
            if (index === variants.length - 1) throw error;
          } else {
            if (this.#environment.retryMs === undefined) throw error;
            await pause(this.#environment.retryMs, job.signal);
            return load();
          }
        }
      }
      throw makeError('unsupported_runtime', 'no build of the engine runs here');
    });
  }

  async #loadInto(variant: Variant, { model, threads, wasm, maxCacheBytes = this.#environment.maxCacheBytes }: LoadRequest, job: Job): Promise<ModelInfo> {
    const report = (progress: LoadProgress) => job.report(progress);
    report({ phase: 'engine', loaded: 0, total: 0, fromCache: false });
    const starting = this.#environment.createEngine(variant, threads, wasm);
    const withRoom = async <Value>(work: (engine: Engine) => Value): Promise<Value> => {
      const engine = await starting;
      try {
        return work(engine);
      } catch (error) {
        throw endOfMemory(engine, error, 'the model') ?? error;
      }
    };
    // The model is on its way while the engine starts, but not while threads do: a worker that hangs then (web-worker-entry.ts)
    // may keep the locks that it holds, and the next one would wait for the model's.
    if (variant.endsWith('-mt')) await starting;
    const left = new AbortController(); // by hand: the edge runtime has no AbortSignal.any
    const leave = () => left.abort(job.signal.reason);
    job.signal.addEventListener('abort', leave);
    if (job.signal.aborted) leave();
    const reading = this.#environment.readModel(model, {
      signal: left.signal,
      reserve: (sizeBytes) => withRoom((engine) => engine.reserveModel(sizeBytes) as Uint8Array),
      report(loaded, total, fromCache) {
        if (job.signal.aborted) throw abortError(job.signal.reason);
        report({ phase: 'model', loaded, total, fromCache });
      },
    });
    reading.catch(() => {}); // said below, if the engine starts
    const engine = await starting.catch(async (error: unknown) => {
      leave();
      await reading.catch(() => {});
      throw error;
    });
    if (maxCacheBytes !== undefined) engine.setMaxCacheBytes(maxCacheBytes);
    await reading;
    await withRoom(() => unwrap(engine.loadModel()));
    this.#engine = engine;
    return JSON.parse(engine.modelInfo()) as ModelInfo;
  }

  /** Whether the engine's memory has ended, as it was for the thread that it ended in; the caller is told where he waits. */
  get hasRunOutOfMemory(): boolean {
    return this.#trap !== undefined ? NeedleError.isInstance(this.#trap) : (this.#engine?.hasRunOutOfMemory() ?? false);
  }

  tools({ toolset, tools, options }: Requests['tools']['payload'], job: Job): Answer<'tools'> {
    return this.#inTurn(job, async () => {
      const engine = this.#loaded();
      const handle = unwrap<number>(engine.beginToolSet(roomFor(engine, tools), options));
      try {
        await this.#stepUntil(job, () => unwrap<number>(engine.stepToolSet(handle)) === 0);
      } catch (error) {
        if (NeedleError.isInstance(error)) engine.releaseToolSet(handle); // else it trapped
        throw error;
      }
      this.#toolsets.set(toolset, handle);
      return JSON.parse(engine.toolSetInfo(handle)) as ToolSetInfo;
    });
  }

  route({ toolset, request, isStreamed }: Requests['route']['payload'], job: Job): Answer<'route'> {
    return this.#inTurn(job, async () => {
      const engine = this.#loaded();
      const handle = this.#toolsets.get(toolset);
      if (handle === undefined) throw makeError('not_found', `no tool set ${toolset}`);
      const begin = performance.now();
      const session = unwrap<number>(engine.beginRoute(handle, roomFor(engine, request)));
      let encoded: number | undefined;
      let reported = engine.partialResult(session);
      try {
        await this.#stepUntil(job, () => {
          const isDone = unwrap<boolean>(engine.stepRoute(session));
          if (encoded === undefined && engine.isEncoded(session)) encoded = performance.now();
          if (isStreamed && engine.partialResult(session) !== reported) {
            job.report(JSON.parse((reported = engine.partialResult(session))));
          }
          return isDone;
        });
      } catch (error) {
        if (NeedleError.isInstance(error)) engine.abortRoute(session);
        throw error;
      }
      // The engine has no clock: its answer is the same bytes everywhere.
      const result = unwrap<object>(engine.finishRoute(session));
      const end = performance.now();
      const inMs = (from: number, to: number) => Number((to - from).toFixed(2));
      return { ...result, timings: { engineMs: inMs(begin, end), encodeMs: inMs(begin, encoded ?? end), decodeMs: inMs(encoded ?? end, end) } };
    });
  }

  /** Takes its turn like the others: an earlier route may still be using the tool set. */
  release({ toolset }: Requests['release']['payload'], job: Job): Answer<'release'> {
    return this.#inTurn(job, async () => {
      const handle = this.#toolsets.get(toolset);
      this.#toolsets.delete(toolset);
      if (handle !== undefined) this.#loaded().releaseToolSet(handle);
      return null;
    });
  }

  memory(job: Job): Answer<'memory'> {
    return this.#inTurn(job, async () => this.#loaded().memoryBytes());
  }

  #loaded(): Engine {
    if (this.#trap !== undefined) throw this.#trap;
    if (!this.#engine) throw makeError('internal', 'the engine was asked before its model was loaded');
    return this.#engine;
  }

  async #stepUntil(job: Job, step: () => boolean): Promise<void> {
    const { sliceMs = 4 } = this.#environment;
    for (let before = performance.now(); !step(); ) {
      const now = performance.now();
      const hasPassed = now !== before; // in workerd the clock stands still while code runs, and says nothing
      before = now;
      if (hasPassed && now - this.#lastTurn < sliceMs) continue;
      await this.#environment.yieldTurn();
      if (job.signal.aborted) throw abortError(job.signal.reason);
      this.#lastTurn = before = performance.now();
    }
  }

  /** Runs the work after all earlier work has ended, well or not. */
  #inTurn<Value>(job: Job, work: () => Promise<Value>): Promise<Value> {
    const turn = this.#last.then(async () => {
      if (job.signal.aborted) throw abortError(job.signal.reason);
      try {
        return await work();
      } catch (error) {
        if (NeedleError.isInstance(error) || !this.#engine) throw error;
        // Nobody foresaw it: the engine trapped, and what it would do next nobody knows.
        this.#trap = endOfMemory(this.#engine, error, 'this; tool sets that are disposed give theirs back') ?? error;
        this.#engine = undefined;
        throw this.#trap;
      }
    });
    this.#last = turn.catch(() => {});
    return turn;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(abortError(signal.reason));
      else resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}

/** The text, once the engine has room for its copy: embind makes that without a look. */
function roomFor(engine: Engine, text: string): string {
  const isShort = text.length < 65_536; // then three bytes a character do no harm
  engine.requireRoomFor(isShort ? 3 * text.length : new TextEncoder().encode(text).length);
  return text;
}

/** The error of an engine that trapped because its memory was full; undefined where it trapped for another reason, or did not. */
function endOfMemory(engine: Engine, cause: unknown, what: string): NeedleError | undefined {
  if (NeedleError.isInstance(cause) || !engine.hasRunOutOfMemory()) return undefined;
  return makeError('out_of_memory', `the engine has no memory left for ${what}`, { cause });
}

/** The value of a C++ Result, which crosses as JSON text; throws its error. */
function unwrap<Value>(text: string): Value {
  const result = JSON.parse(text) as { ok: Value } | { error: { code: ErrorCode; message: string; path: string } };
  if ('error' in result) throw makeError(result.error.code, result.error.message, { path: result.error.path });
  return result.ok;
}
