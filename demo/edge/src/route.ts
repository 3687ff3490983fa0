// SPDX-License-Identifier: Apache-2.0
// POST /route: {"query", "toolset" or "tools", "options"} in; the result out, or its steps as NDJSON or server-sent
// events, as the request accepts.
import type { PartialResult, Query, RouteOptions, RouteResult } from 'needle-router';
import { countTools } from './count-tools.js';
import { limitsOf, type Context, type Env } from './env.js';
import { HttpError, readJson } from './http.js';
import type { Isolate } from './isolate.js';
import { Stopwatch } from './stopwatch.js';

interface RouteRequest {
  query: Query;
  options: RouteOptions;
  toolset?: string;
  tools?: unknown;
}

async function readRequest(request: Request, env: Env): Promise<RouteRequest> {
  const limits = limitsOf(env);
  const { query, toolset, tools, options = {} } = await readJson(request, limits.bodyBytes);
  const invalid = (path: string, message: string) => new HttpError(400, 'invalid_argument', message, path);
  if ((toolset === undefined) === (tools === undefined)) throw invalid('toolset', "give either 'toolset', an id, or 'tools'");
  if (toolset !== undefined && typeof toolset !== 'string') throw invalid('toolset', 'must be an id');
  if (tools !== undefined && countTools(tools) > limits.tools) throw new HttpError(413, 'too_many_tools', `a request has at most ${limits.tools} tools`, 'tools');
  return { query: query as Query, toolset, tools, options: options as RouteOptions };
}

export async function route(isolate: Isolate, request: Request, env: Env, context: Context): Promise<Response> {
  const watch = new Stopwatch();
  const { query, options, toolset: id, tools } = await readRequest(request, env);
  const router = await isolate.router(env, context);
  await watch.lap('load');
  const toolset = id === undefined ? undefined : await isolate.toolset(id, router);
  await watch.lap('compile');
  const type = streamType(request);
  if (type) {
    const steps = (toolset ? toolset.stream(query, options) : router.stream(query, tools, options))[Symbol.asyncIterator]();
    const first = await steps.next(); // an error before the first step still has a status of its own
    return new Response(streamOf(first, steps, type), { headers: { 'content-type': type, 'server-timing': watch.header } });
  }
  const result = await (toolset ? toolset.route(query, options) : router.route(query, tools, options));
  await watch.lap('route');
  return Response.json(result, { headers: { 'server-timing': watch.header } });
}

type StreamType = 'application/x-ndjson' | 'text/event-stream';

function streamType(request: Request): StreamType | undefined {
  const accepted = request.headers.get('accept') ?? '';
  return (['application/x-ndjson', 'text/event-stream'] as const).find((type) => accepted.includes(type));
}

type Step = PartialResult | RouteResult;

function streamOf(first: IteratorResult<Step>, rest: AsyncIterator<Step>, type: StreamType): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const write = (step: unknown) => encoder.encode(type === 'text/event-stream' ? `data: ${JSON.stringify(step)}\n\n` : `${JSON.stringify(step)}\n`);
  let next: Promise<IteratorResult<Step>> = Promise.resolve(first);
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await next;
        if (done) return controller.close();
        controller.enqueue(write(value));
        next = rest.next();
        next.catch(() => {}); // said by the next pull
      } catch (error) {
        const { code = 'internal', message = 'the worker failed', path = '' } = error as Partial<HttpError>;
        controller.enqueue(write({ error: { code, message, path } }));
        controller.close();
      }
    },
    cancel: async () => void (await rest.return?.()),
  });
}
