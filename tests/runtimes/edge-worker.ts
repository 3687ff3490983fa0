// SPDX-License-Identifier: Apache-2.0
// The worker of demo/edge in workerd, bundled as wrangler does it, with the bindings that a test gives it.
import { join } from 'node:path';
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
  dispatchFetch(url: string, init?: RequestInit): Promise<Response>;
  getR2Bucket(name: string): Promise<{ put(key: string, bytes: Uint8Array): Promise<unknown> }>;
  getKVNamespace(name: string): Promise<{ put(key: string, bytes: Uint8Array): Promise<unknown> }>;
  dispose(): Promise<void>;
}

/** @param bindings as Miniflare takes them: serviceBindings, r2Buckets, kvNamespaces, bindings */
export async function startWorker(folder: string, bindings: object): Promise<Worker> {
  const script = await bundleWorker(join(root, 'demo/edge/src/worker.ts'), folder, { logLevel: 'silent', nodePaths: [join(folder, 'node_modules')], plugins: [fromFolder(folder, {})] });
  const runtime = (await runWorker(script, bindings)) as Miniflare;
  return {
    url: await runtime.ready,
    fetch: (path, init) => runtime.dispatchFetch(`http://worker${path}`, init),
    putInBucket: async (key, bytes) => void (await (await runtime.getR2Bucket('MODELS')).put(key, bytes)),
    putInNamespace: async (key, bytes) => void (await (await runtime.getKVNamespace('MODEL_KV')).put(key, bytes)),
    close: () => runtime.dispose(),
  };
}
