// SPDX-License-Identifier: Apache-2.0
// What wrangler.jsonc gives the worker, as far as it is used here.

export interface Env {
  /** Where the weights are: the first of these three that is bound. */
  MODELS?: { get(key: string): Promise<{ arrayBuffer(): Promise<ArrayBuffer> } | null> };
  MODEL_KV?: { get(key: string, type: 'arrayBuffer'): Promise<ArrayBuffer | null> };
  ASSETS?: { fetch(url: string): Promise<Response> };
  RATE_LIMITER?: { limit(options: { key: string }): Promise<{ success: boolean }> };
  ALLOWED_ORIGINS?: string;
  MAX_BODY_BYTES?: string;
  MAX_TOOLS?: string;
}

export interface Context {
  waitUntil(work: Promise<unknown>): void;
}

const numberOf = (text: string | undefined, otherwise: number) => (text ? Number(text) : otherwise);

export const limitsOf = (env: Env) => ({
  bodyBytes: numberOf(env.MAX_BODY_BYTES, 64 << 10),
  tools: numberOf(env.MAX_TOOLS, 64),
});
