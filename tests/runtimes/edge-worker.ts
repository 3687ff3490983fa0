// SPDX-License-Identifier: Apache-2.0
// The worker of demo/edge in workerd, bundled as wrangler does it, with the bindings that a test gives it.
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { root } from '../e2e/built.js';
import { bundleWorker, runWorker } from './open-workerd.mjs';
import { fromFolder } from './setting.js';

export interface Worker {
  url: URL;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  putInBucket(key: string, bytes: Uint8Array): Promise<void>;
  putInNamespace(key: string, bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

interface Miniflare {
  ready: Promise<URL>;
  getR2Bucket(name: string): Promise<{ put(key: string, bytes: Uint8Array): Promise<unknown> }>;
  getKVNamespace(name: string): Promise<{ put(key: string, bytes: Uint8Array): Promise<unknown> }>;
  dispose(): Promise<void>;
}

/** @param bindings as Miniflare takes them: serviceBindings, r2Buckets, kvNamespaces, bindings */
export async function startWorker(folder: string, bindings: object): Promise<Worker> {
  const script = await bundleWorker(join(root, 'demo/edge/src/worker.ts'), folder, { logLevel: 'silent', nodePaths: [join(folder, 'node_modules')], plugins: [fromFolder(folder, {})] });
  const runtime = (await runWorker(script, bindings)) as Miniflare;
  const url = await runtime.ready;
  return {
    url,
    fetch: (path, init) => fetchOnce(new URL(path, url), init),
    putInBucket: async (key, bytes) => void (await (await runtime.getR2Bucket('MODELS')).put(key, bytes)),
    putInNamespace: async (key, bytes) => void (await (await runtime.getKVNamespace('MODEL_KV')).put(key, bytes)),
    close: () => runtime.dispose(),
  };
}

/**
 * Over a connection of its own: workerd closes the one of a body that the worker did not read to its end, and a client
 * with a pool may have put its next request on it by then.
 */
function fetchOnce(url: URL, { method = 'GET', headers, body }: RequestInit = {}): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers: Object.fromEntries(new Headers(headers)), agent: false }, (response) => {
      const status = response.statusCode!;
      const pairs = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as [string, string]);
      resolve(new Response(status === 204 ? null : (Readable.toWeb(response) as ReadableStream), { status, headers: pairs }));
    });
    request.on('error', reject);
    if (body instanceof ReadableStream) Readable.fromWeb(body as never).pipe(request);
    else request.end(body);
  });
}
