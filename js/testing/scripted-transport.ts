// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// The engine's side of the protocol, answered by a script: no worker, no model, and no timers unless a delay is asked for.
import type { Transport } from '../client/transport.js';
import { makeError } from '../protocol/errors.js';
import { protocolVersion, type ClientMessage, type HostMessage, type ModelInfo, type Requests, type RequestType } from '../protocol/messages.js';
import { toWireError } from '../protocol/wire-error.js';
import type { JsonObject, RouteResult, Tool } from '../api/types.js';
import { answerOf, type Script, type ScriptedRequest } from './script.js';

export interface ScriptedOptions {
  /** How long each routed answer takes, and each step of a stream. Default: no longer than a promise. */
  delayMs?: number;
}

const model: ModelInfo = { name: 'scripted', version: '1', licence: 'none', parameters: 0, sizeBytes: 0, config: {} };

/** Handlers by request type, as in host/serve.ts. */
type Handlers = { [Type in RequestType]: (payload: Requests[Type]['payload'], emit: (event: unknown) => Promise<void>) => unknown };

export class ScriptedTransport implements Transport {
  readonly #script: Script;
  readonly #options: ScriptedOptions;
  readonly #requests: ScriptedRequest[];
  readonly #toolsets = new Map<number, Tool[]>();
  /** What ends the delay of a request, by its id. */
  readonly #delays = new Map<number, () => void>();
  #listener: (message: HostMessage) => void = () => {};
  #isOpen = true;

  constructor(script: Script, options: ScriptedOptions, requests: ScriptedRequest[]) {
    this.#script = script;
    this.#options = options;
    this.#requests = requests;
    void Promise.resolve().then(() => this.#send({ type: 'ready', id: 0, protocolVersion }));
  }

  post(message: ClientMessage): void {
    if (message.type === 'abort') return this.#delays.get(message.id)?.(); // the caller has had its error: the answer finds nobody
    void this.#answer(structuredClone(message));
  }
  onMessage(listener: (message: HostMessage) => void): void {
    this.#listener = listener;
  }
  onFailure(): void {}
  setBusy(): void {}
  close(): void {
    this.#isOpen = false;
    for (const end of this.#delays.values()) end();
  }

  readonly #handlers: Handlers = {
    load: () => ({ model, variant: 'simd' }),
    memory: () => 0,
    release: ({ toolset }) => {
      this.#toolsets.delete(toolset);
      return null;
    },
    tools: ({ toolset, tools }) => {
      const parsed = JSON.parse(tools) as Tool[];
      const names = parsed.map(({ name }) => name);
      const twice = names.findIndex((name, index) => names.indexOf(name) < index);
      if (twice >= 0) throw makeError('duplicate_name', `two tools are called '${names[twice]}'`, { path: `tools[${twice}].name` });
      this.#toolsets.set(toolset, parsed);
      return { tools: names, warnings: [], tokens: 0 };
    },
    route: async ({ toolset, request, isStreamed }, emit) => {
      const { query, context, ...options } = JSON.parse(request) as Pick<ScriptedRequest, 'query' | 'context'> & ScriptedRequest['options'];
      const scripted = { query, context, tools: this.#toolsets.get(toolset) ?? [], options };
      this.#requests.push(scripted);
      const result = await answerOf(this.#script, scripted);
      if (isStreamed) for (const calls of stepsOf(result)) await emit({ calls });
      return result;
    },
  };

  async #answer(message: Exclude<ClientMessage, { type: 'abort' }>): Promise<void> {
    const { id, type, payload } = message;
    const emit = async (event: unknown) => {
      this.#send({ type: 'event', id, event });
      await this.#wait(id);
    };
    try {
      if (type === 'route') await this.#wait(id);
      const value = await (this.#handlers[type] as (payload: unknown, emit: unknown) => unknown)(payload, emit);
      this.#send({ type: 'answer', id, value });
    } catch (error) {
      this.#send({ type: 'error', id, error: toWireError(error) });
    }
  }

  #wait(id: number): Promise<void> {
    const { delayMs } = this.#options;
    if (delayMs === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#delays.delete(id);
        resolve();
      };
      const timer = setTimeout(end, delayMs);
      this.#delays.set(id, end);
    });
  }

  #send(message: HostMessage): void {
    if (this.#isOpen) this.#listener(message);
  }
}

/** The calls as they grow: a tool, then argument by argument. */
function* stepsOf({ calls }: RouteResult): Generator<{ name: string; arguments: JsonObject }[]> {
  for (const [index, { name, arguments: args }] of calls.entries()) {
    const before = calls.slice(0, index).map((call) => ({ name: call.name, arguments: call.arguments }));
    const entries = Object.entries(args);
    for (let count = 0; count <= entries.length; count++) {
      yield [...before, { name, arguments: Object.fromEntries(entries.slice(0, count)) }];
    }
  }
}
