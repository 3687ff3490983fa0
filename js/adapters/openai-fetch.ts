// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// A `fetch` behind which a router answers POST …/chat/completions as OpenAI's server does, so that the real client, and
// what is built on it, needs no server. No other path is answered, and nothing goes over a network.
import { makeError, NeedleError } from '../protocol/errors.js';
import type { ChatOptions, Router } from './chat.js';
import { openAI } from './openai-completions.js';
import type { ChatCompletion, CompletionParams, CompletionStream } from './openai-types.js';

/**
 * @throws never: an error is an answer with its status, `code` and `path` (as `param`), which the client turns into its own
 * @example const client = new OpenAI({ apiKey: 'none', fetch: openAIFetch(router) });
 */
export function openAIFetch(router: Router, options: ChatOptions = {}): (input: string | URL | Request, init?: RequestInit) => Promise<Response> {
  const { create } = openAI(router, options).chat.completions;
  return async (input, init) => {
    const request = new Request(input, init);
    const { pathname } = new URL(request.url);
    if (request.method !== 'POST' || !pathname.endsWith('/chat/completions')) return failure(404, 'not_found', `there is no ${request.method} ${pathname}`);
    try {
      const answer = await create(await paramsOf(request), { signal: request.signal });
      return 'choices' in answer ? Response.json(answer as ChatCompletion) : events(answer as CompletionStream);
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason; // as fetch does
      if (!NeedleError.isInstance(error)) return failure(500, 'internal', String(error)); // a hook of the options' threw it
      const isCallers = ['invalid_argument', 'invalid_json', 'not_found', 'query_too_long'].includes(error.code) || error.path !== '';
      return failure(isCallers ? 400 : 500, error.code, error.message, error.path);
    }
  };
}

async function paramsOf(request: Request): Promise<CompletionParams> {
  try {
    return (await request.json()) as CompletionParams;
  } catch (cause) {
    throw makeError('invalid_json', String(cause), { cause });
  }
}

/** The client repeats what fails with 5xx unless it is told that this helps nothing. */
function failure(status: number, code: string, message: string, param = ''): Response {
  return Response.json({ error: { message, type: 'needle_router_error', code, param } }, { status, headers: { 'x-should-retry': 'false' } });
}

function events(stream: CompletionStream): Response {
  const encoder = new TextEncoder();
  const iterator = stream[Symbol.asyncIterator]();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      controller.enqueue(encoder.encode(`data: ${done ? '[DONE]' : JSON.stringify(value)}\n\n`));
      if (done) controller.close();
    },
    cancel: () => stream.controller.abort(),
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}
