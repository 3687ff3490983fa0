// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// The engine in its caller's own thread, for where no worker can start: the same EngineHost behind the same messages,
// which come in later microtasks as they would come from a worker in later tasks. Whether others get a turn between two
// steps is up to the environment.
import type { ClientMessage, HostMessage } from '../protocol/messages.js';
import { EngineHost, type HostEnvironment } from './engine-host.js';
import { serve } from './serve.js';

export function startInPlace(environment: HostEnvironment, onMessage: (message: HostMessage) => void, onFailure: (cause: Error) => void) {
  let isOpen = true;
  let toHost: (message: ClientMessage) => void = () => {};
  const later = (deliver: () => void) => queueMicrotask(() => isOpen && deliver());
  const port = {
    post: (message: HostMessage) => later(() => onMessage(message)),
    onMessage: (listener: (message: ClientMessage) => void) => void (toHost = listener),
  };
  const stop = serve(port, new EngineHost(environment), (error) => isOpen && onFailure(error as Error));
  return {
    post: (message: ClientMessage) => later(() => toHost(message)),
    close() {
      isOpen = false;
      stop();
    },
  };
}
