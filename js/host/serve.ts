// SPDX-License-Identifier: Apache-2.0
// Runs in: worker
// Messages to EngineHost methods and back. An error that is the engine's answer goes back to its request; an error that
// nobody foresaw (a WebAssembly trap) leaves the engine in an unknown state, so it is passed to `crash`, which must end
// this worker: the other side then rejects everything that is pending and starts afresh. Where memory ended that is an
// error with a code of its own, by which the other side does the same.
import { makeError, NeedleError } from '../protocol/errors.js';
import { protocolVersion, type ClientMessage, type HostMessage, type RequestType } from '../protocol/messages.js';
import { toWireError } from '../protocol/wire-error.js';
import type { EngineHost, Job } from './engine-host.js';

export interface HostPort {
  post(message: HostMessage): void;
  onMessage(listener: (message: ClientMessage) => void): void;
}

/** Answers until the returned function is called, which aborts what is under way. */
export function serve(port: HostPort, host: EngineHost, crash: (error: unknown) => void): () => void {
  const jobs = new Map<number, AbortController>();
  const handlers: { [Type in RequestType]: (payload: never, job: Job) => Promise<unknown> } = {
    load: (payload, job) => host.load(payload, job),
    tools: (payload, job) => host.tools(payload, job),
    route: (payload, job) => host.route(payload, job),
    release: (payload, job) => host.release(payload, job),
    memory: (_, job) => host.memory(job),
  };

  async function answer(message: Exclude<ClientMessage, { type: 'abort' }>): Promise<void> {
    const { id } = message;
    const controller = new AbortController();
    const job: Job = { signal: controller.signal, report: (event) => port.post({ type: 'event', id, event }) };
    jobs.set(id, controller);
    try {
      if (!Object.hasOwn(handlers, message.type)) throw makeError('invalid_argument', `there is no request '${message.type}'`, { path: 'type' });
      port.post({ type: 'answer', id, value: await handlers[message.type](message.payload as never, job) });
    } catch (error) {
      if (!NeedleError.isInstance(error)) return crash(error instanceof Error ? error : new Error(String(error))); // a glue throws words, too
      port.post({ type: 'error', id, error: toWireError(error) });
    } finally {
      jobs.delete(id);
    }
  }

  port.onMessage((message) => {
    if (message.type !== 'abort') return void answer(message);
    jobs.get(message.id)?.abort();
  });
  port.post({ type: 'ready', id: 0, protocolVersion });
  return () => {
    for (const controller of jobs.values()) controller.abort();
  };
}
