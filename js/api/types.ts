// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// The words of the public API.
import type { LoadProgress, ModelInfo, RouterStatus, Variant } from '../protocol/messages.js';
import type { Outcome } from './infer.js';
import type { ToJsonSchema } from './schemas.js';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/** A tool in the plain form, which every other supported form is turned into. */
export interface Tool {
  name: string;
  description?: string;
  /** A JSON Schema of type object; none: the tool takes no arguments. */
  parameters?: object;
}

export interface ToolCall<Name extends string = string, Arguments = JsonObject> {
  /** Exactly as the tool gave it. */
  name: Name;
  /** Valid against the tool's schema, in the schema's own order. */
  arguments: Arguments;
  /** For each argument that stands in the request: where, as [start, end) in UTF-16 code units. */
  evidence: Record<string, [start: number, end: number]>;
}

/** `Call` is a union of the calls that the given tools allow, as far as their types say; by `name` it narrows. */
export interface RouteResult<Call = ToolCall> {
  /** 'none': no tool fits. 'incomplete': one fits, but a required value was not said: ask back. */
  type: 'call' | 'none' | 'incomplete';
  /** Empty unless type is 'call'. */
  calls: Call[];
  /** Calibrated: among answers at 0.8, about 80% are right. */
  confidence: number;
  /** The names of the tools that were looked at. */
  considered: string[];
  /** Only with type 'incomplete': the call as far as it is known. */
  partial?: { name: string; arguments: JsonObject };
  /** Only with type 'incomplete': the required arguments that were not said. */
  missing?: string[];
  warnings: string[];
  /** From the first step of the engine to the last, not counting the wait for earlier requests; of it, reading and writing. */
  timings: { engineMs: number; encodeMs: number; decodeMs: number };
  tokens: { query: number; decoded: number; forced: number };
  /** Whether the result was below minConfidence, or incomplete, or the request not in English, and went to onEscalate; absent when neither was given. */
  escalated?: boolean;
}

/** What run() returns: the result, each of its calls with what became of it. */
export type RunResult<Call = ToolCall & Outcome> = RouteResult<Call>;

/** What stream() yields before the result: the calls so far. An argument appears when its value is whole and nothing before it in doubt. */
export interface PartialResult {
  type: 'partial';
  calls: { name: string; arguments: JsonObject }[];
}

/** A turn of a conversation. The last user turn is the request, up to two before it are context. */
export interface Message {
  role: string;
  content?: unknown;
  parts?: unknown;
}
export type Query = string | readonly Message[];

/** What the application knows and the request may refer to. */
export interface Facts {
  /** The user's local date and time, ISO 8601 ('2026-11-21T08:30'); what "tomorrow" is counted from. */
  date?: string;
  [name: string]: string | undefined;
}

export interface CallOptions {
  signal?: AbortSignal;
  /** Rejects with a TimeoutError after so many milliseconds. */
  timeoutMs?: number;
}

export interface RouteOptions extends CallOptions {
  /** 'auto' (default), 'required' (some tool), 'none', or one tool by its name. */
  toolChoice?: 'auto' | 'required' | 'none' | { name: string } | (string & {});
  /** At most so many calls, 1 to 8 (default 8). */
  maxCalls?: number;
  /** Of more tools than this, the best fitting so many are considered, 1 to 64. Default: 8 of up to 64 tools, an eighth of up to 128, 16 of more. */
  maxConsidered?: number;
  /** Below it, or when the result is incomplete or the request not in English, onEscalate is asked; 0 to 1. */
  minConfidence?: number;
  /** May answer in the router's place, with a bigger model say; undefined keeps the router's result. The signal and the timeout hold while it works, too. */
  onEscalate?: (result: RouteResult, request: { query: Query }) => RouteResult | undefined | Promise<RouteResult | undefined>;
  facts?: Facts;
}

export interface RunOptions extends RouteOptions {
  /** One call after the other, in the order of the request. Default: all at once. */
  inOrder?: boolean;
}

export interface ToolsOptions extends CallOptions {
  /** A schema assertion that cannot be enforced is an error (default), or a warning with its path. */
  onUnsupported?: 'error' | 'warn';
  /** Of more tools the list is refused, 1 to 10,000 (the default): for lists that somebody else sends. */
  maxTools?: number;
  /** Of more bytes of JSON the list is refused, 1 to 8,388,608 (the default). */
  maxBytes?: number;
}

export interface LoadOptions extends CallOptions {
  /** A model file's URL, or its path. Default: the model that the package brings along. */
  modelUrl?: string | URL;
  /** A model file's bytes, instead of modelUrl. They are copied, and must stay: a fresh engine after a crash reads them again. */
  model?: Uint8Array | ArrayBuffer;
  /** The SHA-256 that the model must have, hexadecimal. What has one is kept after its download; other models are not. */
  sha256?: string;
  /** In browsers: a module worker of the page's own origin whose one line imports 'needle-router/worker'. */
  workerUrl?: string | URL;
  /** Where the .wasm of `variant` is, in place of the package's own; `variant` is then 'simd' unless given. */
  wasmUrl?: string | URL;
  /** The .wasm of `variant`, compiled already, instead of wasmUrl: for runtimes that compile nothing. */
  wasmModule?: WebAssembly.Module;
  /** At most so many threads; they encode tools and long requests. Default: what the machine has, up to 4; in Node, and where pages cannot share memory, 1. */
  threads?: number;
  /** At most so many bytes of encoded tools are kept; others are encoded again when they are needed. Default: 48 MB, 24 MB at the edge. */
  maxCacheBytes?: number;
  /** Which build to run. Default: the fastest that this runtime runs correctly. */
  variant?: Variant;
  /**
   * Turns the schemas of a library into JSON Schemas where the library gives them no method for it, as Zod 3, Zod Mini and
   * bare Valibot do: `toJSONSchema` of 'zod', `toJsonSchema` of '@valibot/to-json-schema'.
   */
  toJsonSchema?: ToJsonSchema;
  onProgress?: (progress: LoadProgress) => void;
}

export type { ExecuteOptions } from './execute.js';
export type { ArgumentsOf, CallOf, FromJsonSchema, Outcome, RunCallOf } from './infer.js';
export type { LoadProgress, ModelInfo, RouterStatus, Variant };
