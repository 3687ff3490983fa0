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

/** A limit that is no number must not be no limit: nothing is more than NaN. */
function numberOf(env: Env, name: 'MAX_BODY_BYTES' | 'MAX_TOOLS', otherwise: number): number {
  const number = env[name] ? Number(env[name]) : otherwise;
  if (!Number.isFinite(number) || number <= 0) throw new Error(`${name} must be a number above 0, not '${env[name]}'`);
  return number;
}

export const limitsOf = (env: Env) => ({
  bodyBytes: numberOf(env, 'MAX_BODY_BYTES', 64 << 10),
  tools: numberOf(env, 'MAX_TOOLS', 64),
});
