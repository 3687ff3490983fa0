// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Everything that crosses between the caller's side (client/) and the engine's side (host/), and nothing else. One map
// from request type to payload, answer and event gives both sides their types. Raise the version when a change would
// make an older worker misread a newer page.
import type { WireError } from './wire-error.js';

export const protocolVersion = 1;

/** The builds in js/generated, the best first; the same names in CMake, file names and here. Those on `-mt` have threads. */
export const variants = ['relaxed-mt', 'relaxed', 'simd-mt', 'simd'] as const;
export type Variant = (typeof variants)[number];

/** Where the model's bytes come from; `sizeBytes` and `sha256`, where known, are checked. */
export interface ModelSource {
  bytes?: Uint8Array;
  url?: string; // file:, http: or https:
  sizeBytes?: number;
  sha256?: string; // hexadecimal
}

/** A .wasm in place of the package's own: where it is, or compiled already. */
export interface WasmSource {
  url?: string | undefined;
  module?: WebAssembly.Module | undefined;
}

/** The released model, as the package needle-router-model describes it. */
export interface PackagedModel {
  name: string;
  url: string;
  bytes: number;
  sha256: string;
}

export interface LoadProgress {
  phase: 'engine' | 'model';
  loaded: number;
  /** 0 while it is not known. */
  total: number;
  /** Whether what was loaded last came from a cache or a file of this machine, not over the network. */
  fromCache: boolean;
}

export interface ModelInfo {
  name: string;
  version: string;
  licence: string;
  parameters: number;
  sizeBytes: number;
  config: Record<string, unknown>;
}

export interface RouterStatus {
  /** The build that a load would run. */
  variant: Variant;
  /** The model that the package brings along; null when it has none. */
  model: { name: string; bytes: number } | null;
  /** Whether the load would use the network for the model. */
  willDownload: boolean;
}

export interface ToolSetInfo {
  /** The tools' names, as given and in the given order. */
  tools: string[];
  /** What the engine could not take as it stands, each with its path. */
  warnings: string[];
  /** Tokens of all tools together, which are encoded once. */
  tokens: number;
}

export interface LoadRequest {
  model: ModelSource;
  /** None: the best that runs here. */
  variant?: Variant | undefined;
  /** At most so many threads. */
  threads?: number | undefined;
  /** Bound on the encodings of tools that are kept. */
  maxCacheBytes?: number | undefined;
  /** In place of the variant's own .wasm. */
  wasm?: WasmSource | undefined;
}

/**
 * Requests: what each one carries, what answers it, and what it may report on the way. A tool set's number is the
 * caller's choice, so that it can be released even when its answer was never waited for. `tools`, `options` and
 * `request` are JSON text for Engine::BeginToolSet and BeginRoute; `route` answers with Engine::FinishRoute's JSON and,
 * when it is streamed, reports each new Engine::PartialResult before.
 */
export interface Requests {
  load: { payload: LoadRequest; answer: { model: ModelInfo; variant: Variant }; event: LoadProgress };
  tools: { payload: { toolset: number; tools: string; options: string }; answer: ToolSetInfo; event: never };
  route: { payload: { toolset: number; request: string; isStreamed: boolean }; answer: unknown; event: unknown };
  release: { payload: { toolset: number }; answer: null; event: never };
  memory: { payload: null; answer: number; event: never };
}
export type RequestType = keyof Requests;

export type ClientMessage =
  | { [Type in RequestType]: { id: number; type: Type; payload: Requests[Type]['payload'] } }[RequestType]
  | { id: number; type: 'abort' }; // ends the request of that id; the request itself is what gets answered

export type HostMessage =
  | { type: 'ready'; id: 0; protocolVersion: number }
  | { type: 'answer'; id: number; value: unknown }
  | { type: 'error'; id: number; error: WireError }
  | { type: 'event'; id: number; event: unknown };

/** What a Web Worker says beside its host's messages. */
export type WorkerMessage =
  | HostMessage
  | { type: 'alive'; id: 0; lock: string } // the lock that it holds while it lives
  | { type: 'threads'; id: 0; areStarting: boolean }; // said again and again until they have started, or cannot
