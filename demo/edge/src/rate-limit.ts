// SPDX-License-Identifier: Apache-2.0
// The hook that says whether a request may be answered: by the binding RATE_LIMITER, per address, where there is one. Put
// keys, quotas or accounts of your own here.
import type { Env } from './env.js';

export async function mayPass(request: Request, { RATE_LIMITER }: Env): Promise<boolean> {
  if (!RATE_LIMITER) return true;
  const { success } = await RATE_LIMITER.limit({ key: request.headers.get('cf-connecting-ip') ?? 'unknown' });
  return success;
}
