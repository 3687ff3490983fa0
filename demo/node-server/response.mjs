// SPDX-License-Identifier: Apache-2.0
// What clients get: JSON, a stream of events, or an error in one shape. What they did not cause, they are not told.
import { NeedleError } from 'needle-router';

export function sendJson(response, status, value, headers = {}) {
  if (response.headersSent || response.destroyed) return;
  const body = JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body), 'cache-control': 'no-store', ...headers });
  response.end(body);
}

/** Server-sent events: `partial` with the calls so far, then `result`; or `error`. */
export async function sendEvents(response, steps) {
  const event = (type, data) => `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
  try {
    for await (const step of steps) {
      // Only now, so that what fails before the first step has a status of its own.
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
      response.write(event(step.type === 'partial' ? 'partial' : 'result', step));
    }
    response.end();
  } catch (error) {
    if (!response.headersSent) throw error;
    response.end(event('error', { error: describe(error).error }));
  }
}

/** Answers with what went wrong: { error: { code, message, path } }. */
export function sendFailure(response, error) {
  if (error.code === 'aborted' && error.name === 'AbortError') return; // the client left: nobody reads an answer
  const { status, headers, ...body } = describe(error);
  if (status >= 500 && status !== 503) console.error(error);
  sendJson(response, status, body, headers);
}

const statusOf = {
  aborted: 504, // of our own making: the time was over
  not_found: 404,
  engine_crashed: 500, disposed: 503, out_of_memory: 500, internal: 500,
};

function describe(error) {
  const isNeedle = NeedleError.isInstance(error);
  const status = error.status ?? (isNeedle ? (statusOf[error.code] ?? 400) : 500);
  const isTellable = status < 500 || status === 503 || status === 504;
  const { code, message, path = '' } = isTellable ? error : { code: 'internal', message: 'the request could not be answered' };
  return { status, headers: error.headers ?? {}, error: { code, message, path } };
}
