// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, test } from 'vitest';
import { Channel } from '../../js/client/channel.js';
import type { Transport } from '../../js/client/transport.js';
import { protocolVersion, type ClientMessage, type HostMessage } from '../../js/protocol/messages.js';

const request = { toolset: 1, request: '{}' };

class FakeTransport implements Transport {
  readonly sent: ClientMessage[] = [];
  readonly busy: boolean[] = [];
  isClosed = false;
  receive: (message: HostMessage) => void = () => {};
  die: (cause: Error) => void = () => {};
  post = (message: ClientMessage): void => void this.sent.push(message);
  onMessage = (listener: (message: HostMessage) => void) => void (this.receive = listener);
  onFailure = (listener: (cause: Error) => void) => void (this.die = listener);
  close = () => void (this.isClosed = true);
  setBusy = (busy: boolean) => void this.busy.push(busy);
}

describe('Channel', () => {
  let transport: FakeTransport;
  let channel: Channel;
  beforeEach(() => {
    transport = new FakeTransport();
    channel = new Channel(transport);
  });

  test('matches answers to requests by id, in whatever order they come', async () => {
    const first = channel.request('route', request);
    const second = channel.request('route', request);
    const [a, b] = transport.sent;
    transport.receive({ type: 'answer', id: b!.id, value: 'b' });
    transport.receive({ type: 'answer', id: a!.id, value: 'a' });
    expect([await first, await second]).toEqual(['a', 'b']);
  });

  test('rebuilds an error with its class, code and path', async () => {
    const pending = channel.request('route', request);
    transport.receive({ type: 'error', id: transport.sent[0]!.id, error: { name: 'SchemaError', code: 'invalid_schema', message: 'm', path: 'tools[0]' } });
    await expect(pending).rejects.toMatchObject({ name: 'SchemaError', code: 'invalid_schema', path: 'tools[0]' });
  });

  test('gives events to the request that they belong to', () => {
    const events: unknown[] = [];
    void channel.request('load', { model: {}, variant: undefined }, { onEvent: (event) => events.push(event) });
    transport.receive({ type: 'event', id: transport.sent[0]!.id, event: { phase: 'model', loaded: 1, total: 2 } });
    transport.receive({ type: 'event', id: 99, event: 'stray' });
    expect(events).toEqual([{ phase: 'model', loaded: 1, total: 2 }]);
  });

  test('a listener that throws ends its own request, and the engine is told', async () => {
    const thrown = new Error('mine');
    const pending = channel.request('load', { model: {}, variant: undefined }, { onEvent: () => { throw thrown; } });
    const { id } = transport.sent[0]!;
    transport.receive({ type: 'event', id, event: { phase: 'model', loaded: 1, total: 2 } });
    await expect(pending).rejects.toMatchObject({ code: 'invalid_argument', cause: thrown });
    expect(transport.sent[1]).toEqual({ id, type: 'abort' });
    transport.receive({ type: 'event', id, event: 'late' });
  });

  test('memory that ended in one request ends all, and the engine', async () => {
    const pending = [channel.request('route', request), channel.request('memory', null)];
    transport.receive({ type: 'error', id: transport.sent[0]!.id, error: { name: 'NeedleError', code: 'out_of_memory', message: 'm', path: '' } });
    for (const call of pending) await expect(call).rejects.toMatchObject({ code: 'out_of_memory' });
    expect([channel.failure?.code, transport.isClosed]).toEqual(['out_of_memory', true]);
  });

  test('an abort rejects at once, tells the engine, and the late answer is dropped', async () => {
    const controller = new AbortController();
    const pending = channel.request('route', request, { signal: controller.signal });
    controller.abort();
    await expect(pending).rejects.toMatchObject({ name: 'AbortError', code: 'aborted' });
    const { id } = transport.sent[0]!;
    expect(transport.sent[1]).toEqual({ id, type: 'abort' });
    transport.receive({ type: 'answer', id, value: 1 });
  });

  test('a signal that has already ended sends nothing', async () => {
    await expect(channel.request('route', request, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    expect(transport.sent).toEqual([]);
  });

  test('a signal that ends after the answer changes nothing', async () => {
    const controller = new AbortController();
    const pending = channel.request('route', request, { signal: controller.signal });
    transport.receive({ type: 'answer', id: transport.sent[0]!.id, value: 1 });
    await pending;
    controller.abort();
    expect(transport.sent).toHaveLength(1);
  });

  test('a failure rejects everything that is pending, and later requests at once', async () => {
    const pending = [channel.request('route', request), channel.request('release', { toolset: 1 })];
    transport.die(new Error('gone'));
    for (const promise of pending) await expect(promise).rejects.toMatchObject({ code: 'engine_crashed' });
    await expect(channel.request('route', request)).rejects.toMatchObject({ code: 'engine_crashed' });
  });

  test('closing rejects what is pending with disposed', async () => {
    const pending = channel.request('route', request);
    channel.close();
    await expect(pending).rejects.toMatchObject({ code: 'disposed' });
    expect(transport.isClosed).toBe(true);
  });

  test('a message that cannot be sent is a typed error, and pending no more', async () => {
    const cause = new DOMException('could not be cloned', 'DataCloneError');
    transport.post = () => { throw cause; };
    await expect(channel.request('route', request)).rejects.toMatchObject({ code: 'invalid_argument', cause });
    expect(transport.busy.at(-1)).toBe(false);
  });

  test('refuses a worker of another protocol version', async () => {
    const pending = channel.request('route', request);
    transport.receive({ type: 'ready', id: 0, protocolVersion: protocolVersion + 1 });
    await expect(pending).rejects.toMatchObject({ code: 'engine_crashed' });
  });

  test('is busy exactly while something is pending', async () => {
    const pending = channel.request('route', request);
    expect(transport.busy.at(-1)).toBe(true);
    transport.receive({ type: 'answer', id: transport.sent[0]!.id, value: 1 });
    await pending;
    expect(transport.busy.at(-1)).toBe(false);
  });
});
