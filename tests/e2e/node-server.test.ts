// SPDX-License-Identifier: Apache-2.0
// demo/node-server: over a real socket with a scripted pool, where requests wait until the test ends them; and as a
// process with the released model.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { countTools } from '../../demo/edge/src/count-tools.js';
import { limitsOf } from '../../demo/edge/src/env.js';
import homeTools from '../../js/cli/example-tools.json' with { type: 'json' };
import { hasModel, root } from './built.js';

const result = { type: 'none', calls: [], confidence: 0.9, timings: { engineMs: 3, encodeMs: 1, decodeMs: 2 } };

/** A pool whose requests wait until they are ended or aborted. */
class HeldPool {
  readonly size = 1;
  readonly model = { name: 'held', version: '1' };
  readonly variant = 'simd';
  readonly asked: { query: unknown; tools: unknown; options: { signal: AbortSignal } & Record<string, unknown> }[] = [];
  readonly ends: (() => void)[] = [];
  aborted = 0;
  pending = 0;
  isDisposed = false;
  failure: unknown;
  async route(query: unknown, tools: unknown, options: { signal: AbortSignal }) {
    this.asked.push({ query, tools, options: options as never });
    if (this.failure) throw this.failure;
    this.pending++;
    try {
      return await new Promise((resolve, reject) => {
        this.ends.push(() => resolve(result));
        options.signal.addEventListener('abort', () => {
          this.aborted++;
          reject(Object.assign(new Error('aborted'), { code: 'aborted', name: 'AbortError' }));
        });
      });
    } finally {
      this.pending--;
    }
  }
  async *stream() {
    yield { type: 'partial', calls: [{ name: 'a', arguments: {} }] };
    yield result;
  }
  dispose = async () => void (this.isDisposed = true);
}

let stopServer: (() => Promise<void>) | undefined;
afterEach(async () => {
  await stopServer?.();
  stopServer = undefined;
});

async function serve(options: object = {}) {
  const { createRouteServer } = (await import(`${root}/demo/node-server/server.mjs`)) as { createRouteServer: (options: object) => { server: import('node:http').Server; stop: (graceMs?: number) => Promise<void> } };
  const pool = new HeldPool();
  const { server, stop } = createRouteServer({ pool, toolsets: { home: homeTools }, ...options });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stopServer = async () => (pool.ends.forEach((end) => end()), stop(0));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const post = (body: unknown, init: RequestInit = {}) =>
    fetch(`${url}/route`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: typeof body === 'string' ? body : JSON.stringify(body), ...init });
  return { pool, url, post, stop };
}
const until = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true), { timeout: 20_000 });

