// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// chat.completions.create of the `openai` package over a router. Parameters about sampling mean nothing to a router and are
// ignored; those that ask for what it cannot do (`n`, JSON answers, audio, custom tools) are errors.
import { combineSignals } from '../api/options.js';
import { randomId } from '../api/random-id.js';
import type { RouteOptions } from '../api/types.js';
import { isObject } from '../api/unknown.js';
import { chatTurn, refuse, type ChatOptions, type ChatTurn, type Router } from './chat.js';
import type { ChatCompletion, ChatCompletionChunk, CompletionParams, CompletionStream, RequestOptions, Usage } from './openai-types.js';

export interface OpenAILike {
  chat: {
    completions: {
      create(params: CompletionParams & { stream: true }, options?: RequestOptions): Promise<CompletionStream>;
      create(params: CompletionParams & { stream?: false | null }, options?: RequestOptions): Promise<ChatCompletion>;
      create(params: CompletionParams, options?: RequestOptions): Promise<ChatCompletion | CompletionStream>;
    };
  };
}

/**
 * A look-alike of an OpenAI client: `chat.completions.create`, streaming or not.
 * @throws NeedleError from create(): as ToolRouter.route(), and `invalid_argument` for a parameter that cannot be honoured
 * @example const { choices } = await openAI(router).chat.completions.create({ model: 'needle', messages, tools });
 */
export function openAI(router: Router, options: ChatOptions = {}): OpenAILike {
  async function create(params: CompletionParams, request: RequestOptions = {}): Promise<ChatCompletion | CompletionStream> {
    if (params?.stream) return streamOf(router, params, request, options);
    return completionOf(params, await turnOf(router, params, signalOf(request), options));
  }
  return { chat: { completions: { create: create as OpenAILike['chat']['completions']['create'] } } };
}

function turnOf(router: Router, params: CompletionParams, signal: AbortSignal | undefined, options: ChatOptions): Promise<ChatTurn> {
  if (!isObject(params)) refuse('params', 'must be an object');
  if ((params.n ?? 1) !== 1) refuse('n', 'there is one answer');
  if (params.response_format && params.response_format.type !== 'text') refuse('response_format', 'a router answers by calling tools, not in JSON of its own');
  if (params.functions) refuse('functions', 'functions are written as tools now');
  if (params.audio) refuse('audio', 'a router does not speak');
  const maxCalls = params.parallel_tool_calls === false ? 1 : options.maxCalls;
  return chatTurn(router, { messages: params.messages, ...chosen(params), maxCalls, signal }, options);
}

/** tool_choice, of which one form narrows the tools. */
function chosen({ tools = [], tool_choice: choice }: CompletionParams): { tools: readonly object[]; toolChoice?: RouteOptions['toolChoice'] } {
  if (choice === undefined || choice === null) return { tools };
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { tools, toolChoice: choice };
  const { function: named, allowed_tools: allowed } = choice as { function?: { name?: string }; allowed_tools?: { mode?: 'auto' | 'required'; tools?: Named[] } };
  if (typeof named?.name === 'string') return { tools, toolChoice: { name: named.name } };
  if (!Array.isArray(allowed?.tools)) refuse('tool_choice', 'must be auto, none, required, a function or allowed_tools');
  if (!Array.isArray(tools)) refuse('tools', 'must be an array, of which allowed_tools names some');
  const names = allowed.tools.map(nameOf);
  return { tools: tools.filter((tool) => names.includes(nameOf(tool as Named))), toolChoice: allowed.mode ?? 'auto' };
}

type Named = { name?: string; function?: { name?: string } };
const nameOf = (tool: Named | null) => tool?.function?.name ?? tool?.name;

function signalOf({ signal, timeout }: RequestOptions): AbortSignal | undefined {
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout >= 0)) refuse('timeout', 'must be a number of milliseconds');
  return combineSignals({ ...(signal && { signal }), ...(timeout !== undefined && { timeoutMs: timeout }) });
}

function completionOf({ model = 'needle-router' }: CompletionParams, { calls, text, result }: ChatTurn): ChatCompletion {
  const made = calls.map(({ id, name, arguments: args }) => ({ id, type: 'function' as const, function: { name, arguments: JSON.stringify(args) } }));
  const hasCalls = made.length > 0;
  return {
    id: randomId('chatcmpl-'),
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model,
    choices: [
      {
        index: 0,
        finish_reason: hasCalls ? 'tool_calls' : 'stop',
        logprobs: null,
        message: { role: 'assistant', content: hasCalls ? null : text, refusal: null, ...(hasCalls && { tool_calls: made }) },
      },
    ],
    usage: usageOf(result?.tokens),
    ...(result && { needle: result }),
  };
}

function usageOf({ query, decoded, forced } = { query: 0, decoded: 0, forced: 0 }): Usage {
  return { prompt_tokens: query, completion_tokens: decoded + forced, total_tokens: query + decoded + forced };
}

/**
 * The stream begins when the result is there: until then a call could still be taken back, and its confidence is not known.
 * Errors of the request reject create(), as they do over a network.
 */
async function streamOf(router: Router, params: CompletionParams, request: RequestOptions, options: ChatOptions): Promise<CompletionStream> {
  const controller = new AbortController();
  const given = signalOf(request);
  const signal = given ? AbortSignal.any([given, controller.signal]) : controller.signal;
  const completion = completionOf(params, await turnOf(router, params, signal, options));
  return {
    controller,
    async *[Symbol.asyncIterator]() {
      try {
        for (const chunk of chunksOf(completion, params.stream_options?.include_usage === true)) {
          // As the client's own stream ends. The timeout was for the answer, which is there.
          if (controller.signal.aborted || request.signal?.aborted) return;
          yield chunk;
        }
      } finally {
        controller.abort();
      }
    },
  };
}

function* chunksOf({ id, created, model, choices, usage, needle }: ChatCompletion, withUsage: boolean): Generator<ChatCompletionChunk> {
  const { message, finish_reason } = choices[0]!;
  const base = { id, object: 'chat.completion.chunk' as const, created, model, ...(withUsage && { usage: null }) };
  const chunk = (delta: ChatCompletionChunk['choices'][0]['delta'], reason: 'stop' | 'tool_calls' | null = null) => ({ ...base, choices: [{ index: 0, delta, finish_reason: reason }] });
  yield chunk({ role: 'assistant', content: message.tool_calls ? null : '' });
  if (message.content) yield chunk({ content: message.content });
  for (const [index, { function: called, ...call }] of (message.tool_calls ?? []).entries()) {
    yield chunk({ tool_calls: [{ index, ...call, function: { name: called.name, arguments: '' } }] });
    yield chunk({ tool_calls: [{ index, function: { arguments: called.arguments } }] });
  }
  yield { ...chunk({}, finish_reason), ...(needle && { needle }) };
  if (withUsage) yield { ...base, choices: [], usage };
}
