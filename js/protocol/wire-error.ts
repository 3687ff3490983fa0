// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Errors as plain objects: structured clone would drop their class, code and path.
import { makeError, NeedleError, type ErrorCode } from './errors.js';

export interface WireError {
  name: string;
  code: ErrorCode;
  message: string;
  path: string;
  stack?: string;
}

export function toWireError(error: unknown): WireError {
  if (NeedleError.isInstance(error)) {
    const { name, code, message, path, stack } = error;
    return { name, code, message, path, ...(stack !== undefined && { stack }) };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { name: 'NeedleError', code: 'internal', message, path: '', ...(stack !== undefined && { stack }) };
}

export function fromWireError({ name, code, message, path, stack }: WireError): NeedleError {
  const error = makeError(code, message, { path });
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
