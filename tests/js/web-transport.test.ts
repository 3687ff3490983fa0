// SPDX-License-Identifier: Apache-2.0
// The page's side of a Web Worker, over a worker that is none; real ones are tested in tests/browser.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Channel } from '../../js/client/channel.js';
import { HungWorker } from '../../js/client/transport.js';
import { openWebTransport } from '../../js/client/web-transport.js';
import { protocolVersion } from '../../js/protocol/messages.js';

afterEach(() => vi.unstubAllGlobals());

test('what cannot be sent once the worker is there fails what is pending, and ends the worker', async () => {
  const worker = { onmessage: (_: unknown) => {}, postMessage: (message: unknown) => void structuredClone(message), terminate: vi.fn() };
  vi.stubGlobal('Worker', function () { return worker; });
  const channel = new Channel(openWebTransport(undefined));
  const bytes = new Uint8Array(8);
  const pending = expect(channel.request('load', { model: { bytes } })).rejects.toMatchObject({ code: 'engine_crashed', cause: { name: 'DataCloneError' } });
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  worker.onmessage({ data: { type: 'ready', id: 0, protocolVersion } });
  await pending;
  expect(worker.terminate).toHaveBeenCalled();
});

describe('a worker whose threads are starting', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function start() {
    const worker = { onmessage: (_: unknown) => {}, postMessage() {}, terminate: vi.fn() };
    vi.stubGlobal('Worker', function () { return worker; });
    const failed = vi.fn();
    const transport = openWebTransport(undefined);
    transport.onFailure(failed);
    return { worker, failed, transport, say: (areStarting: boolean) => worker.onmessage({ data: { type: 'threads', id: 0, areStarting } }) };
  }

  test('has hung when it says nothing for five seconds', () => {
    const { worker, failed, say } = start();
    say(true);
    for (let i = 0; i < 20; i++) {
      vi.advanceTimersByTime(4000);
      say(true);
    }
    vi.advanceTimersByTime(4999);
    expect(failed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(failed.mock.calls).toEqual([[expect.any(HungWorker)]]);
    expect(worker.terminate).toHaveBeenCalled();
  });

  test('is waited for no longer once they have, or it was closed', () => {
    const { failed, say, transport } = start();
    say(true);
    say(false);
    vi.advanceTimersByTime(100_000);
    say(true);
    transport.close();
    say(true);
    vi.advanceTimersByTime(100_000);
    expect(failed).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('has its say when the page itself was busy all that time', () => {
    const { failed, say } = start();
    say(true);
    vi.advanceTimersByTime(4500); // the first timer is due, and run before the message that waits
    say(false);
    vi.advanceTimersByTime(100_000);
    expect(failed).not.toHaveBeenCalled();
  });
});
