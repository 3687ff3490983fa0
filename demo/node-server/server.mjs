// SPDX-License-Identifier: Apache-2.0
// A server that routes requests to a pool of engines: POST /route and GET /health. Made to be copied: it uses Node's own
// http and what needle-router publishes. Nothing of a request outlives it, except compiled tools.
import { createServer } from 'node:http';
import { ClientError, readJson, readRouteRequest, streamType } from './request.mjs';
import { sendFailure, sendJson, sendSteps } from './response.mjs';

/**
 * @typedef {object} ServerOptions
 * @property {import('needle-router/pool').RouterPool} pool
 * @property {Record<string, unknown>} [toolsets] Tools that requests may name instead of sending them.
 * @property {number} [maxBodyBytes] Default: 256 KB.
 * @property {number} [maxTools] Of one request. Default: 128.
 * @property {number} [maxPending] Requests under way and waiting, beyond which 503 is answered. Default: 8 for each engine.
 * @property {number} [timeoutMs] For one request. Default: 10 seconds.
 */

/** The server, not listening yet, and how to end it: what is under way is answered first. */
export function createRouteServer({ pool, toolsets = {}, maxBodyBytes = 256 * 1024, maxTools = 128, maxPending = 8 * pool.size, timeoutMs = 10_000 }) {
  let isStopping = false;
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 5_000 }, answer);

  async function answer(request, response) {
    try {
      const path = new URL(request.url, 'http://localhost').pathname;
      if (path === '/health') health(request, response);
      else if (path === '/route') await route(request, response);
      else throw new ClientError(404, 'not_found', 'there are POST /route and GET /health');
    } catch (error) {
      sendFailure(response, error);
    }
  }

  function health(request, response) {
    if (!['GET', 'HEAD'].includes(request.method)) throw new ClientError(405, 'method_not_allowed', 'GET it', { allow: 'GET, HEAD' });
    const { name, version } = pool.model;
    sendJson(response, isStopping ? 503 : 200, { status: isStopping ? 'stopping' : 'ok', workers: pool.size, pending: pool.pending, model: { name, version }, variant: pool.variant });
  }

  async function route(request, response) {
    if (request.method !== 'POST') throw new ClientError(405, 'method_not_allowed', 'POST it', { allow: 'POST' });
    const begin = performance.now();
    const { query, tools, options } = readRouteRequest(await readJson(request, maxBodyBytes), { toolsets, maxTools });
    // Before any work: a queue that only grows helps nobody.
    if (isStopping || pool.pending >= maxPending) throw new ClientError(503, 'overloaded', isStopping ? 'the server is stopping' : 'too many requests are waiting', { 'retry-after': '1' });
    const left = new AbortController();
    response.on('close', () => left.abort()); // the client hung up, or has its answer
    const all = { timeoutMs, ...options, signal: left.signal };
    const type = streamType(request);
    if (type) return sendSteps(response, type, pool.stream(query, tools, all));
    const result = await pool.route(query, tools, all);
    if (isStopping) response.setHeader('connection', 'close'); // or the client would keep it for a next request
    const { engineMs, encodeMs, decodeMs } = result.timings;
    const totalMs = performance.now() - begin;
    const timings = { wait: totalMs - engineMs, encode: encodeMs, decode: decodeMs, total: totalMs };
    sendJson(response, 200, result, { 'server-timing': Object.entries(timings).map(([name, ms]) => `${name};dur=${Math.max(0, ms).toFixed(2)}`).join(', ') });
  }

  /** Takes no more requests, answers those under way for at most `graceMs`, and ends the engines. */
  async function stop(graceMs = 10_000) {
    isStopping = true;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(timer);
    await pool.dispose();
  }

  return { server, stop };
}
