// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// What the entries' ToolRouters have in common: load() and status() over the platform that each of them names.
import type { Platform } from '../platform/platform.js';
import { ToolRouter } from './tool-router.js';
import type { LoadOptions, RouterStatus } from './types.js';

export abstract class BoundToolRouter extends ToolRouter {
  protected static readonly platform: Platform;

  /**
   * Starts an engine and loads a model into it. In workerd and edge-light a model must be named: `model` or `modelUrl`.
   * @throws NeedleError `model_not_found`, `model_unreachable`, `invalid_model`, `unsupported_model`,
   *   `engine_unreachable`, `unsupported_runtime`, `aborted`, `invalid_argument`
   * @example const router = await ToolRouter.load({ onProgress: ({ loaded, total }) => show(loaded / total) });
   * @example const router = await ToolRouter.load({ model: await env.MODELS.get('needle-router.safetensors', 'arrayBuffer') });
   */
  static load(options: LoadOptions = {}): Promise<ToolRouter> {
    return this.loadOn(this.platform, options);
  }

  /** What a load with these options would run, and whether it would download. */
  static status(options: LoadOptions = {}): Promise<RouterStatus> {
    return this.statusOn(this.platform, options);
  }
}
