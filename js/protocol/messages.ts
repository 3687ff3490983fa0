// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Everything that crosses between the caller's side (client/) and the engine's side (host/), and nothing else. One map
// from request type to payload, answer and event gives both sides their types. Raise the version when a change would
// make an older worker misread a newer page.
import type { WireError } from './wire-error.js';

export const protocolVersion = 1;

/** One of the builds in js/generated; the same names in CMake, file names and here. */
export type Variant = 'simd' | 'relaxed';

/** Where the model's bytes come from; `sizeBytes` and `sha256`, where known, are checked. */
export interface ModelSource {
  bytes?: Uint8Array;
  url?: string; // file:, http: or https:
  sizeBytes?: number;
  sha256?: string; // hexadecimal
}

export interface LoadProgress {
  phase: 'engine' | 'model';
  loaded: number;
  /** 0 while it is not known. */
  total: number;
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
  /** Whether a load without options would use the network. */
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

/**
 * Requests: what each one carries, what answers it, and what it may report on the way. A tool set's number is the
 * caller's choice, so that it can be released even when its answer was never waited for. `tools`, `options` and
 * `request` are JSON text for Engine::BeginToolSet and BeginRoute; `route` answers with Engine::FinishRoute's JSON and,
 * when it is streamed, reports each new Engine::PartialResult before.
 */
export interface Requests {
  load: { payload: { model: ModelSource; variant: Variant | undefined }; answer: { model: ModelInfo; variant: Variant }; event: LoadProgress };
  tools: { payload: { toolset: number; tools: string; options: string }; answer: ToolSetInfo; event: never };
  route: { payload: { toolset: number; request: string; isStreamed: boolean }; answer: unknown; event: unknown };
  release: { payload: { toolset: number }; answer: null; event: never };
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
