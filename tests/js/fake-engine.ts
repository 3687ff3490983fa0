// SPDX-License-Identifier: Apache-2.0
// The C++ engine's JSON interface with scripted answers, and a transport to it without a thread: what the package's own
// logic is tested on. A request's text is its script: 'echo', 'fail', 'trap', or 'steps 50'.
import type { Transport } from '../../js/client/transport.js';
import type { Engine } from '../../js/generated/needle-simd.mjs';
import { EngineHost } from '../../js/host/engine-host.js';
import { serve } from '../../js/host/serve.js';
import type { Platform } from '../../js/platform/platform.js';
import type { ClientMessage, HostMessage, Variant } from '../../js/protocol/messages.js';

const ok = (value: unknown) => JSON.stringify({ ok: value });
const fail = (code: string, message: string, path = '') => JSON.stringify({ error: { code, message, path } });

export class FakeEngine implements Engine {
  readonly toolsets = new Map<number, { name: string }[]>();
  readonly sessions = new Map<number, { query: string; toolset: number; left: number }>();
  readonly log: string[] = [];
  #memory = new Uint8Array();
  #next = 1;
  #hasRunOut = false;

  requireRoomFor(sizeBytes: number): void {
    if (sizeBytes > this.room) this.#runOut();
  }
  hasRunOutOfMemory = () => this.#hasRunOut;
  /** As an allocation that fails does in the engine. */
  #runOut(): never {
    this.#hasRunOut = true;
    throw new WebAssembly.RuntimeError('Aborted()');
  }
  /** Bytes, of any text or model. */
  room = Infinity;
  /** The next step of a route, or the next route, will find no memory. */
  endMemory(): void {
    this.stepRoute = this.beginRoute = () => this.#runOut();
  }
  reserveModel(sizeBytes: number): Uint8Array {
    if (sizeBytes > this.room) this.#runOut();
    if (this.#memory.length !== sizeBytes) this.#memory = new Uint8Array(sizeBytes);
    return this.#memory;
  }
  setThreads = (threads: number) => void this.log.push(`threads ${threads}`);
  setMaxCacheBytes = (sizeBytes: number) => void this.log.push(`cache ${sizeBytes}`);
  loadModel = () => (this.#memory[0] === 66 ? fail('invalid_model', 'bad magic') : ok(null));
  modelInfo = () => JSON.stringify({ name: 'fake', version: '1', licence: 'none', parameters: 0, sizeBytes: this.#memory.length, config: {} });
  beginToolSet(tools: unknown): string {
    const list = JSON.parse(String(tools)) as { name: string }[];
    const bad = list.findIndex(({ name }) => name === 'bad');
    if (bad >= 0) return fail('unsupported_schema', "'not' cannot be enforced", `tools[${bad}].parameters.not`);
    this.log.push('tools');
    this.toolsets.set(this.#next, list);
    return ok(this.#next++);
  }
  stepToolSet = () => ok(0);
  toolSetInfo = (id: number) => JSON.stringify({ tools: this.toolsets.get(id)!.map(({ name }) => name), warnings: [], tokens: 1 });
  releaseToolSet(id: number): void {
    this.log.push('release');
    this.toolsets.delete(id);
  }
  beginRoute(toolset: number, request: unknown): string {
    const { query } = JSON.parse(String(request)) as { query: string };
    if (query === 'trap') throw new WebAssembly.RuntimeError('unreachable');
    if (query === 'fail') return fail('query_too_long', 'too long', 'query');
    this.log.push(`route ${query}`);
    this.sessions.set(this.#next, { query, toolset, left: Number(/steps (\d+)/.exec(query)?.[1] ?? 1) });
    return ok(this.#next++);
  }
  /** A session's first step reads the request. */
  isEncoded = (id: number) => this.sessions.has(id);
  memoryBytes = () => 1 << 20;
  stepRoute(id: number): string {
    const session = this.sessions.get(id)!;
    return ok(--session.left <= 0);
  }
  partialResult(id: number): string {
    const left = this.sessions.get(id)?.left ?? 0;
    return JSON.stringify({ calls: left < 3 ? [{ name: 'echo', arguments: {} }] : [] });
  }
  finishRoute(id: number): string {
    const { query, toolset } = this.sessions.get(id)!;
    this.sessions.delete(id);
    const name = this.toolsets.get(toolset)![0]!.name;
    this.log.push(`end ${query}`);
    const confidence = query === 'unsure' ? 0.2 : 0.9;
    const type = query === 'incomplete' ? 'incomplete' : 'call';
    return ok({ type, calls: [{ name, arguments: { query }, evidence: {} }], confidence, considered: [name], warnings: [], tokens: {} });
  }
  abortRoute(id: number): void {
    this.log.push('abort');
    this.sessions.delete(id);
  }
  delete(): void {}
}

/** A platform whose engines live in this thread. Messages cross as structured clones and in later tasks, as with a worker. */
export function fakePlatform(variants: Variant[] = ['simd', 'relaxed']) {
  const engines: FakeEngine[] = [];
  const detectVariants = async (threads?: number) => variants.filter((variant) => threads !== 1 || !variant.endsWith('-mt'));
  const busy: boolean[] = [];
  function openTransport(): Transport {
    const engine = new FakeEngine();
    engines.push(engine);
    let toHost: (message: ClientMessage) => void = () => {};
    let toClient: (message: HostMessage) => void = () => {};
    let failed: (cause: Error) => void = () => {};
    let isOpen = true;
    const later = (work: () => void) => void setImmediate(() => isOpen && work());
    const host = new EngineHost({
      detectVariants,
      createEngine: async () => engine,
      async readModel({ bytes = new Uint8Array([1, 2, 3]) }, { reserve, report }) {
        (await reserve(bytes.length)).set(bytes);
        report(bytes.length, bytes.length, true);
      },
      yieldTurn: () => new Promise((resolve) => setImmediate(resolve)),
      sliceMs: 0, // a turn after each step
    });
    const transport: Transport = {
      post: (message) => later(() => toHost(structuredClone(message))),
      onMessage: (listener) => (toClient = listener),
      onFailure: (listener) => (failed = listener),
      close: () => void (isOpen = false),
      setBusy: (value) => void busy.push(value),
    };
    serve(
      { post: (message) => later(() => toClient(structuredClone(message))), onMessage: (listener) => (toHost = listener) },
      host,
      (error) => {
        isOpen = false;
        failed(error as Error);
      },
    );
    return transport;
  }
  const platform: Platform = {
    openTransport,
    resolveUrl: String,
    packagedModel: async () => ({ name: 'fake', url: 'file:///fake', bytes: 3, sha256: '' }),
    detectVariants,
    willDownload: async () => false,
  };
  return { platform, engines, busy };
}
