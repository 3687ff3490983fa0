// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// OpenAI's chat completions as far as they are read and written here. A test holds them against the types of `openai`:
// its parameters are taken, and what comes back is one of its completions.
import type { RouteResult } from '../api/types.js';

export interface CompletionParams {
  model?: string;
  messages: readonly { role: string; content?: unknown }[];
  tools?: readonly object[];
  tool_choice?: unknown;
  parallel_tool_calls?: boolean | null;
  stream?: boolean | null;
  stream_options?: { include_usage?: boolean } | null;
  n?: number | null;
  response_format?: { type: string };
  functions?: readonly object[];
  audio?: unknown;
}

export interface CompletionToolCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

export interface ChatCompletion {
  id: string;
  object: 'chat.completion';
  created: number;
  model: string;
  choices: {
    index: number;
    finish_reason: 'stop' | 'tool_calls';
    logprobs: null;
    message: { role: 'assistant'; content: string | null; refusal: null; tool_calls?: CompletionToolCall[] };
  }[];
  usage: Usage;
  /** The router's result: confidence, evidence, warnings. None after tools have answered. */
  needle?: RouteResult;
}

export interface ChatCompletionChunk {
  id: string;
  object: 'chat.completion.chunk';
  created: number;
  model: string;
  choices: {
    index: number;
    finish_reason: 'stop' | 'tool_calls' | null;
    delta: {
      role?: 'assistant';
      content?: string | null;
      tool_calls?: { index: number; id?: string; type?: 'function'; function?: { name?: string; arguments?: string } }[];
    };
  }[];
  usage?: Usage | null;
  /** On the last chunk with a choice. */
  needle?: RouteResult;
}

export interface CompletionStream extends AsyncIterable<ChatCompletionChunk> {
  /** Aborts the request. Leaving the loop does, too. */
  controller: AbortController;
}

export interface RequestOptions {
  signal?: AbortSignal | null;
  /** In milliseconds, until the answer or its stream begins. As for the client, 0 is no time at all, not time without end. */
  timeout?: number;
}
