// SPDX-License-Identifier: Apache-2.0
// How often an engine is started, and with what, when its worker hangs.
import { expect, test } from 'vitest';
import { EngineConnection } from '../../js/api/engine-connection.js';
import { HungWorker, type Transport } from '../../js/client/transport.js';
import type { ClientMessage, HostMessage, LoadRequest, Variant } from '../../js/protocol/messages.js';

/** A connection whose first `hanging` workers hang, and what each was asked to load. */
function connectionOf(hanging: number, load: Partial<LoadRequest> = {}) {
  const asked: LoadRequest[] = [];
  const openTransport = (): Transport => {
    let answer: (message: HostMessage) => void = () => {};
    let fail: (cause: Error) => void = () => {};
    return {
      post(message: ClientMessage) {
        if (message.type !== 'load') return;
        asked.push(message.payload);
        const variant: Variant = message.payload.variant ?? (message.payload.threads === 1 ? 'relaxed' : 'relaxed-mt');
        const isHanging = asked.length <= hanging;
        queueMicrotask(() => (isHanging ? fail(new HungWorker('it hung')) : answer({ type: 'answer', id: message.id, value: { model: {}, variant } })));
      },
      onMessage: (listener) => void (answer = listener),
      onFailure: (listener) => void (fail = listener),
      close() {},
      setBusy() {},
    };
  };
  return { connection: new EngineConnection({ openTransport, load: { model: {}, ...load } }), asked };
}

test('a worker that hangs is followed by another of the same kind', async () => {
  const { connection, asked } = connectionOf(1);
  expect((await connection.get()).variant).toBe('relaxed-mt');
  expect(asked.map(({ threads }) => threads)).toEqual([undefined, undefined]);
});

test('where that hangs too there are no threads', async () => {
  const { connection, asked } = connectionOf(2);
  expect((await connection.get()).variant).toBe('relaxed');
  expect(asked.map(({ threads }) => threads)).toEqual([undefined, undefined, 1]);
});

test('a build that the caller named is tried twice', async () => {
  const { connection, asked } = connectionOf(9, { variant: 'simd-mt' });
  await expect(connection.get()).rejects.toMatchObject({ code: 'engine_crashed', message: expect.stringContaining('it hung') });
  expect(asked.map(({ variant }) => variant)).toEqual(['simd-mt', 'simd-mt']);
});

test('what was disposed starts no other worker', async () => {
  const { connection, asked } = connectionOf(1);
  const starting = connection.get();
  const outcome = expect(starting).rejects.toMatchObject({ code: 'disposed' });
  connection.dispose();
  await outcome;
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(asked).toHaveLength(1);
});
