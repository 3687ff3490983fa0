// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// The package's entry in Node: ToolRouter with its engine in a worker thread.
import { ToolRouter as UnboundToolRouter } from '../api/tool-router.js';
import type { LoadOptions, RouterStatus } from '../api/types.js';
import { nodePlatform } from '../platform/node.js';

export class ToolRouter extends UnboundToolRouter {
  /**
   * Starts an engine and loads a model into it.
   * @throws NeedleError `model_not_found`, `model_unreachable`, `invalid_model`, `unsupported_model`,
   *   `unsupported_runtime`, `aborted`, `invalid_argument`
   * @example await using router = await ToolRouter.load();
   */
  static load(options: LoadOptions = {}): Promise<ToolRouter> {
    return this.loadOn(nodePlatform, options);
  }

  /** What a load with these options would run, and whether it would download. */
  static status(options: LoadOptions = {}): Promise<RouterStatus> {
    return this.statusOn(nodePlatform, options);
  }
}

export * from './public.js';
