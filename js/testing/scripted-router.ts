// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// needle-router/testing: the real ToolRouter over a scripted engine, for the tests of programs that use one. Tool formats,
// options, errors, streams, aborts and disposal are the package's own; only the answers are the script's.
import { ToolRouter } from '../api/tool-router.js';
import type { ToolSet } from '../api/tool-set.js';
import type { LoadOptions } from '../api/types.js';
import { makeError } from '../protocol/errors.js';
import type { Script, ScriptedRequest } from './script.js';
import { ScriptedTransport, type ScriptedOptions } from './scripted-transport.js';

export type ScriptedLoadOptions = ScriptedOptions & Pick<LoadOptions, 'signal' | 'timeoutMs' | 'onProgress' | 'toJsonSchema'>;

export class ScriptedRouter extends ToolRouter {
  /** Every request that arrived, the oldest first. */
  requests: readonly ScriptedRequest[] = [];

  /**
   * A router that answers from a script, by the text of the request or by a function of it.
   * @throws NeedleError `invalid_argument`. Its calls throw `not_found` for a request that the script does not have, and
   *   `invalid_argument` for an answer that the given tools do not allow.
   * @example const router = await ScriptedRouter.load({ 'dim the kitchen': { name: 'set_light', arguments: { room: 'kitchen' } } });
   */
  static async load(script: Script, { delayMs, ...options }: ScriptedLoadOptions = {}): Promise<ScriptedRouter> {
    check(script, delayMs);
    const requests: ScriptedRequest[] = [];
    const router = (await this.loadOn(
      {
        openTransport: () => new ScriptedTransport(script, { ...(delayMs !== undefined && { delayMs }) }, requests),
        resolveUrl: String,
        packagedModel: async () => ({ name: 'scripted', url: 'scripted:', bytes: 0, sha256: '' }),
        detectVariants: async () => ['simd'],
        willDownload: async () => false,
      },
      options,
    )) as ScriptedRouter;
    router.requests = requests;
    return router;
  }
}

function check(script: unknown, delayMs: unknown): void {
  if (typeof script !== 'function' && (typeof script !== 'object' || script === null)) {
    throw makeError('invalid_argument', 'must be an object of answers by request, or a function', { path: 'script' });
  }
  if (delayMs !== undefined && !(typeof delayMs === 'number' && delayMs >= 0)) {
    throw makeError('invalid_argument', 'must be a number of milliseconds', { path: 'options.delayMs' });
  }
}

export type { Answer, Script, ScriptedCall, ScriptedRequest, ScriptedResult } from './script.js';
export type { ScriptedOptions, ToolSet };
