// SPDX-License-Identifier: Apache-2.0
// The page's one router: loaded once, its tools compiled when they change, requests routed as they are typed. A newer
// compilation or request aborts the one before it; whoever waited for that hears nothing more.
import { ToolRouter, NeedleError, type LoadProgress, type PartialResult, type RouteResult, type RouterStatus, type ToolSet, type Variant } from 'needle-router';
import { localDate } from './format.js';

export interface LoadTimes {
  /** Until the first of the weights were in, and from there until all were. */
  engineMs: number;
  weightsMs: number;
  fromCache: boolean;
}

export interface Timed<Value> {
  value: Value;
  /** As the page felt it: everything between asking and having it. */
  wallMs: number;
}

export class Engine {
  #router: ToolRouter | undefined;
  #toolset: ToolSet | undefined;
  #compiling: AbortController | undefined;
  #routing: AbortController | undefined;

  static status(): Promise<RouterStatus> {
    return ToolRouter.status();
  }

  get router(): ToolRouter | undefined {
    return this.#router;
  }
  get isReady(): boolean {
    return this.#toolset !== undefined;
  }

  async load(onProgress: (progress: LoadProgress) => void, variant?: Variant): Promise<LoadTimes> {
    const begin = performance.now();
    let weightsBegin = begin;
    let hasWeights = false;
    let fromCache = false;
    const router = await ToolRouter.load({
      variant,
      onProgress(progress) {
        if (progress.phase === 'model' && !hasWeights) {
          hasWeights = true;
          weightsBegin = performance.now();
        }
        if (progress.phase === 'model') fromCache = progress.fromCache;
        onProgress(progress);
      },
    });
    this.#router = router;
    return { engineMs: weightsBegin - begin, weightsMs: performance.now() - weightsBegin, fromCache };
  }

  /** Compiles tools in any form; undefined when a newer call took over. */
  async compile(tools: unknown): Promise<Timed<ToolSet> | undefined> {
    this.#compiling?.abort();
    const { signal } = (this.#compiling = new AbortController());
    const begin = performance.now();
    try {
      const toolset = await this.#router!.tools(tools, { signal });
      if (signal.aborted) return undefined;
      this.#routing?.abort();
      this.#toolset?.dispose();
      this.#toolset = toolset;
      return { value: toolset, wallMs: performance.now() - begin };
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  /** Routes on the compiled tools; undefined when a newer call took over. */
  async route(query: string, onPartial: (partial: PartialResult) => void): Promise<Timed<RouteResult> | undefined> {
    this.#routing?.abort();
    const { signal } = (this.#routing = new AbortController());
    const begin = performance.now();
    try {
      for await (const step of this.#toolset!.stream(query, { signal, facts: { date: localDate() } })) {
        if (signal.aborted) return undefined;
        if (step.type === 'partial') onPartial(step);
        else return { value: step, wallMs: performance.now() - begin };
      }
      return undefined;
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  /** Nothing is asked any more: the request box is empty. */
  cancel(): void {
    this.#routing?.abort();
  }
}

/** What went wrong, as one sentence and a place. */
export function explain(error: unknown): { code: string; message: string; path: string } {
  if (NeedleError.isInstance(error)) return { code: error.code, message: error.message, path: error.path };
  return { code: 'internal', message: error instanceof Error ? error.message : String(error), path: '' };
}
