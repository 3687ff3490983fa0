// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Values of which nothing is known yet.
import { makeError } from '../protocol/errors.js';

export type Unknown = Record<string, unknown>;

export function isObject(value: unknown): value is Unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asObject(value: unknown, path: string, message: string): Unknown {
  if (!isObject(value)) throw makeError('invalid_schema', message, { path });
  return value;
}
