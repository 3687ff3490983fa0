// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// `needle-router/pool`: as many engines as there are cores to spare, for servers and batches.
import { availableParallelism } from 'node:os';
import { RouterPool as UnboundRouterPool, type PoolOptions } from '../api/router-pool.js';
import type { LoadOptions } from '../api/types.js';
import { ToolRouter } from './node.js';

export class RouterPool extends UnboundRouterPool {
  /**
   * Starts engines and loads a model into each. Default: one for each core but one, which is left to the caller.
   * @throws NeedleError as ToolRouter.load(), and `invalid_argument` for `workers`
   * @example await using pool = await RouterPool.load({ workers: 4 });
   */
  static async load(options: LoadOptions & PoolOptions = {}): Promise<RouterPool> {
    return new RouterPool(await this.fill(options, availableParallelism() - 1, (rest) => ToolRouter.load(rest)));
  }
}

export type { PoolOptions };
