// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Several routers side by side, for servers and batches: each request goes to the one with the least to do. An engine
// serves one request at a time, so a pool of n uses n cores.
import { checkPoolOptions, maxWorkers } from './options.js';
import type { ToolRouter } from './tool-router.js';
import type { LoadOptions, PartialResult, Query, RouteOptions, RouteResult } from './types.js';

export interface PoolOptions {
  /** How many engines, each in a thread of its own; 1 to 99. */
  workers?: number;
}

type Member = Pick<ToolRouter, 'model' | 'variant' | 'route' | 'stream' | 'dispose'>;

export class RouterPool {
  readonly #members: { router: Member; pending: number }[];

  protected constructor(routers: Member[]) {
    this.#members = routers.map((router) => ({ router, pending: 0 }));
  }

  /** Use RouterPool.load() of an entry point. */
  protected static async fill(options: LoadOptions & PoolOptions, spareCores: number, load: (options: LoadOptions) => Promise<Member>): Promise<Member[]> {
    const { workers = Math.min(Math.max(spareCores, 1), maxWorkers), ...rest } = checkPoolOptions(options);
    const loads = await Promise.allSettled(Array.from({ length: workers }, () => load(rest)));
    const loaded = loads.flatMap((settled) => (settled.status === 'fulfilled' ? [settled.value] : []));
    const failed = loads.find((settled) => settled.status === 'rejected');
    if (!failed) return loaded;
    await Promise.all(loaded.map((router) => router.dispose()));
    throw failed.reason;
  }

  /** How many engines there are. */
  get size(): number {
    return this.#members.length;
  }
  /** How many requests are under way or waiting. */
  get pending(): number {
    return this.#members.reduce((sum, { pending }) => sum + pending, 0);
  }
  get model(): ToolRouter['model'] {
    return this.#members[0]!.router.model;
  }
  get variant(): ToolRouter['variant'] {
    return this.#members[0]!.router.variant;
  }

  /**
   * As ToolRouter.route(), by the engine with the least to do.
   * @throws NeedleError as ToolRouter.route()
   * @example const { type, calls } = await pool.route('dim the kitchen to 30%', tools, { signal });
   */
  async route(query: Query, tools: unknown, options?: RouteOptions): Promise<RouteResult> {
    const member = this.#leastBusy();
    member.pending++;
    try {
      return (await member.router.route(query, tools as never, options)) as RouteResult;
    } finally {
      member.pending--;
    }
  }

  /**
   * As ToolRouter.stream(), by the engine with the least to do. Leaving the loop aborts the request.
   * @throws NeedleError as ToolRouter.route()
   * @example for await (const step of pool.stream('dim the kitchen to 30%', tools)) show(step.calls);
   */
  async *stream(query: Query, tools: unknown, options?: RouteOptions): AsyncGenerator<PartialResult | RouteResult, void, undefined> {
    const member = this.#leastBusy();
    member.pending++;
    try {
      yield* member.router.stream(query, tools as never, options) as AsyncIterable<PartialResult | RouteResult>;
    } finally {
      member.pending--;
    }
  }

  /** Ends all engines. What is pending rejects with `disposed`. */
  async dispose(): Promise<void> {
    await Promise.all(this.#members.map(({ router }) => router.dispose()));
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #leastBusy() {
    return this.#members.reduce((best, member) => (member.pending < best.pending ? member : best));
  }
}
