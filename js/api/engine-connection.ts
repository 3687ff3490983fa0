// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// One router's engine: started at load, and started afresh by the first call after a crash. Holds what that takes.
import { Channel, type CallOptions } from '../client/channel.js';
import { HungWorker, type Transport } from '../client/transport.js';
import { abortError, makeError } from '../protocol/errors.js';
import type { LoadRequest, ModelInfo, Variant } from '../protocol/messages.js';
import { checkAttached } from './options.js';

export interface Connected {
  channel: Channel;
  model: ModelInfo;
  variant: Variant;
}

export interface ConnectionStart {
  openTransport(): Transport;
  load: LoadRequest;
}

export class EngineConnection {
  readonly #openTransport: ConnectionStart['openTransport'];
  /** The caller's; without threads once what he compiled has outgrown them, or they have twice not started. */
  #load: LoadRequest;
  #current: Connected | undefined;
  #starting: Promise<Connected> | undefined;
  /** The newest, from its opening on: while it loads it is nobody's current one. */
  #channel: Channel | undefined;
  #isDisposed = false;
  #lastToolset = 0;

  constructor({ openTransport, load }: ConnectionStart) {
    this.#openTransport = openTransport;
    this.#load = load;
  }

  /** The running engine with its model loaded. Callers share one start; one that failed is tried anew by the next. */
  get(options: CallOptions<'load'> = {}): Promise<Connected> {
    if (this.#isDisposed) return Promise.reject(makeError('disposed', 'the router was disposed'));
    if (this.#current && !this.#current.channel.failure) return Promise.resolve(this.#current);
    this.#starting ??= this.#connect(options).finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  /** The build that runs, or ran last. */
  get variant(): Variant {
    return this.#current!.variant;
  }

  /**
   * Whether what that engine did not answer may be asked of another one: builds with threads have a memory of fixed size,
   * later engines are then of a build without, whose memory grows. Not for a build that the caller named.
   */
  isOutgrown({ channel, variant }: Connected): boolean {
    return channel.failure?.code === 'out_of_memory' && variant.endsWith('-mt') && this.#load.variant === undefined;
  }

  /** What the work gives with the running engine, or with the next one where that was outgrown. */
  async ask<Value>(work: (engine: Connected) => Promise<Value>, signal?: AbortSignal): Promise<Value> {
    const engine = await untilAborted(this.get(), signal);
    try {
      return await work(engine);
    } catch (error) {
      if (!this.isOutgrown(engine)) throw error;
      return this.ask(work, signal);
    }
  }

  /** A number that no tool set of this router had yet, in this engine or one before it. */
  nextToolset(): number {
    return ++this.#lastToolset;
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#channel?.close(); // a load under way rejects with `disposed`
  }

  /** A worker that hung while its threads started is followed by another; where that hangs too, by one without threads. */
  async #connect(options: CallOptions<'load'>): Promise<Connected> {
    if (this.#current && this.isOutgrown(this.#current)) this.#load = { ...this.#load, threads: 1 };
    for (let hasHung = false; ; hasHung = true) {
      try {
        return await this.#connectOnce(options);
      } catch (error) {
        const isHung = (error as Error).cause instanceof HungWorker;
        if (!isHung || (hasHung && this.#load.variant !== undefined)) throw error;
        if (hasHung) this.#load = { ...this.#load, threads: 1 };
      }
    }
  }

  async #connectOnce(options: CallOptions<'load'>): Promise<Connected> {
    if (this.#isDisposed) throw makeError('disposed', 'the router was disposed');
    const load = this.#load;
    if (load.model.bytes) checkAttached(load.model.bytes); // they are the caller's, and read anew by each engine
    const channel = (this.#channel = new Channel(this.#openTransport()));
    try {
      const loaded = await channel.request('load', load, options);
      if (this.#isDisposed) throw makeError('disposed', 'the router was disposed');
      return (this.#current = { channel, ...loaded });
    } catch (error) {
      channel.close();
      throw error;
    }
  }
}

/** The promise, or the end of the caller's signal if that comes first: for work that several callers share. */
export function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(abortError(signal.reason));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
