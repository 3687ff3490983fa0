// SPDX-License-Identifier: Apache-2.0
// Runs in: page
// The engine in the page's own thread, for where no worker can start: the same EngineHost behind the same messages. The
// page stays alive because the host gives the event loop a turn after every step.
import type { ClientMessage, HostMessage } from '../protocol/messages.js';
import { EngineHost } from './engine-host.js';
import { serve } from './serve.js';
import { webEnvironment } from './web-environment.js';

export function startInPlace(onMessage: (message: HostMessage) => void, onFailure: (cause: Error) => void) {
  const host = new EngineHost(webEnvironment());
  const { port1: ours, port2: hosts } = new MessageChannel();
  ours.onmessage = ({ data }: MessageEvent<HostMessage>) => onMessage(data);
  const port = {
    post: (message: HostMessage) => hosts.postMessage(message),
    onMessage: (listener: (message: ClientMessage) => void) => void (hosts.onmessage = ({ data }) => listener(data as ClientMessage)),
  };
  const stop = serve(port, host, (error) => onFailure(error as Error));
  return {
    post: (message: ClientMessage) => ours.postMessage(message),
    close() {
      ours.close();
      stop();
    },
  };
}
