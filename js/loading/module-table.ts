// SPDX-License-Identifier: Apache-2.0
// Runs in: worker
// The builds, each as a literal import(), so that bundlers see them. Nothing here or after edits the generated glue.
import type { Engine, MainModule } from '../generated/needle-simd.mjs';
import type { Variant } from '../protocol/messages.js';

const modules: Record<Variant, () => Promise<{ default: (options?: unknown) => Promise<MainModule> }>> = {
  simd: () => import('../generated/needle-simd.mjs'),
  relaxed: () => import('../generated/needle-relaxed.mjs'),
};

export async function createEngine(variant: Variant): Promise<{ engine: Engine; variant: Variant }> {
  const { default: createModule } = await modules[variant]();
  const module = await createModule();
  return { engine: new module.Engine(), variant };
}
