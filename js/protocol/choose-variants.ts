// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Which builds to try, when the caller may have named one: the page tells by it what a load would run, the worker runs it.
import { makeError } from './errors.js';
import type { Variant } from './messages.js';

/**
 * @param detect the builds that run here with at most so many threads, the best first
 * @param named the one that the caller wants
 * @throws NeedleError `unsupported_runtime` when the named one does not run here
 */
export async function chooseVariants(
  detect: (threads: number | undefined) => Promise<Variant[]>,
  named: Variant | undefined,
  threads: number | undefined,
): Promise<Variant[]> {
  const able = await detect(named?.endsWith('-mt') ? threads ?? Infinity : threads);
  if (!named) return able;
  if (able.includes(named)) return [named];
  const needs = named.endsWith('-mt') ? ' (threads take more than one processor and, in browsers, a page that is cross-origin isolated)' : '';
  throw makeError('unsupported_runtime', `the ${named} build does not run here, only ${able.join(', ')}${needs}`, { path: 'options.variant' });
}
