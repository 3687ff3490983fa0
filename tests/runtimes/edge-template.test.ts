// SPDX-License-Identifier: Apache-2.0
// The edge template in workerd: what it answers, what it refuses, and that requests share nothing.
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasModel } from '../e2e/built.js';
import { installPackages, type Installed } from '../package/installed.js';
import { startWorker, type Worker } from './edge-worker.js';
import { modelFile, programs } from './setting.js';

let installed: Installed;
let worker: Worker;
const weights = () => new Uint8Array(readFileSync(modelFile));
const assets = { serviceBindings: { ASSETS: () => new Response(weights()) } };
const post = (body: unknown, headers: Record<string, string> = {}, to = worker) =>
  to.fetch('/route', { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });
const json = async (response: Response) => ({ status: response.status, body: (await response.json()) as Record<string, unknown> });
const timer = [{ name: 'set_timer', description: 'Start a timer', parameters: { type: 'object', properties: { minutes: { type: 'integer' } }, required: ['minutes'] } }];
const light = [{ name: 'set_light', description: 'Set the brightness of the lights in a room', parameters: { type: 'object', properties: { room: { type: 'string' }, brightness: { type: 'integer' } } } }];

describe.skipIf(!hasModel || !programs.miniflare)('the edge template', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    installed = installPackages();
    worker = await startWorker(installed.folder, { ...assets, bindings: { ALLOWED_ORIGINS: 'https://app.example', MAX_BODY_BYTES: '20000', MAX_TOOLS: '8' } });
  }, 300_000);
  afterAll(async () => {
    await worker.close();
    installed.remove();
  });

  test('routes with inline tools and with tools by id, and says where the time went', async () => {
    const inline = await post({ query: 'set a timer for 10 minutes', tools: timer });
    const timing = /^load;dur=([\d.]+), compile;dur=([\d.]+), route;dur=([\d.]+)$/.exec(inline.headers.get('server-timing')!)!;
    expect(Number(timing[1])).toBeGreaterThan(0);
    expect(Number(timing[3])).toBeGreaterThan(0); // though the worker's clock stands still while it computes
    expect(await json(inline)).toMatchObject({ status: 200, body: { type: 'call', calls: [{ name: 'set_timer', arguments: { minutes: 10 } }] } });
    const byId = await json(await post({ query: 'dim the kitchen lights to 30%', toolset: 'home' }));
    expect(byId).toMatchObject({ status: 200, body: { type: 'call' } });
    expect(await (await worker.fetch('/toolsets')).json()).toEqual(['home']);
  });

  test.each([
    ['application/x-ndjson', (text: string) => text.trim().split('\n')],
    ['text/event-stream', (text: string) => text.trim().split('\n\n').map((event) => event.replace(/^data: /, ''))],
  ])('streams the steps as %s', async (type, lines) => {
    const response = await post({ query: 'set a timer for 10 minutes', tools: timer }, { accept: type });
    expect(response.headers.get('content-type')).toBe(type);
    const steps = lines(await response.text()).map((line) => JSON.parse(line) as { type: string });
    expect(steps.slice(0, -1).map((step) => step.type)).toEqual(steps.slice(1).map(() => 'partial'));
    expect(steps.length).toBeGreaterThan(1);
    expect(steps.at(-1)).toMatchObject({ type: 'call', calls: [{ arguments: { minutes: 10 } }] });
  });

  test.each([
    ['a body that is too large', 'x'.repeat(20_001), 413, 'body_too_large', ''],
    ['a body that is not JSON', '{"query"', 400, 'invalid_json', ''],
    ['a body that is no object', '[]', 400, 'invalid_json', ''],
    ['neither tools nor toolset', { query: 'x' }, 400, 'invalid_argument', 'toolset'],
    ['too many tools', { query: 'x', tools: Array.from({ length: 9 }, (_, i) => ({ name: `t${i}` })) }, 413, 'too_many_tools', 'tools'],
    ['too many tools in another form', { query: 'x', tools: [{ functionDeclarations: Array.from({ length: 9 }, (_, i) => ({ name: `t${i}` })) }] }, 413, 'too_many_tools', 'tools'],
    ['an unknown tool set', { query: 'x', toolset: 'constructor' }, 404, 'not_found', 'toolset'],
    ['an unknown option', { query: 'x', toolset: 'home', options: { minConfidance: 1 } }, 400, 'invalid_argument', 'options.minConfidance'],
    ['a schema that cannot be kept', { query: 'x', tools: [{ name: 'a', parameters: { type: 'object', properties: { x: { not: {} } } } }] }, 400, 'unsupported_schema', 'tools[0].parameters.properties.x.not'],
    ['a query that is no text', { query: 5, toolset: 'home' }, 400, 'invalid_argument', 'query'],
  ])('%s is refused, and says where', async (_, body, status, code, path) => {
    expect(await json(await post(body))).toMatchObject({ status, body: { error: { code, path } } });
    expect(await json(await post(body, { accept: 'application/x-ndjson' }))).toMatchObject({ status, body: { error: { code, path } } });
  });

  test('a body without a length is read no further than allowed', async () => {
    const chunks = Array.from({ length: 5 }, () => new Uint8Array(4096).fill(32));
    // It never ends: an answer proves that no end was waited for, and no write is under way when the connection closes.
    const body = new ReadableStream({ pull: (controller) => (chunks.length > 0 ? controller.enqueue(chunks.pop()) : new Promise(() => {})) });
    expect((await worker.fetch('/route', { method: 'POST', body, duplex: 'half' } as RequestInit)).status).toBe(413);
  });

  test('another path, another method', async () => {
    expect((await worker.fetch('/')).status).toBe(404);
    expect((await worker.fetch('/route')).status).toBe(405);
  });

  test('only pages of the allowed origins may read the answer', async () => {
    const from = (origin: string) => post({ query: 'x', toolset: 'home' }, { origin });
    expect((await from('https://app.example')).headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect((await from('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await worker.fetch('/route', { method: 'OPTIONS', headers: { origin: 'https://app.example' } });
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([204, 'GET, POST']);
  });

  test('requests side by side get their own answers, and errors of others change nothing', async () => {
    const minutes = Array.from({ length: 12 }, (_, i) => i + 2);
    const answers = await Promise.all(minutes.flatMap((n) => [
      post({ query: `set a timer for ${n} minutes`, tools: timer }).then(json),
      post({ query: `dim the kitchen to ${n}%`, tools: light }).then(json),
      post({ query: 'x', tools: [{ name: 'a' }, { name: 'a' }] }).then(json),
    ]));
    for (const [i, n] of minutes.entries()) {
      expect(answers[3 * i]!.body).toMatchObject({ calls: [{ name: 'set_timer', arguments: { minutes: n } }] });
      expect(JSON.stringify(answers[3 * i + 1]!.body)).not.toContain('timer');
      expect(answers[3 * i + 2]).toMatchObject({ status: 400, body: { error: { code: 'duplicate_name' } } });
    }
  });

  /** Asks, and closes the connection after a while. */
  const leave = (afterMs: number, to = worker) => new Promise<void>((resolve) => {
    const request = httpRequest(new URL('/route', to.url), { method: 'POST', headers: { accept: 'application/x-ndjson' } });
    request.on('error', () => {}).on('close', resolve).end(JSON.stringify({ query: 'dim the kitchen lights to 30%', tools: [...timer, ...light] }));
    setTimeout(() => request.destroy(), afterMs);
  });
  const answered = { status: 200, body: { type: 'call', calls: [{ arguments: { minutes: 10 } }] } };

  test('a client that leaves in the middle keeps nobody waiting', async () => {
    await Promise.all([0, 1, 2, 5, 10, 20, 40].map((afterMs) => leave(afterMs)));
    expect(await json(await post({ query: 'set a timer for 10 minutes', tools: timer }))).toMatchObject(answered);
  });

  test('nor does the first one when it leaves while the weights load', async () => {
    let asked = 0;
    const slow = async () => (asked++, await new Promise((resolve) => setTimeout(resolve, 1000)), new Response(weights()));
    const other = await startWorker(installed.folder, { serviceBindings: { ASSETS: slow } });
    try {
      await leave(300, other);
      expect(await json(await post({ query: 'set a timer for 10 minutes', tools: timer }, {}, other))).toMatchObject(answered);
      expect(asked).toBe(1);
    } finally {
      await other.close();
    }
  });

  test('too many requests are turned away by the hook', async () => {
    const limited = await startWorker(installed.folder, { ...assets, ratelimits: { RATE_LIMITER: { simple: { limit: 2, period: 60 } } } });
    try {
      const ask = () => post({ query: 'x', toolset: 'home' }, { 'cf-connecting-ip': '192.0.2.1' }, limited);
      let answer = await ask();
      expect(answer.status).toBe(200);
      // The limiter counts by minutes of the clock: two before the end of one and two after it may pass, a fifth may not.
      for (let asked = 1; asked < 5 && answer.status === 200; asked++) answer = await ask();
      expect(answer.status).toBe(429);
      expect(answer.headers.get('retry-after')).toBe('60');
    } finally {
      await limited.close();
    }
  });

  test.each(['a bucket', 'a namespace'])('the weights come from %s; without them the answer is 503, and the next request tries anew', async (where) => {
    const isBucket = where === 'a bucket';
    const other = await startWorker(installed.folder, isBucket ? { r2Buckets: ['MODELS'] } : { kvNamespaces: ['MODEL_KV'] });
    try {
      const ask = async () => json(await post({ query: 'set a timer for 10 minutes', tools: timer }, {}, other));
      expect(await ask()).toMatchObject({ status: 503, body: { error: { code: 'model_not_found' } } });
      await (isBucket ? other.putInBucket : other.putInNamespace)('model.safetensors', weights());
      expect(await ask()).toMatchObject({ status: 200, body: { calls: [{ arguments: { minutes: 10 } }] } });
    } finally {
      await other.close();
    }
  });

  test('weights that are not the released ones are refused', async () => {
    const other = await startWorker(installed.folder, { serviceBindings: { ASSETS: () => new Response('<!doctype html>') } });
    try {
      expect(await json(await post({ query: 'x', toolset: 'home' }, {}, other))).toMatchObject({ status: 503, body: { error: { code: 'invalid_model' } } });
    } finally {
      await other.close();
    }
  });
});
