// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// The AI SDK's LanguageModelV3 and its middleware as far as they are read and written here. A test holds them against the
// types of `ai`, which takes version 3 in its releases 6 and 7.

export interface AiMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: unknown;
}

export interface AiCallOptions {
  prompt: readonly AiMessage[];
  tools?: readonly { type: string; name: string; description?: string; inputSchema?: unknown; id?: string }[];
  toolChoice?: { type: 'auto' | 'none' | 'required' } | { type: 'tool'; toolName: string };
  responseFormat?: { type: string };
  abortSignal?: AbortSignal;
}

export type AiContent = { type: 'text'; text: string } | { type: 'tool-call'; toolCallId: string; toolName: string; input: string };

export interface AiUsage {
  inputTokens: { total: number | undefined; noCache: number | undefined; cacheRead: number | undefined; cacheWrite: number | undefined };
  outputTokens: { total: number | undefined; text: number | undefined; reasoning: number | undefined };
}

export interface AiFinishReason {
  unified: 'stop' | 'tool-calls';
  raw: string | undefined;
}

export type AiWarning = { type: 'unsupported'; feature: string; details?: string } | { type: 'other'; message: string };

/** Under `needle`: type, confidence and considered, and how the call was made; JSON only, as the host demands. */
export type AiMetadata = { needle: { [key: string]: string | number | boolean | string[] } };

export interface AiGenerateResult {
  content: AiContent[];
  finishReason: AiFinishReason;
  usage: AiUsage;
  providerMetadata?: AiMetadata;
  warnings: AiWarning[];
}

export type AiStreamPart =
  | { type: 'stream-start'; warnings: AiWarning[] }
  | { type: 'text-start' | 'text-end'; id: string }
  | { type: 'text-delta'; id: string; delta: string }
  | { type: 'tool-input-start'; id: string; toolName: string }
  | { type: 'tool-input-delta'; id: string; delta: string }
  | { type: 'tool-input-end'; id: string }
  | { type: 'tool-call'; toolCallId: string; toolName: string; input: string }
  | { type: 'finish'; usage: AiUsage; finishReason: AiFinishReason; providerMetadata?: AiMetadata };

export interface AiStreamResult {
  stream: ReadableStream<AiStreamPart>;
}

export interface AiLanguageModel {
  readonly specificationVersion: 'v3';
  readonly provider: string;
  readonly modelId: string;
  readonly supportedUrls: Record<string, RegExp[]>;
  doGenerate(options: AiCallOptions): Promise<AiGenerateResult>;
  doStream(options: AiCallOptions): Promise<AiStreamResult>;
}

/** `Generated` and `Streamed` are the other model's: what it answers is passed on as it is. */
export interface AiMiddleware {
  readonly specificationVersion: 'v3';
  wrapGenerate<Generated>(call: { doGenerate: () => PromiseLike<Generated>; params: AiCallOptions }): Promise<Generated>;
  wrapStream<Streamed>(call: { doStream: () => PromiseLike<Streamed>; params: AiCallOptions }): Promise<Streamed>;
}
