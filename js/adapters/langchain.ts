// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// needle-router/langchain: a router as a chat model of LangChain, to which tools are bound. The one adapter that needs its
// host at run time: a chat model there is a subclass of the host's.
import type { BaseLanguageModelInput } from '@langchain/core/language_models/base';
import { BaseChatModel, type BaseChatModelCallOptions, type BaseChatModelParams, type BindToolsInput } from '@langchain/core/language_models/chat_models';
import { AIMessage, AIMessageChunk, type BaseMessage } from '@langchain/core/messages';
import { ChatGenerationChunk, type ChatResult } from '@langchain/core/outputs';
import type { Runnable } from '@langchain/core/runnables';
import type { Message, RouteOptions } from '../api/types.js';
import { chatTurn, refuse, type ChatOptions, type ChatTurn, type Router } from './chat.js';

export interface ChatNeedleCallOptions extends BaseChatModelCallOptions {
  /** What bindTools() sets. */
  tools?: BindToolsInput[];
}

export interface ChatNeedleFields extends BaseChatModelParams, ChatOptions {
  router: Router;
}

/**
 * @throws NeedleError from its calls: as ToolRouter.route(), and `invalid_argument` for an unknown `tool_choice`
 * @example const { tool_calls } = await new ChatNeedle({ router }).bindTools(tools).invoke('dim the kitchen to 30%');
 */
export class ChatNeedle extends BaseChatModel<ChatNeedleCallOptions, AIMessageChunk> {
  readonly #router: Router;
  readonly #options: ChatOptions;

  static override lc_name(): string {
    return 'ChatNeedle';
  }

  constructor({ router, say, maxCalls, maxConsidered, minConfidence, onEscalate, facts, timeoutMs, ...fields }: ChatNeedleFields) {
    super(fields);
    this.#router = router;
    this.#options = defined({ say, maxCalls, maxConsidered, minConfidence, onEscalate, facts, timeoutMs });
  }

  _llmType(): string {
    return 'needle-router';
  }

  override bindTools(tools: BindToolsInput[], options: Partial<ChatNeedleCallOptions> = {}): Runnable<BaseLanguageModelInput, AIMessageChunk, ChatNeedleCallOptions> {
    return this.withConfig({ ...options, tools } as Partial<ChatNeedleCallOptions>);
  }

  override async _generate(messages: BaseMessage[], options: this['ParsedCallOptions']): Promise<ChatResult> {
    const turn = await this.#turn(messages, options);
    return { generations: [{ text: turn.text, message: new AIMessage(messageOf(turn)) }] };
  }

  /** One chunk a call, when all is decided: until then a call could be taken back, and its confidence is not known. */
  override async *_streamResponseChunks(messages: BaseMessage[], options: this['ParsedCallOptions']): AsyncGenerator<ChatGenerationChunk> {
    const turn = await this.#turn(messages, options);
    const { tool_calls: _, ...whole } = messageOf(turn);
    for (const [index, { id, name, arguments: args }] of turn.calls.entries()) {
      const tool_call_chunks = [{ index, id, name, args: JSON.stringify(args), type: 'tool_call_chunk' as const }];
      yield new ChatGenerationChunk({ text: '', message: new AIMessageChunk({ content: '', tool_call_chunks }) });
    }
    yield new ChatGenerationChunk({ text: turn.text, message: new AIMessageChunk(whole) });
  }

  #turn(messages: BaseMessage[], { tools, tool_choice: choice, signal }: this['ParsedCallOptions']): Promise<ChatTurn> {
    const request = { messages: messages.map(toMessage), tools: tools ?? [], toolChoice: choiceOf(choice), signal };
    return chatTurn(this.#router, request, this.#options);
  }
}

const roles: Record<string, string> = { human: 'user', ai: 'assistant' };

const toMessage = (message: BaseMessage): Message => {
  const type = message.getType();
  return { role: roles[type] ?? type, content: message.content };
};

/** 'any' is what LangChain calls 'required'; an object is OpenAI's way to name a tool. */
function choiceOf(choice: unknown): RouteOptions['toolChoice'] {
  if (choice === undefined || choice === null) return undefined;
  if (typeof choice === 'string') return choice === 'any' ? 'required' : choice;
  const { function: named, name = named?.name } = choice as { name?: unknown; function?: { name?: unknown } };
  return typeof name === 'string' ? { name } : refuse('tool_choice', 'must be auto, any, required, none or a tool');
}

/** What LangChain builds a message of; response_metadata carries what a router knows beyond the calls. */
function messageOf({ calls, text, result }: ChatTurn) {
  const { query, decoded, forced } = result?.tokens ?? { query: 0, decoded: 0, forced: 0 };
  return {
    content: text,
    tool_calls: calls.map(({ id, name, arguments: args }) => ({ id, name, args, type: 'tool_call' as const })),
    usage_metadata: { input_tokens: query, output_tokens: decoded + forced, total_tokens: query + decoded + forced },
    response_metadata: result ? { type: result.type, confidence: result.confidence, considered: result.considered, warnings: result.warnings, missing: result.missing } : {},
  };
}

function defined<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}

export type { ChatOptions, Router } from './chat.js';
