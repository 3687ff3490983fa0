// SPDX-License-Identifier: Apache-2.0
// The page's side of a Web Worker, over a worker that is none; real ones are tested in tests/browser.
import { afterEach, expect, test, vi } from 'vitest';
import { Channel } from '../../js/client/channel.js';
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