describe('the server', () => {
  test('answers with the result, and how long it took', async () => {
    const { pool, post } = await serve();
    const answer = post({ query: 'hello', toolset: 'home', options: { maxCalls: 1 } });
    await until(() => pool.ends.length === 1);
    pool.ends[0]!();
    const response = await answer;
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(result);
    expect(response.headers.get('server-timing')).toMatch(/^wait;dur=[\d.]+, encode;dur=1\.00, decode;dur=2\.00, total;dur=[\d.]+$/);
    expect(pool.asked).toMatchObject([{ query: 'hello', tools: homeTools, options: { maxCalls: 1, timeoutMs: 10_000 } }]);
  });

  test('a client that hangs up ends its request', async () => {
    const { pool, post } = await serve();
    const left = new AbortController();
    const answer = post({ query: 'hello', tools: [] }, { signal: left.signal });
    await until(() => pool.pending === 1);
    left.abort();
    await expect(answer).rejects.toThrow();
    await until(() => pool.aborted === 1 && pool.pending === 0);
  });

  test.each([['text/event-stream', 'data: ', '\n\n'], ['application/x-ndjson', '', '\n']])('streams the steps, then the result, as %s', async (type, before, after) => {
    const { post } = await serve();
    const response = await post({ query: 'hello', tools: [] }, { headers: { 'content-type': 'application/json', accept: type } });
    expect(response.headers.get('content-type')).toBe(type);
    expect(await response.text()).toBe([{ type: 'partial', calls: [{ name: 'a', arguments: {} }] }, result].map((step) => before + JSON.stringify(step) + after).join(''));
  });

  test('more than maxPending requests are refused at once', async () => {
    const { pool, post } = await serve({ maxPending: 1 });
    const first = post({ query: 'a', tools: [] });
    await until(() => pool.pending === 1);
    const second = await post({ query: 'b', tools: [] });
    expect([second.status, second.headers.get('retry-after')]).toEqual([503, '1']);
    pool.ends[0]!();
    expect((await first).status).toBe(200);
  });

  test.each([
    [415, { headers: {} }, '{}', 'unsupported_media_type'],
    [413, {}, 'x'.repeat(3000), 'body_too_large'],
    [400, {}, '{"query": "cut', 'invalid_json'],
    [400, {}, '[]', 'invalid_argument'],
    [400, {}, { query: 'a' }, 'invalid_argument'],
    [400, {}, { query: 'a', tools: [], toolset: 'home' }, 'invalid_argument'],
    [400, {}, { query: 'a', tools: [], stream: true }, 'invalid_argument'],
    [400, {}, { query: 'a', tools: [], options: { timeoutMs: 1e9 } }, 'invalid_argument'],
    [400, {}, { query: 'a', tools: [], options: [] }, 'invalid_argument'],
    [413, {}, { query: 'a', tools: [{}, {}, {}] }, 'too_many_tools'],
    [404, {}, { query: 'a', toolset: 'none' }, 'not_found'],
    [404, {}, { query: 'a', toolset: 'toString' }, 'not_found'],
    [405, { method: 'PUT' }, {}, 'method_not_allowed'],
  ])('%d for what it does not take: %j (%#)', async (status, init, body, code) => {
    const { pool, post } = await serve({ maxBodyBytes: 2000, maxTools: 2 });
    const response = await post(body, init as RequestInit);
    expect([response.status, ((await response.json()) as { error: { code: string } }).error.code]).toEqual([status, code]);
    expect(pool.asked).toEqual([]);
  });

  const two = { a: { description: 'A' }, b: { inputSchema: {} } };
  test.each([
    [{ ...two, c: { inputSchema: {} } }], [{ tools: [{}, {}, {}] }], [{ result: { tools: [{}, {}, {}] } }], [{ result: { tools: [], result: { tools: [{}, {}, {}] } } }],
    [[{ functionDeclarations: [{}, {}, {}] }]], [{ function_declarations: [{}, {}, {}] }], [{ tools: two.a, result: { ...two.b, functionDeclarations: [{}, {}] } }],
  ])('413 for more tools than maxTools in any of their forms: %j', async (tools) => {
    const { pool, post } = await serve({ maxTools: 2 });
    expect((await post({ query: 'a', tools })).status).toBe(413);
    expect(pool.asked).toEqual([]);
    expect(countTools(tools)).toBeGreaterThan(2); // demo/edge counts so, too
  });

  test.each([[two], [{ tools: [{}, {}] }], [[{ functionDeclarations: [{}, {}] }]], [{ name: 'a', description: 'A', parameters: { a: {}, b: {}, c: {} } }]])('as many tools as maxTools are taken in any of their forms: %j', async (tools) => {
    const { pool, post } = await serve({ maxTools: 2 });
    const answer = post({ query: 'a', tools });
    await until(() => pool.ends.length === 1);
    pool.ends[0]!();
    expect((await answer).status).toBe(200);
    expect(countTools(tools)).toBeLessThan(3);
  });

  test('a limit that is no number is an error at the edge, not no limit', () => {
    expect(limitsOf({})).toEqual({ bodyBytes: 65_536, tools: 64 });
    expect(limitsOf({ MAX_BODY_BYTES: '20000', MAX_TOOLS: '8' })).toEqual({ bodyBytes: 20_000, tools: 8 });
    for (const MAX_BODY_BYTES of ['64 KB', '-1', '0', 'Infinity']) expect(() => limitsOf({ MAX_BODY_BYTES })).toThrow(/MAX_BODY_BYTES/);
  });

  test('a body that is longer than it was said to be is cut off at the limit', async () => {
    const { url } = await serve({ maxBodyBytes: 2000 });
    const request = httpRequest(`${url}/route`, { method: 'POST', headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' } });
    request.on('error', () => {});
    request.write('x'.repeat(5000)); // and never an end
    const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
    expect(response.statusCode).toBe(413);
    request.destroy();
  });

  test.each([
    [400, { code: 'invalid_schema', path: 'tools[0].parameters', message: 'no' }, { code: 'invalid_schema', path: 'tools[0].parameters', message: 'no' }],
    [504, { code: 'aborted', name: 'TimeoutError', message: 'the time is over' }, { code: 'aborted', path: '', message: 'the time is over' }],
    [500, { code: 'engine_crashed', message: 'secret /path' }, { code: 'internal', path: '', message: 'the request could not be answered' }],
    [500, undefined, { code: 'internal', path: '', message: 'the request could not be answered' }],
  ])('%d for a failure of the engine, and what the client did not cause it is not told', async (status, fields, error) => {
    const { pool, post } = await serve();
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const marker = Symbol.for('needle-router.error');
    pool.failure = fields ? Object.assign(new Error(fields.message), { path: '', [marker]: true }, fields) : new TypeError('secret');
    const response = await post({ query: 'a', tools: [] });
    expect([response.status, await response.json()]).toEqual([status, { error }]);
    expect(log).toHaveBeenCalledTimes(status >= 500 ? 1 : 0);
    log.mockRestore();
  });

  test('stopping: what is under way is answered, new requests are not, then the engines end', async () => {
    const { pool, url, post, stop } = await serve();
    const answer = post({ query: 'a', tools: [] });
    await until(() => pool.pending === 1);
    const stopped = stop();
    await expect(fetch(`${url}/health`)).rejects.toThrow();
    expect(pool.isDisposed).toBe(false);
    pool.ends[0]!();
    const response = await answer;
    expect([response.status, response.headers.get('connection')]).toEqual([200, 'close']);
    await stopped;
    expect(pool.isDisposed).toBe(true);
  });

  test('health', async () => {
    const { url } = await serve();
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'ok', workers: 1, pending: 0, model: { name: 'held', version: '1' }, variant: 'simd' });
  });
});

