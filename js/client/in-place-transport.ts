// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// The engine in this thread from the start, where there are no workers at all: edge runtimes, service workers.
import type { HostEnvironment } from '../host/engine-host.js';
import { startInPlace } from '../host/in-place.js';
import type { HostMessage } from '../protocol/messages.js';
import type { Transport } from './transport.js';

export function openInPlaceTransport(environment: HostEnvironment): Transport {
  let onMessage: (message: HostMessage) => void = () => {};
  let onFailure: (cause: Error) => void = () => {};
  const host = startInPlace(environment, (message) => onMessage(message), (cause) => {
    host.close();
    onFailure(cause);
  });
  return {
    post: host.post,
    onMessage: (listener) => void (onMessage = listener),
    onFailure: (listener) => void (onFailure = listener),
    close: host.close,
    setBusy() {},
  };
}
