// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// needle-router/ai: a router as a language model of the AI SDK, and as a middleware before a bigger one. Imports nothing of
// the SDK: a model there is an object of a known shape.
import { randomId } from '../api/random-id.js';
import type { RouteOptions, RouteResult } from '../api/types.js';
import { NeedleError } from '../protocol/errors.js';
import type { AiCallOptions, AiGenerateResult, AiLanguageModel, AiMiddleware, AiStreamPart, AiStreamResult, AiWarning } from './ai-types.js';
import { chatTurn, isAnswered, refuse, type ChatOptions, type ChatTurn, type Router } from './chat.js';

/**
 * A language model that answers by tool calls, and by a sentence when no tool fits. After tools have answered it ends the
 * turn without a word, so that loops over steps come to their end.
 * @throws NeedleError from its calls: as ToolRouter.route(), and `invalid_argument` for JSON answers
 * @example const { toolCalls } = await generateText({ model: needleModel(router), prompt: 'dim the kitchen to 30%', tools });
 */
export function needleModel(router: Router, options: ChatOptions = {}): AiLanguageModel {
  const doGenerate = async (call: AiCallOptions) => {
    if (call.responseFormat && call.responseFormat.type !== 'text') refuse('responseFormat', 'a router answers by calling tools, not in JSON of its own');
    return generated(await turnOf(router, call, options), call);
  };
  return {
    specificationVersion: 'v3',
    provider: 'needle-router',
    modelId: modelName(router),
    supportedUrls: {},
    doGenerate,
    doStream: async (call) => streamed(await doGenerate(call)),
  };
}

export interface LocalFirstOptions extends Omit<ChatOptions, 'say' | 'onEscalate'> {
  /** Below it the bigger model is asked. Default: 0.8. */
  minConfidence?: number;
  /** Told about each request that goes to the bigger model, and why. */
  onEscalate?: (why: Escalation) => void;
}

export interface Escalation {
  /**
   * 'chat': there was nothing to route, such as tools' answers to put into words, a picture, or no tools. 'unsure': also for
   * a request that is surely not English.
   */
  reason: 'chat' | 'none' | 'incomplete' | 'unsure' | 'error';
  result?: RouteResult;
  error?: unknown;
}

/**
 * A middleware: the router answers what it is sure of, and the model that it wraps all else. When the router fails, the
 * model is asked as well; an abort is an abort.
 * @example const model = wrapLanguageModel({ model: bigger, middleware: localFirst(router, { minConfidence: 0.8 }) });
 */
export function localFirst(router: Router, { minConfidence = 0.8, onEscalate, ...options }: LocalFirstOptions = {}): AiMiddleware {
  async function locally(call: AiCallOptions): Promise<AiGenerateResult | undefined> {
    const escalation: Escalation = { reason: 'chat' };
    if (isRoutable(call)) {
      try {
        const turn = await turnOf(router, call, { ...options, minConfidence });
        const { type, confidence, escalated } = turn.result!;
        // What routes may be no ToolRouter, and not say `escalated`.
        if (type === 'call' && !escalated && confidence >= minConfidence) return generated(turn, call);
        escalation.reason = type === 'call' ? 'unsure' : type;
        escalation.result = turn.result!;
      } catch (error) {
        if (NeedleError.isInstance(error) && error.name === 'AbortError') throw error;
        escalation.reason = 'error';
        escalation.error = error;
      }
    }
    onEscalate?.(escalation);
    return undefined;
  }
  return {
    specificationVersion: 'v3',
    wrapGenerate: async ({ doGenerate, params }) => ((await locally(params)) as Awaited<ReturnType<typeof doGenerate>> | undefined) ?? doGenerate(),
    async wrapStream({ doStream, params }) {
      const local = await locally(params);
      return local ? (streamed(local) as Awaited<ReturnType<typeof doStream>>) : doStream();
    },
  };
}

/** Whether all that the request says is text to be routed to tools that are called from here. */
function isRoutable({ prompt, tools = [], toolChoice, responseFormat }: AiCallOptions): boolean {
  const lastUser = prompt.findLast(({ role }) => role === 'user');
  const isText = Array.isArray(lastUser?.content) && lastUser.content.every((part: { type?: string }) => part.type === 'text');
  const hasTools = tools.length > 0 && tools.every(({ type }) => type === 'function') && toolChoice?.type !== 'none';
  return isText && hasTools && (responseFormat?.type ?? 'text') === 'text' && !isAnswered(prompt);
}

function turnOf(router: Router, { prompt, tools = [], toolChoice, abortSignal: signal }: AiCallOptions, options: ChatOptions): Promise<ChatTurn> {
  return chatTurn(router, { messages: prompt, tools: tools.filter(({ type }) => type === 'function'), toolChoice: choiceOf(toolChoice), signal }, options);
}

function choiceOf(choice: AiCallOptions['toolChoice']): RouteOptions['toolChoice'] {
  return choice && (choice.type === 'tool' ? { name: choice.toolName } : choice.type);
}

function generated({ calls, text, result }: ChatTurn, { tools = [] }: AiCallOptions): AiGenerateResult {
  const hasCalls = calls.length > 0;
  const left = tools.filter(({ type }) => type !== 'function');
  const { query, decoded, forced } = result?.tokens ?? { query: 0, decoded: 0, forced: 0 };
  return {
    content: hasCalls
      ? calls.map(({ id, name, arguments: args }) => ({ type: 'tool-call', toolCallId: id, toolName: name, input: JSON.stringify(args) }))
      : text === '' ? [] : [{ type: 'text', text }],
    finishReason: { unified: hasCalls ? 'tool-calls' : 'stop', raw: result?.type },
    usage: {
      inputTokens: { total: query, noCache: query, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: decoded + forced, text: hasCalls ? 0 : decoded + forced, reasoning: 0 },
    },
    ...(result && { providerMetadata: { needle: { type: result.type, confidence: result.confidence, considered: result.considered, ...(result.missing && { missing: result.missing }) } } }),
    warnings: [
      ...left.map(({ name, type }): AiWarning => ({ type: 'unsupported', feature: `tool ${name}`, details: `a tool of type '${type}' is its provider's own` })),
      ...(result?.warnings ?? []).map((message): AiWarning => ({ type: 'other', message })),
    ],
  };
}

/** A stream of what is there: until the result is whole, a call could be taken back, and its confidence is not known. */
function streamed({ content, finishReason, usage, providerMetadata, warnings }: AiGenerateResult): AiStreamResult {
  const parts: AiStreamPart[] = [{ type: 'stream-start', warnings }];
  for (const part of content) {
    if (part.type === 'text') {
      const id = randomId('text_');
      parts.push({ type: 'text-start', id }, { type: 'text-delta', id, delta: part.text }, { type: 'text-end', id });
    } else {
      const { toolCallId: id, toolName, input } = part;
      parts.push({ type: 'tool-input-start', id, toolName }, { type: 'tool-input-delta', id, delta: input }, { type: 'tool-input-end', id }, part);
    }
  }
  parts.push({ type: 'finish', usage, finishReason, ...(providerMetadata && { providerMetadata }) });
  return {
    stream: new ReadableStream({
      start(controller) {
        for (const part of parts) controller.enqueue(part);
        controller.close();
      },
    }),
  };
}

/** A ToolRouter knows its model; something else that routes may not. */
const modelName = (router: Router & { model?: { name?: string } }) => router.model?.name ?? 'needle-router';

export type * from './ai-types.js';
export type { ChatOptions, Router } from './chat.js';
