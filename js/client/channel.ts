// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Requests over a Transport: gives each an id, matches answers to it, forwards events, sends aborts, and settles
// everything that is pending when the other side dies or is closed. Knows nothing of tools or models.
import { abortError, makeError, type NeedleError } from '../protocol/errors.js';
import { protocolVersion, type HostMessage, type Requests, type RequestType } from '../protocol/messages.js';
import { fromWireError } from '../protocol/wire-error.js';
import type { Transport } from './transport.js';

interface Pending {
  resolve(value: unknown): void;
  reject(error: NeedleError): void;
  onEvent: ((event: never) => void) | undefined;
}

export interface CallOptions<Type extends RequestType> {
  signal?: AbortSignal | undefined;
  onEvent?: ((event: Requests[Type]['event']) => void) | undefined;
}

export class Channel {
  readonly #transport: Transport;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #failure: NeedleError | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
    transport.onMessage((message) => this.#receive(message));
    transport.onFailure((cause) => this.#fail(makeError('engine_crashed', `the engine stopped: ${cause.message}`, { cause })));
  }

  /** Why this channel answers no more; undefined while it does. */
  get failure(): NeedleError | undefined {
    return this.#failure;
  }

  /** Sends a request. Rejects at once when the signal ends; the engine is told and stops at its next step. */
  request<Type extends RequestType>(
    type: Type,
    payload: Requests[Type]['payload'],
    { signal, onEvent }: CallOptions<Type> = {},
  ): Promise<Requests[Type]['answer']> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (signal?.aborted) return Promise.reject(abortError(signal.reason));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#transport.post({ id, type: 'abort' });
        this.#take(id)?.reject(abortError(signal?.reason));
      };
      const settle = <Value>(how: (value: Value) => void) => (value: Value) => {
        signal?.removeEventListener('abort', onAbort);
        how(value);
      };
      this.#pending.set(id, { resolve: settle(resolve as (value: unknown) => void), reject: settle(reject), onEvent });
      this.#transport.setBusy(true);
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        this.#transport.post({ id, type, payload } as Parameters<Transport['post']>[0]);
      } catch (cause) {
        this.#take(id)?.reject(makeError('invalid_argument', `the ${type} request cannot be sent: ${(cause as Error).message}`, { cause }));
      }
    });
  }

  /** Ends the engine; what is pending rejects with `disposed`. */
  close(): void {
    this.#fail(makeError('disposed', 'the router was disposed'));
    this.#transport.close();
  }

  #receive(message: HostMessage): void {
    switch (message.type) {
      case 'ready':
        if (message.protocolVersion !== protocolVersion) {
          this.#fail(makeError('engine_crashed', `the worker speaks protocol ${message.protocolVersion}, not ${protocolVersion}: it is of another release`));
          this.#transport.close();
        }
        return;
      case 'event':
        return this.#tell(message.id, message.event);
      case 'answer':
        return this.#take(message.id)?.resolve(message.value);
      case 'error': {
        const error = fromWireError(message.error);
        if (error.code !== 'out_of_memory') return this.#take(message.id)?.reject(error);
        this.#fail(error); // nothing can be asked of that engine again, nor will it answer what else is pending
        return this.#transport.close();
      }
    }
  }

  /** Passes an event on; what the listener throws ends the request that it listens to, and nothing else. */
  #tell(id: number, event: unknown): void {
    try {
      this.#pending.get(id)?.onEvent?.(event as never);
    } catch (cause) {
      this.#transport.post({ id, type: 'abort' });
      this.#take(id)?.reject(makeError('invalid_argument', `a listener to the call's progress threw: ${(cause as Error)?.message ?? cause}`, { cause }));
    }
  }

  /** The pending request of an id, which is pending no more. None when it was aborted: its late answer is dropped. */
  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#transport.setBusy(false);
    return pending;
  }

  #fail(error: NeedleError): void {
    this.#failure ??= error;
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(error);
  }
}
