// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Values of which nothing is known yet: reading them, and writing them as JSON, runs the getters, proxies and toJSON() in
// them, and those may throw anything.
import { makeError, NeedleError, type ErrorCode } from '../protocol/errors.js';

export type Unknown = Record<string, unknown>;

export function isObject(value: unknown): value is Unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asObject(value: unknown, path: string, message: string): Unknown {
  if (!isObject(value)) throw makeError('invalid_schema', message, { path });
  return value;
}

/** What `read` makes of the caller's value at `path`. What it throws has a code and a path: its own, or these. */
export function guarded<Value>(path: string, read: () => Value, code: ErrorCode = 'invalid_argument'): Value {
  try {
    return read();
  } catch (cause) {
    throw typedError(cause, path, code);
  }
}

function typedError(cause: unknown, path: string, code: ErrorCode): NeedleError {
  try {
    if (NeedleError.isInstance(cause)) return cause;
    const [reason] = String((cause as Error | null | undefined)?.message ?? cause).split('\n');
    return makeError(code, `cannot be read: ${reason}`, { path, cause });
  } catch {
    return makeError(code, 'cannot be read', { path, cause }); // as cannot what it throws
  }
}

export function memberPath(path: string, key: string, isIndex = false): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${isIndex ? key : JSON.stringify(key)}]`;
}
