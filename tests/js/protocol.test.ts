// SPDX-License-Identifier: Apache-2.0
// Messages that nobody should send, or not now: each side answers with a typed error or drops them, and goes on.
import { expect, test } from 'vitest';
import { Channel } from '../../js/client/channel.js';
import { EngineHost } from '../../js/host/engine-host.js';
import { serve } from '../../js/host/serve.js';
import type { ClientMessage, HostMessage } from '../../js/protocol/messages.js';
import { FakeEngine } from './fake-engine.js';

/** The engine's side alone: what is sent to it, what it answers, and whether it gave up. */
function hostAlone() {
  const engine = new FakeEngine();
  const answers: HostMessage[] = [];
  const crashes: unknown[] = [];
  let send: (message: ClientMessage) => void = () => {};
  const host = new EngineHost({
    detectVariants: async () => ['simd'],
    createEngine: async () => engine,
    readModel: async (_, { reserve }) => void (await reserve(3)).set([1, 2, 3]),
    yieldTurn: () => new Promise((resolve) => setImmediate(resolve)),
  });
  serve({ post: (message) => answers.push(message), onMessage: (listener) => (send = listener) }, host, (error) => crashes.push(error));
  const settle = () => new Promise((resolve) => setTimeout(resolve, 20));
  return {
    engine,
    crashes,
    async answerTo(message: unknown) {
      send(message as ClientMessage);
      await settle();
      return answers.findLast(({ id }) => id === (message as { id: number }).id);
    },
  };
}

const load = { id: 1, type: 'load', payload: { model: { url: 'file:///x' } } };
const tools = { id: 2, type: 'tools', payload: { toolset: 1, tools: '[{"name":"a"}]', options: '{}' } };
const route = { id: 3, type: 'route', payload: { toolset: 1, request: '{"query":"echo"}', isStreamed: false } };

test('requests before the load are typed errors, and the load still works', async () => {
  const host = hostAlone();
  for (const message of [tools, route, { id: 4, type: 'memory', payload: null }]) {
    expect(await host.answerTo(message)).toMatchObject({ type: 'error', error: { code: expect.stringMatching(/^[a-z_]+$/) } });
  }
  expect(await host.answerTo({ id: 5, type: 'release', payload: { toolset: 9 } })).toMatchObject({ type: 'answer' });
  expect(await host.answerTo({ ...load, id: 6 })).toMatchObject({ type: 'answer' });
  expect(await host.answerTo({ ...tools, id: 7 })).toMatchObject({ type: 'answer' });
  expect(await host.answerTo({ ...route, id: 8 })).toMatchObject({ type: 'answer' });
  expect(host.crashes).toEqual([]);
});

test('a route with tools that are not there, or were released, is not_found', async () => {
  const host = hostAlone();
  await host.answerTo(load);
  expect(await host.answerTo(route)).toMatchObject({ type: 'error', error: { code: 'not_found' } });
  await host.answerTo(tools);
  await host.answerTo({ id: 4, type: 'release', payload: { toolset: 1 } });
  expect(await host.answerTo({ id: 5, type: 'release', payload: { toolset: 1 } })).toMatchObject({ type: 'answer' }); // twice
  expect(await host.answerTo({ ...route, id: 6 })).toMatchObject({ type: 'error', error: { code: 'not_found' } });
  expect(host.crashes).toEqual([]);
});

test('an abort of nothing, or of what has been answered, does nothing', async () => {
  const host = hostAlone();
  expect(await host.answerTo({ id: 77, type: 'abort' })).toBeUndefined();
  await host.answerTo(load);
  await host.answerTo({ id: 1, type: 'abort' });
  await host.answerTo(tools);
  expect(await host.answerTo(route)).toMatchObject({ type: 'answer' });
  expect(host.engine.log).not.toContain('abort');
});

test.each(['shutdown', 'constructor', '__proto__', 'toString'])("a request of the unknown type '%s' is a typed error", async (type) => {
  const host = hostAlone();
  await host.answerTo(load);
  expect(await host.answerTo({ id: 9, type, payload: {} })).toMatchObject({ type: 'error', error: { code: 'invalid_argument' } });
  expect(host.crashes).toEqual([]);
  expect(await host.answerTo(tools)).toMatchObject({ type: 'answer' });
});

test('answers without a question, twice, or after an abort change nothing', async () => {
  let receive: (message: HostMessage) => void = () => {};
  const sent: ClientMessage[] = [];
  const channel = new Channel({
    post: (message) => sent.push(message),
    onMessage: (listener) => (receive = listener),
    onFailure: () => {},
    close: () => {},
    setBusy: () => {},
  });
  receive({ type: 'answer', id: 5, value: 'nobody asked' });
  receive({ type: 'event', id: 5, event: 'of nothing' });
  receive({ type: 'error', id: 0, error: { name: 'NeedleError', code: 'internal', message: '', path: '' } });
  receive({ type: 'gossip', id: 1 } as unknown as HostMessage);
  const controller = new AbortController();
  const aborted = channel.request('memory', null, { signal: controller.signal });
  controller.abort();
  await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
  receive({ type: 'answer', id: sent[0]!.id, value: 1 });
  const next = channel.request('memory', null);
  const { id } = sent.at(-1)!;
  receive({ type: 'answer', id, value: 2 });
  receive({ type: 'answer', id, value: 3 });
  receive({ type: 'error', id, error: { name: 'NeedleError', code: 'internal', message: '', path: '' } });
  expect(await next).toBe(2);
  expect(channel.failure).toBeUndefined();
});
