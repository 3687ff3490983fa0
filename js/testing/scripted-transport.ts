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
  /** How long every answer takes. Default: no longer than a promise. */
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
  #listener: (message: HostMessage) => void = () => {};
  #isOpen = true;

  constructor(script: Script, options: ScriptedOptions, requests: ScriptedRequest[]) {
    this.#script = script;
    this.#options = options;
    this.#requests = requests;
    void Promise.resolve().then(() => this.#send({ type: 'ready', id: 0, protocolVersion }));
  }

  post(message: ClientMessage): void {
    if (message.type === 'abort') return; // the caller has had its error; a late answer finds nobody
    void this.#answer(structuredClone(message));
  }
  onMessage(listener: (message: HostMessage) => void): void {
    this.#listener = listener;
  }
  onFailure(): void {}
  setBusy(): void {}
  close(): void {
    this.#isOpen = false;
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
      await this.#wait();
    };
    try {
      await this.#wait();
      const value = await (this.#handlers[type] as (payload: unknown, emit: unknown) => unknown)(payload, emit);
      this.#send({ type: 'answer', id, value });
    } catch (error) {
      this.#send({ type: 'error', id, error: toWireError(error) });
    }
  }

  #wait(): Promise<void> {
    const { delayMs } = this.#options;
    return delayMs === undefined ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, delayMs));
  }

  #send(message: HostMessage): void {
    if (this.#isOpen) this.#listener(message);
  }
}

/** The calls as they grow: a tool, then argument by argument. */
function* stepsOf({ calls }: RouteResult): Generator<{ name: string; arguments: JsonObject }[]> {
  for (const [index, { name, arguments: args }] of calls.entries()) {
    const before = calls.slice(0, index).map((call) => ({ name: call.name, arguments: call.arguments }));
    const growing: JsonObject = {};
    yield [...before, { name, arguments: {} }];
    for (const [key, value] of Object.entries(args)) {
      growing[key] = value;
      yield [...before, { name, arguments: { ...growing } }];
    }
  }
}
