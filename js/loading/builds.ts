// SPDX-License-Identifier: Apache-2.0
// Runs in: worker
// The builds, each as a literal import(), so that bundlers see them. Nothing here or after edits the generated glue.
import type { Engine, MainModule } from '../generated/needle-simd.mjs';
import { makeError } from '../protocol/errors.js';
import type { Variant } from '../protocol/messages.js';

type CreateModule = (options: { threads?: number | undefined }) => Promise<MainModule>;

const builds: Record<Variant, () => Promise<{ default: (options?: unknown) => Promise<MainModule> }>> = {
  relaxed: () => import('../generated/needle-relaxed.mjs'),
  simd: () => import('../generated/needle-simd.mjs'),
};

/** How long a build with threads may take to start: where its memory cannot be shared it never answers. */
const threadedStartMs = 10_000;

export async function createEngine(variant: Variant, threads?: number): Promise<Engine> {
  return startEngine(variant, (await builds[variant]()).default, threads);
}

/** Runs a build's factory; every way in which that can fail is a typed error. */
export async function startEngine(variant: string, createModule: CreateModule, threads?: number, startMs = threadedStartMs): Promise<Engine> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isLate = new Promise<never>((_, reject) => {
    if (variant.endsWith('-mt')) timer = setTimeout(reject, startMs, makeError('out_of_memory', `the ${variant} build did not start within ${startMs} ms`));
  });
  try {
    const module = await Promise.race([createModule({ threads }), isLate]);
    return new module.Engine();
  } catch (cause) {
    if (cause instanceof RangeError) throw makeError('out_of_memory', `there is no memory for the ${variant} build: ${cause.message}`, { cause });
    throw cause;
  } finally {
    clearTimeout(timer);
  }
}
