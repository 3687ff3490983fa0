// SPDX-License-Identifier: Apache-2.0
// Compiled, never run: the public types as a user meets them.
import { NeedleError, ToolRouter, type LoadProgress, type RouteResult } from 'needle-router';

export async function use(signal: AbortSignal): Promise<string[]> {
  const onProgress = ({ phase, loaded, total, fromCache }: LoadProgress) => void [phase, loaded / total, fromCache];
  const router = await ToolRouter.load({ signal, modelUrl: new URL('file:///model'), sha256: '', workerUrl: '/worker.js', threads: 2, onProgress });
  const { variant, willDownload } = await ToolRouter.status({ variant: 'simd' });
  for await (const step of router.stream('x', [])) if (step.type !== 'partial') return [variant, String(willDownload), String(step.confidence)];
  const toolset = await router.tools([{ name: 'a' }], { onUnsupported: 'warn' });
  const result: RouteResult = await toolset.route([{ role: 'user', content: 'x' }], { toolChoice: { name: 'a' }, facts: { date: '2026-11-21' }, timeoutMs: 5 });
  // @ts-expect-error: an unknown option is a type error, too
  await router.route('x', [], { minConfidance: 1 });
  // @ts-expect-error: a result's type is one of three
  if (result.type === 'maybe') return [];
  try {
    const { calls } = await router.route('x', [], { minConfidence: 0.5, onEscalate: async (unsure) => unsure });
    return calls.map(({ name, arguments: { room }, evidence }) => `${name} ${String(room)} ${evidence['room']?.[0]}`);
  } catch (error) {
    if (NeedleError.isInstance(error)) return [error.code, error.path];
    throw error;
  } finally {
    await router[Symbol.asyncDispose]();
  }
}
