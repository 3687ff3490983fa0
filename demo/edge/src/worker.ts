// SPDX-License-Identifier: Apache-2.0
// needle-router as a service at the edge: POST /route answers requests, GET /toolsets names the tools it brings along.
import type { Context, Env } from './env.js';
import { corsHeaders, errorResponse, HttpError } from './http.js';
import { Isolate } from './isolate.js';
import { mayPass } from './rate-limit.js';
import { route } from './route.js';
import { toolsets } from './toolsets.js';

const isolate = new Isolate();

async function answer(request: Request, env: Env, context: Context): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === '/toolsets' && request.method === 'GET') return Response.json(Object.keys(toolsets));
  if (pathname !== '/route') throw new HttpError(404, 'not_found', 'there are POST /route and GET /toolsets');
  if (request.method !== 'POST') throw new HttpError(405, 'invalid_argument', '/route takes POST');
  if (!(await mayPass(request, env))) throw new HttpError(429, 'rate_limited', 'too many requests; try again later');
  return route(isolate, request, env, context);
}

export default {
  async fetch(request: Request, env: Env, context: Context): Promise<Response> {
    const cors = corsHeaders(request, env);
    if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers: cors });
    const response = await answer(request, env, context).catch(errorResponse);
    for (const [name, value] of Object.entries(cors)) response.headers.set(name, value);
    return response;
  },
};
