// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Checks of what callers pass: every option has its type and its domain here, and a name that is not here is an error,
// because a misspelt option that is silently ignored is the hardest bug to find.
import { makeError } from '../protocol/errors.js';
import { variants } from '../protocol/messages.js';
import type { LoadOptions, RouteResult } from './types.js';
import { guarded, isObject, type Unknown } from './unknown.js';

/** What is wanted, when the value is not that. May throw, as the value's own code may. */
type Check = (value: unknown) => string | undefined;

const oneOf = (...values: readonly string[]): Check => (value) => (values.includes(value as string) ? undefined : `one of ${values.join(', ')}`);
const between = (low: number, high: number, whole: boolean): Check => (value) =>
  typeof value === 'number' && value >= low && value <= high && (!whole || Number.isInteger(value))
    ? undefined
    : `${whole ? 'an integer' : 'a number'} from ${low} to ${high}`;
const isFunction: Check = (value) => (typeof value === 'function' ? undefined : 'a function');
// Of an object that only has the prototype of a signal, or of a URL, the property cannot be read.
const isSignal: Check = (value) => (value instanceof AbortSignal && typeof value.aborted === 'boolean' ? undefined : 'an AbortSignal');
const isUrl: Check = (value) => ((typeof value === 'string' || value instanceof URL) && String(value) !== '' ? undefined : 'a path or URL');
const isTimeout: Check = (value) => (typeof value === 'number' && value > 0 ? undefined : 'a number of milliseconds above 0');

/** Of other objects, a Map say, the engine would get nothing. By the prototype's own, because a frame's Object is another. */
const isPlain = (value: unknown): value is Unknown => isObject(value) && Object.getPrototypeOf(Object.getPrototypeOf(value) ?? value) === null;

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
    typeof value === 'string' || (isPlain(value) && typeof JSON.parse(JSON.stringify(value)).name === 'string') // what the engine will read
      ? undefined
      : "'auto', 'required', 'none' or a tool's name",
  maxCalls: between(1, 8, true),
  maxConsidered: between(1, 64, true),
  minConfidence: between(0, 1, false),
  onEscalate: isFunction,
  facts: (value) =>
    isPlain(value) && Object.values(value).every((fact) => fact === undefined || typeof fact === 'string')
      ? undefined
      : 'a plain object of strings',
};

const runChecks: Record<string, Check> = { ...routeChecks, inOrder: (value) => (typeof value === 'boolean' ? undefined : 'true or false') };

/** The options as they were checked: each is read once, and a prototype's as well, as whoever uses them would. */
function check<Options extends object>(options: Options, checks: Record<string, Check>): Options {
  return guarded('options', () => {
    if (!isObject(options)) throw makeError('invalid_argument', 'options must be an object', { path: 'options' });
    const names = new Set(Object.keys(checks));
    for (const name in options) if (Object.hasOwn(options, name) || !(name in {})) names.add(name); // pages extend Object.prototype
    return Object.fromEntries(Array.from(names, (name) => [name, guarded(`options.${name}`, () => checked(options, name, checks))])) as Options;
  });
}

function checked(options: Unknown, name: string, checks: Record<string, Check>): unknown {
  const path = `options.${name}`;
  if (!Object.hasOwn(checks, name)) {
    throw makeError('invalid_argument', `unknown option '${name}'; there are ${Object.keys(checks).join(', ')}`, { path });
  }
  const value = options[name];
  const wanted = value === undefined ? undefined : checks[name]!(value);
  if (wanted) throw makeError('invalid_argument', `must be ${wanted}, not ${describe(value)}`, { path });
  return value;
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'number' || value === null ? String(value) : typeof value;
}

export function checkLoadOptions<Options extends LoadOptions>(options: Options): Options {
  const read = check(options, loadChecks);
  const { model, modelUrl, sha256, wasmUrl, wasmModule } = read;
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
  return read;
}

/** Of bytes that were transferred away no view can be made. (`detached` says so in newer runtimes only.) */
export function checkAttached(model: Uint8Array | ArrayBuffer): void {
  try {
    new Uint8Array(ArrayBuffer.isView(model) ? model.buffer : model);
  } catch (cause) {
    throw makeError('invalid_argument', 'its bytes were transferred away', { path: 'options.model', cause });
  }
}

export const checkToolsOptions = <Options extends object>(options: Options): Options => check(options, toolsChecks);
export const checkRouteOptions = <Options extends object>(options: Options): Options => check(options, routeChecks);
export const checkRunOptions = <Options extends object>(options: Options): Options => check(options, runChecks);

/** Of a pool. */
export const maxWorkers = 99;
export const checkPoolOptions = <Options extends object>(options: Options): Options => check(options, { ...loadChecks, workers: between(1, maxWorkers, true) });

/** What onEscalate answered: a result in place of the router's, or nothing. */
export function checkEscalated(result: unknown): RouteResult | null | undefined {
  const path = 'options.onEscalate';
  return guarded(path, () => {
    if (result === undefined || result === null) return result;
    const { type, calls, confidence } = isObject(result) ? result : {};
    const isCall = (call: unknown) => isObject(call) && typeof call['name'] === 'string';
    if (typeof type === 'string' && Array.isArray(calls) && [...calls].every(isCall) && Number.isFinite(confidence)) return result as RouteResult;
    throw makeError('invalid_argument', 'must answer undefined or a result with type, calls and confidence', { path });
  });
}

/** Timers count no further; Node refuses fractions of a millisecond, and ends longer waits at once. */
const longestTimerMs = 2 ** 31 - 1;

/** One signal that ends when either the caller's does or the time is over. */
export function combineSignals({ signal, timeoutMs }: { signal?: AbortSignal; timeoutMs?: number }): AbortSignal | undefined {
  const timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(Math.min(Math.ceil(timeoutMs), longestTimerMs));
  return signal && timeout ? AbortSignal.any([signal, timeout]) : signal ?? timeout;
}
