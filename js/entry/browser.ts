// SPDX-License-Identifier: Apache-2.0
// Runs in: page
// The package's entry in browsers: ToolRouter with its engine in a Web Worker. Importing it does nothing, so that a page
// can be rendered on a server.
import { ToolRouter as UnboundToolRouter } from '../api/tool-router.js';
import type { LoadOptions, RouterStatus } from '../api/types.js';
import { browserPlatform } from '../platform/browser.js';

export class ToolRouter extends UnboundToolRouter {
  /**
   * Starts an engine and loads a model into it.
   * @throws NeedleError `model_unreachable`, `invalid_model`, `unsupported_model`, `unsupported_runtime`, `aborted`,
   *   `invalid_argument`
   * @example const router = await ToolRouter.load({ onProgress: ({ loaded, total }) => show(loaded / total) });
   */
  static load(options: LoadOptions = {}): Promise<ToolRouter> {
    return this.loadOn(browserPlatform, options);
  }

  /** What a load with these options would run, and whether it would download. */
  static status(options: LoadOptions = {}): Promise<RouterStatus> {
    return this.statusOn(browserPlatform, options);
  }
}

export * from './public.js';
