// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// As much of @langchain/core and React as langchain.ts and react.ts use, so that the package builds without them. Not
// published: who imports an adapter has the real types, and a test compiles the two against those.
declare module 'react' {
  export function useEffect(effect: () => void | (() => void), dependencies?: readonly unknown[]): void;
  export function useRef<Value>(initial: Value): { current: Value };
  export function useState<State>(initial: State | (() => State)): [State, (next: State | ((previous: State) => State)) => void];
}

declare module '@langchain/core/messages' {
  export class BaseMessage {
    getType(): string;
    content: unknown;
  }
  export class AIMessage extends BaseMessage {
    constructor(fields: object);
  }
  export class AIMessageChunk extends AIMessage {}
}

declare module '@langchain/core/outputs' {
  import type { AIMessageChunk, BaseMessage } from '@langchain/core/messages';
  export interface ChatResult {
    generations: { text: string; message: BaseMessage }[];
    llmOutput?: Record<string, unknown>;
  }
  export class ChatGenerationChunk {
    constructor(fields: { text: string; message: AIMessageChunk });
  }
}

declare module '@langchain/core/language_models/base' {
  export type BaseLanguageModelInput = unknown;
}

declare module '@langchain/core/runnables' {
  export class Runnable<Input, Output, CallOptions> {
    invoke(input: Input, options?: Partial<CallOptions>): Promise<Output>;
  }
}

declare module '@langchain/core/language_models/chat_models' {
  import type { AIMessageChunk, BaseMessage } from '@langchain/core/messages';
  import type { Runnable } from '@langchain/core/runnables';
  import type { ChatGenerationChunk, ChatResult } from '@langchain/core/outputs';
  export interface BaseChatModelParams {
    cache?: unknown;
    callbacks?: unknown;
    tags?: string[];
    metadata?: Record<string, unknown>;
  }
  export interface BaseChatModelCallOptions {
    signal?: AbortSignal;
    timeout?: number;
    tool_choice?: unknown;
  }
  export type BindToolsInput = object;
  export abstract class BaseChatModel<CallOptions extends BaseChatModelCallOptions, Output extends AIMessageChunk> {
    static lc_name(): string;
    declare ParsedCallOptions: CallOptions;
    constructor(fields: BaseChatModelParams);
    withConfig(config: Partial<CallOptions>): Runnable<unknown, Output, CallOptions>;
    bindTools?(tools: BindToolsInput[], options?: Partial<CallOptions>): Runnable<unknown, Output, CallOptions>;
    _generate(messages: BaseMessage[], options: this['ParsedCallOptions'], runManager?: unknown): Promise<ChatResult>;
    _streamResponseChunks(messages: BaseMessage[], options: this['ParsedCallOptions'], runManager?: unknown): AsyncGenerator<ChatGenerationChunk>;
    abstract _llmType(): string;
  }
}
