// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Checks of what callers pass: every option has its type and its domain here, and a name that is not here is an error,
// because a misspelt option that is silently ignored is the hardest bug to find.
import { makeError } from '../protocol/errors.js';
import { variants } from '../protocol/messages.js';
import type { LoadOptions } from './types.js';

type Check = (value: unknown) => string | undefined; // what is wanted, when the value is not that

const oneOf = (...values: readonly string[]): Check => (value) => (values.includes(value as string) ? undefined : `one of ${values.join(', ')}`);
const between = (low: number, high: number, whole: boolean): Check => (value) =>
  typeof value === 'number' && value >= low && value <= high && (!whole || Number.isInteger(value))
    ? undefined
    : `${whole ? 'an integer' : 'a number'} from ${low} to ${high}`;
const isFunction: Check = (value) => (typeof value === 'function' ? undefined : 'a function');
const isSignal: Check = (value) => (value instanceof AbortSignal ? undefined : 'an AbortSignal');
const isTimeout: Check = (value) => (typeof value === 'number' && value > 0 ? undefined : 'a number of milliseconds above 0');

const isUrl: Check = (value) => ((typeof value === 'string' && value !== '') || value instanceof URL ? undefined : 'a path or URL');

const callChecks = { signal: isSignal, timeoutMs: isTimeout };

const loadChecks: Record<string, Check> = {
  ...callChecks,
  modelUrl: isUrl,
  model: (value) => (value instanceof Uint8Array || value instanceof ArrayBuffer ? undefined : 'a Uint8Array or ArrayBuffer'),
  sha256: (value) => (typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value) ? undefined : '64 hexadecimal digits'),
  workerUrl: isUrl,
  wasmUrl: isUrl,
  wasmModule: (value) => (Object.prototype.toString.call(value) === '[object WebAssembly.Module]' ? undefined : 'a WebAssembly.Module'),
  threads: between(1, 64, true),
  maxCacheBytes: between(0, 2 ** 31, true),
  variant: oneOf(...variants),
  toJsonSchema: isFunction,
  onProgress: isFunction,
};

const toolsChecks: Record<string, Check> = {
  ...callChecks,
  onUnsupported: oneOf('error', 'warn'),
  maxTools: between(1, 10_000, true),
  maxBytes: between(1, 8 << 20, true),
};

const routeChecks: Record<string, Check> = {
  ...callChecks,
  toolChoice: (value) =>
    typeof value === 'string' || typeof (value as { name?: unknown } | null)?.name === 'string'
      ? undefined
      : "'auto', 'required', 'none' or a tool's name",
  maxCalls: between(1, 8, true),
  maxConsidered: between(1, 64, true),
  minConfidence: between(0, 1, false),
  onEscalate: isFunction,
  facts: (value) =>
    typeof value === 'object' && value !== null && Object.values(value).every((fact) => fact === undefined || typeof fact === 'string')
      ? undefined
      : 'an object of strings',
};

const runChecks: Record<string, Check> = { ...routeChecks, inOrder: (value) => (typeof value === 'boolean' ? undefined : 'true or false') };

function check(options: object, checks: Record<string, Check>): void {
  if (typeof options !== 'object' || options === null) throw makeError('invalid_argument', 'options must be an object', { path: 'options' });
  for (const [name, value] of Object.entries(options)) {
    const path = `options.${name}`;
    if (!Object.hasOwn(checks, name)) {
      throw makeError('invalid_argument', `unknown option '${name}'; there are ${Object.keys(checks).join(', ')}`, { path });
    }
    if (value === undefined) continue;
    const wanted = checks[name]!(value);
    if (wanted) throw makeError('invalid_argument', `must be ${wanted}, not ${describe(value)}`, { path });
  }
}

function describe(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? JSON.stringify(value) ?? String(value) : value === null ? 'null' : typeof value;
}

export function checkLoadOptions(options: object): void {
  check(options, loadChecks);
  const { model, modelUrl, sha256, wasmUrl, wasmModule } = options as LoadOptions;
  if (model) checkAttached(model);
  if (model !== undefined && modelUrl !== undefined) {
    throw makeError('invalid_argument', 'model and modelUrl exclude one another', { path: 'options.model' });
  }
  if (wasmUrl !== undefined && wasmModule !== undefined) {
    throw makeError('invalid_argument', 'wasmModule and wasmUrl exclude one another', { path: 'options.wasmModule' });
  }
  if (sha256 !== undefined && model === undefined && modelUrl === undefined) {
    throw makeError('invalid_argument', 'the hash of the released model is known: sha256 goes with model or modelUrl', { path: 'options.sha256' });
  }
}

/** Of bytes that were transferred away no view can be made. (`detached` says so in newer runtimes only.) */
export function checkAttached(model: Uint8Array | ArrayBuffer): void {
  try {
    new Uint8Array(ArrayBuffer.isView(model) ? model.buffer : model);
  } catch (cause) {
    throw makeError('invalid_argument', 'its bytes were transferred away', { path: 'options.model', cause });
  }
}

export const checkToolsOptions = (options: object): void => check(options, toolsChecks);
export const checkRouteOptions = (options: object): void => check(options, routeChecks);
export const checkRunOptions = (options: object): void => check(options, runChecks);

/** Timers count no further; Node refuses fractions of a millisecond, and ends longer waits at once. */
const longestTimerMs = 2 ** 31 - 1;

/** One signal that ends when either the caller's does or the time is over. */
export function combineSignals({ signal, timeoutMs }: { signal?: AbortSignal; timeoutMs?: number }): AbortSignal | undefined {
  const timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(Math.min(Math.ceil(timeoutMs), longestTimerMs));
  return signal && timeout ? AbortSignal.any([signal, timeout]) : signal ?? timeout;
}
