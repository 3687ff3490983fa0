// SPDX-License-Identifier: Apache-2.0
// Runs in: service workers and extensions, and pages
// 'needle-router/inline': everything imported at once, the engine in place. Importing it does nothing.
import { ToolRouter as UnboundToolRouter } from '../api/tool-router.js';
import type { LoadOptions, RouterStatus } from '../api/types.js';
import { inlinePlatform } from '../platform/inline.js';

export class ToolRouter extends UnboundToolRouter {
  /**
   * Starts an engine and loads a model into it.
   * @throws NeedleError `model_not_found`, `model_unreachable`, `invalid_model`, `unsupported_model`,
   *   `engine_unreachable`, `unsupported_runtime`, `aborted`, `invalid_argument`
   * @example const router = await ToolRouter.load({ modelUrl: '/needle-router.safetensors', sha256 });
   */
  static load(options: LoadOptions = {}): Promise<ToolRouter> {
    return this.loadOn(inlinePlatform, options);
  }

  /** What a load with these options would run, and whether it would download. */
  static status(options: LoadOptions = {}): Promise<RouterStatus> {
    return this.statusOn(inlinePlatform, options);
  }
}

export * from './public.js';
