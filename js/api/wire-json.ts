// SPDX-License-Identifier: Apache-2.0
// Runs in: both
import { makeError } from '../protocol/errors.js';

/** JSON text for the engine, which is valid UTF-8: a lone surrogate, as JavaScript allows it, becomes U+FFFD. */
export function toWireJson(value: unknown, path: string): string {
  try {
    return JSON.stringify(value, (_, member: unknown) => (typeof member === 'string' ? member.toWellFormed() : member));
  } catch (cause) {
    throw makeError('invalid_argument', `cannot be written as JSON: ${(cause as Error).message.split('\n')[0]}`, { path, cause });
  }
}
