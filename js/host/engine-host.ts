// SPDX-License-Identifier: Apache-2.0
// Runs in: worker
// Owns one engine and drives it in steps: one bounded piece of work, then a turn of the event loop, in which aborts and
// new requests arrive. Requests are served in the order they came, one at a time, so that no caller starves another.
// The engine's handles live here only; the other side knows tool sets by numbers of its own.
import type { Engine } from '../generated/needle-simd.mjs';
import { abortError, makeError, type ErrorCode } from '../protocol/errors.js';
import type { LoadProgress, ModelInfo, ModelSource, Requests, ToolSetInfo, Variant } from '../protocol/messages.js';

/** What differs between the places where an engine can run. */
export interface HostEnvironment {
  createEngine(variant: Variant | undefined): Promise<{ engine: Engine; variant: Variant }>;
  /** Writes the model's bytes into `reserve(sizeBytes)`, a view that is asked for anew before each write. */
  readModel(source: ModelSource, reserve: (sizeBytes: number) => Uint8Array, report: (loaded: number, total: number) => void): Promise<void>;
  /** Lets waiting messages in. */
  yieldTurn(): Promise<void>;
}

/** One request as the engine's side sees it; `aborted` turns true between two steps. */
export interface Job {
  aborted: boolean;
  report(event: unknown): void;
}

type Answer<Type extends keyof Requests> = Promise<Requests[Type]['answer']>;

export class EngineHost {
  readonly #environment: HostEnvironment;
  #engine: Engine | undefined;
  /** The caller's number of a tool set to the engine's. */
  readonly #toolsets = new Map<number, number>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(environment: HostEnvironment) {
    this.#environment = environment;
  }

  load({ model, variant }: Requests['load']['payload'], job: Job): Answer<'load'> {
    return this.#inTurn(job, async () => {
      const report = (progress: LoadProgress) => job.report(progress);
      report({ phase: 'engine', loaded: 0, total: 0 });
      const created = await this.#environment.createEngine(variant);
      const { engine } = created;
      await this.#environment.readModel(
        model,
        (sizeBytes) => {
          const view = engine.reserveModel(sizeBytes) as Uint8Array;
          if (view.length !== sizeBytes) throw makeError('out_of_memory', `there is no memory for a model of ${sizeBytes} bytes`);
          return view;
        },
        (loaded, total) => {
          if (job.aborted) throw abortError(undefined);
          report({ phase: 'model', loaded, total });
        },
      );
      unwrap(engine.loadModel());
      this.#engine = engine;
      return { model: JSON.parse(engine.modelInfo()) as ModelInfo, variant: created.variant };
    });
  }

  tools({ toolset, tools, options }: Requests['tools']['payload'], job: Job): Answer<'tools'> {
    return this.#inTurn(job, async () => {
      const engine = this.#loaded();
      const handle = unwrap<number>(engine.beginToolSet(tools, options));
      try {
        await this.#stepUntil(job, () => unwrap<number>(engine.stepToolSet(handle)) === 0);
      } catch (error) {
        engine.releaseToolSet(handle);
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
      const session = unwrap<number>(engine.beginRoute(handle, request));
      let reported = engine.partialResult(session);
      try {
        await this.#stepUntil(job, () => {
          const isDone = unwrap<boolean>(engine.stepRoute(session));
          if (isStreamed && engine.partialResult(session) !== reported) {
            job.report(JSON.parse((reported = engine.partialResult(session))));
          }
          return isDone;
        });
      } catch (error) {
        engine.abortRoute(session);
        throw error;
      }
      // The engine has no clock: its answer is the same bytes everywhere.
      const result = unwrap<object>(engine.finishRoute(session));
      return { ...result, timings: { engineMs: Number((performance.now() - begin).toFixed(2)) } };
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

  #loaded(): Engine {
    if (!this.#engine) throw makeError('internal', 'the engine was asked before its model was loaded');
    return this.#engine;
  }

  async #stepUntil(job: Job, step: () => boolean): Promise<void> {
    while (!step()) {
      await this.#environment.yieldTurn();
      if (job.aborted) throw abortError(undefined);
    }
  }

  /** Runs the work after all earlier work has ended, well or not. */
  #inTurn<Value>(job: Job, work: () => Promise<Value>): Promise<Value> {
    const turn = this.#last.then(() => {
      if (job.aborted) throw abortError(undefined);
      return work();
    });
    this.#last = turn.catch(() => {});
    return turn;
  }
}

/** The value of a C++ Result, which crosses as JSON text; throws its error. */
function unwrap<Value>(text: string): Value {
  const result = JSON.parse(text) as { ok: Value } | { error: { code: ErrorCode; message: string; path: string } };
  if ('error' in result) throw makeError(result.error.code, result.error.message, { path: result.error.path });
  return result.ok;
}
