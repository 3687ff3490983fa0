// SPDX-License-Identifier: Apache-2.0
// Runs in: workerd
// The package's entry in workerd: the .wasm is a module like others, compiled when the worker is uploaded.
import { ToolRouter as UnboundToolRouter } from '../api/tool-router.js';
import type { LoadOptions, RouterStatus } from '../api/types.js';
import { edgePlatform } from '../platform/edge.js';
import relaxed from '../generated/needle-relaxed.wasm';

const platform = edgePlatform(relaxed);

export class ToolRouter extends UnboundToolRouter {
  /**
   * Starts an engine and loads a model into it.
   * @throws NeedleError `model_not_found`, `model_unreachable`, `invalid_model`, `unsupported_model`,
   *   `engine_unreachable`, `unsupported_runtime`, `aborted`, `invalid_argument`
   * @example const router = await ToolRouter.load({ model: await env.MODELS.get('needle-router.safetensors', 'arrayBuffer') });
   */
  static load(options: LoadOptions = {}): Promise<ToolRouter> {
    return this.loadOn(platform, options);
  }

  /** What a load with these options would run, and whether it would download. */
  static status(options: LoadOptions = {}): Promise<RouterStatus> {
    return this.statusOn(platform, options);
  }
}

export * from './public.js';