describe.skipIf(!hasModel)('with the released model, as a process', () => {
  let child: ChildProcess;
  afterEach(() => void child.kill('SIGKILL'));

  test('routes by two engines, streams, answers a bad tool with its path, and ends on SIGTERM', async () => {
    const toolset = `home=${join(root, 'js/cli/example-tools.json')}`;
    child = spawn(process.execPath, [join(root, 'demo/node-server/main.mjs'), '--port', '0', '--workers', '2', '--toolset', toolset], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout!.setEncoding('utf8'), 'data')) as [string];
    const url = /^(http:\S+) with 2 engines/.exec(line)![1]!;
    const post = (body: object, headers = {}) => fetch(`${url}/route`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => post({ query: `set a timer for ${i + 2} minutes`, toolset: 'home' })));
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
    for (const answer of answers) expect(await answer.json()).toMatchObject({ type: expect.stringMatching(/call|none|incomplete/), considered: expect.any(Array) });
    expect(await (await post({ query: 'wake me at 7 and play jazz', toolset: 'home' }, { accept: 'text/event-stream' })).text()).toMatch(/data: \{"type":"(call|none|incomplete)".*\}\n\n$/);
    const bad = await post({ query: 'x', tools: [{ name: 'a', parameters: { type: 'object', properties: { x: { not: {} } } } }] });
    expect([bad.status, await bad.json()]).toMatchObject([400, { error: { code: 'unsupported_schema', path: expect.stringMatching(/^tools\[0\]\.parameters\.properties\.x/) } }]);
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: 'ok', workers: 2, pending: 0 });

    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
