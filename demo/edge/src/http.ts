// SPDX-License-Identifier: Apache-2.0
// The parts of HTTP that have nothing to do with routing: bodies of a bounded size, errors, CORS.
import { NeedleError } from 'needle-router';
import type { Env } from './env.js';

/** An answer that ends a request early. */
export class HttpError extends Error {
  constructor(readonly status: number, readonly code: string, message: string, readonly path = '') {
    super(message);
  }
}

/** The body as JSON. Reads no more of it than is allowed, whatever its header says. */
export async function readJson(request: Request, maxBytes: number): Promise<Record<string, unknown>> {
  const tooLarge = () => new HttpError(413, 'body_too_large', `a request has at most ${maxBytes} bytes`);
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) break;
    if ((bytes += value.length) > maxBytes) {
      void reader!.cancel();
      throw tooLarge();
    }
    text += decoder.decode(value, { stream: true });
  }
  try {
    const body: unknown = JSON.parse(text + decoder.decode());
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new HttpError(400, 'invalid_json', 'the body must be a JSON object');
}

/** Whose fault an error of the router is. */
function statusOf(code: string): number {
  if (/^(model_|engine_|invalid_model|unsupported_model|unsupported_runtime|out_of_memory|disposed)/.test(code)) return 503;
  return code === 'internal' ? 500 : 400;
}

export function errorResponse(error: unknown): Response {
  if (error instanceof HttpError) return asJson(error.status, error);
  if (NeedleError.isInstance(error)) return asJson(statusOf(error.code), error);
  console.error(error);
  return asJson(500, { code: 'internal', message: 'the worker failed', path: '' });
}

const asJson = (status: number, { code, message, path }: { code: string; message: string; path: string }) =>
  Response.json({ error: { code, message, path } }, { status, headers: status === 429 ? { 'retry-after': '60' } : {} });

/** What lets pages of the allowed origins read the answer. */
export function corsHeaders(request: Request, { ALLOWED_ORIGINS = '' }: Env): Record<string, string> {
  const origin = request.headers.get('origin');
  const allowed = ALLOWED_ORIGINS.split(',').map((each) => each.trim());
  if (!origin || !(allowed.includes('*') || allowed.includes(origin))) return { vary: 'origin' };
  return {
    vary: 'origin',
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': 'content-type, accept',
    'access-control-expose-headers': 'server-timing',
    'access-control-max-age': '86400',
    'timing-allow-origin': origin,
  };
}
