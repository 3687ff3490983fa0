// SPDX-License-Identifier: Apache-2.0
// What clients get: JSON, a stream of events, or an error in one shape. What they did not cause, they are not told.
import { NeedleError } from 'needle-router';

export function sendJson(response, status, value, headers = {}) {
  if (response.headersSent || response.destroyed) return;
  const body = JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body), 'cache-control': 'no-store', ...headers });
  response.end(body);
}

/** The steps of stream(), one a line or event; at the end the result, or { error }. */
export async function sendSteps(response, type, steps) {
  const write = (step) => response.write(type === 'text/event-stream' ? `data: ${JSON.stringify(step)}\n\n` : `${JSON.stringify(step)}\n`);
  try {
    for await (const step of steps) {
      // Only now, so that what fails before the first step has a status of its own.
      if (!response.headersSent) response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
      write(step);
    }
  } catch (error) {
    if (!response.headersSent) throw error;
    write({ error: describe(error).error });
  }
  response.end();
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
