// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Every error the package throws on purpose. `code` is stable and the same string in C++ (wasm/base/status.h), on the
// wire and here; `path` points into the caller's JSON (`tools[2].parameters.properties.city`). Programs test `code`, or
// NeedleError.isInstance, which holds across two copies of the package where `instanceof` does not.

/** The codes of the C++ engine (wasm/base/status.h), then those that only exist outside it. */
export type ErrorCode =
  | 'invalid_argument'
  | 'invalid_json'
  | 'invalid_schema'
  | 'unsupported_schema'
  | 'duplicate_name'
  | 'invalid_model'
  | 'unsupported_model'
  | 'query_too_long'
  | 'tool_too_long'
  | 'out_of_range'
  | 'truncated'
  | 'grammar_dead_end'
  | 'aborted'
  | 'out_of_memory'
  | 'not_found'
  | 'internal'
  | 'model_not_found' // no model file there, or none released yet
  | 'model_unreachable' // the server answered with an error, or not at all
  | 'engine_unreachable' // the engine's .wasm could not be had, or is something else
  | 'engine_crashed' // the worker died; the next call starts a fresh one
  | 'tool_failed' // a tool of an MCP server or of the page answered with an error
  | 'unsupported_runtime' // no WebAssembly SIMD
  | 'disposed'; // a call on a router or tool set after dispose()

/** Names of classes, written out: a class has another once an app is minified. */
const names: Partial<Record<ErrorCode, 'InvalidArgumentError' | 'SchemaError' | 'ModelLoadError' | 'AbortedError' | 'EngineCrashedError'>> = {
  invalid_argument: 'InvalidArgumentError',
  invalid_json: 'InvalidArgumentError',
  invalid_schema: 'SchemaError',
  unsupported_schema: 'SchemaError',
  duplicate_name: 'SchemaError',
  tool_too_long: 'SchemaError',
  invalid_model: 'ModelLoadError',
  unsupported_model: 'ModelLoadError',
  model_not_found: 'ModelLoadError',
  model_unreachable: 'ModelLoadError',
  aborted: 'AbortedError',
  engine_crashed: 'EngineCrashedError',
};

const marker = Symbol.for('needle-router.error');

export interface NeedleErrorOptions {
  path?: string;
  cause?: unknown;
}

export class NeedleError extends Error {
  readonly code: ErrorCode;
  /** Where in the caller's JSON the fault lies; '' when it has no place there. */
  readonly path: string;
  readonly [marker] = true;

  constructor(code: ErrorCode, message: string, { path = '', cause }: NeedleErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = names[code] ?? 'NeedleError';
    this.code = code;
    this.path = path;
  }

  static isInstance(value: unknown): value is NeedleError {
    return typeof value === 'object' && value !== null && marker in value;
  }
}

/** An option or argument of the wrong type, unknown, or out of its domain. */
export class InvalidArgumentError extends NeedleError {}
/** A tool definition that cannot be honoured; `path` says which part. */
export class SchemaError extends NeedleError {}
/** The model file is missing, unreachable, damaged or of another version. */
export class ModelLoadError extends NeedleError {}
/** The caller's signal or timeout ended the call; `name` is 'AbortError' or 'TimeoutError', as the platform's are. */
export class AbortedError extends NeedleError {}
/** The engine died in the middle; every pending call got this error, and the next one starts a fresh engine. */
export class EngineCrashedError extends NeedleError {}

const classes = { InvalidArgumentError, SchemaError, ModelLoadError, AbortedError, EngineCrashedError };

/** The error of the class that belongs to a code. */
export function makeError(code: ErrorCode, message: string, options?: NeedleErrorOptions): NeedleError {
  const name = names[code];
  return new (name ? classes[name] : NeedleError)(code, message, options);
}

/** The error for an ended signal: named like the platform's own, so that `error.name === 'AbortError'` keeps working. */
export function abortError(reason: unknown): NeedleError {
  const isTimeout = reason instanceof Error && reason.name === 'TimeoutError';
  const error = makeError('aborted', isTimeout ? reason.message : 'the call was aborted', { cause: reason });
  error.name = isTimeout ? 'TimeoutError' : 'AbortError';
  return error;
}
