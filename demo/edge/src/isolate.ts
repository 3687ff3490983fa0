// SPDX-License-Identifier: Apache-2.0
// What an isolate keeps from one request to the next: the engine with its weights, and tools compiled once. Nothing of a
// request is in it: a router answers the same bytes to the same request, whatever it was asked before.
import { ToolRouter, type ToolSet } from 'needle-router';
import manifest from 'needle-router-model/manifest.json' with { type: 'json' };
import type { Context, Env } from './env.js';
import { HttpError } from './http.js';
import { toolsets } from './toolsets.js';

const modelKey = 'model.safetensors';

async function readWeights({ MODELS, MODEL_KV, ASSETS }: Env): Promise<ArrayBuffer> {
  const unavailable = (where: string) => new HttpError(503, 'model_not_found', `there is no ${modelKey} in ${where}`);
  if (MODELS) {
    const object = await MODELS.get(modelKey);
    if (!object) throw unavailable('the bucket MODELS');
    return object.arrayBuffer();
  }
  if (MODEL_KV) {
    const value = await MODEL_KV.get(modelKey, 'arrayBuffer');
    if (!value) throw unavailable('the namespace MODEL_KV');
    return value;
  }
  const response = await ASSETS?.fetch(`https://assets/${modelKey}`);
  if (!response?.ok) throw unavailable('the assets');
  return response.arrayBuffer();
}

export class Isolate {
  #loading: Promise<ToolRouter> | undefined;
  readonly #compiled = new Map<string, Promise<ToolSet>>();

  /** The engine. Requests that come while it loads share that load, which goes on when the first of them is cancelled. */
  router(env: Env, context: Context): Promise<ToolRouter> {
    if (!this.#loading) {
      const loading = readWeights(env).then((model) => ToolRouter.load({ model, sha256: manifest.sha256 }));
      loading.catch(() => (this.#loading = undefined)); // the next request tries anew
      context.waitUntil(loading.catch(() => {}));
      this.#loading = loading;
    }
    return this.#loading;
  }

  /** Tools that the worker brings along, compiled at their first use. */
  toolset(id: string, router: ToolRouter): Promise<ToolSet> {
    if (!Object.hasOwn(toolsets, id)) throw new HttpError(404, 'not_found', `there are the tool sets ${Object.keys(toolsets).join(', ')}`, 'toolset');
    const compiled = this.#compiled.get(id) ?? router.tools(toolsets[id]);
    compiled.catch(() => this.#compiled.delete(id));
    this.#compiled.set(id, compiled);
    return compiled;
  }
}
