// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { detectVariants } from '../../js/loading/detect-variants.js';
import { hasNode24, node24, root } from '../e2e/built.js';

describe('detectVariants', () => {
  afterEach(() => vi.unstubAllGlobals());

  test('asks for more than validity: Node 20 accepts the relaxed dot by a flag, and computes it wrongly', async () => {
    const [major] = process.versions.node.split('.').map(Number);
    expect((await detectVariants())[0]).toBe(major! >= 22 ? 'relaxed' : 'simd');
    const script = `const { detectVariants } = await import('${root}/dist/loading/detect-variants.js'); console.log((await detectVariants())[0])`;
    const flags = major! < 22 ? ['--experimental-wasm-relaxed-simd'] : [];
    const { stdout } = spawnSync(process.execPath, [...flags, '--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(stdout.trim()).toBe(major! >= 22 ? 'relaxed' : 'simd');
  });

  test.skipIf(!hasNode24)('finds the relaxed build fit in Node 24', () => {
    const script = `const { detectVariants } = await import('${root}/dist/loading/detect-variants.js'); console.log((await detectVariants())[0])`;
    expect(spawnSync(node24, ['--input-type=module', '-e', script], { encoding: 'utf8' }).stdout.trim()).toBe('relaxed');
  });

  test('says unsupported_runtime where there is no SIMD', async () => {
    vi.stubGlobal('WebAssembly', { validate: () => false });
    await expect(detectVariants()).rejects.toMatchObject({ code: 'unsupported_runtime' });
  });

  test('says unsupported_runtime where a policy forbids WebAssembly', async () => {
    const cause = new WebAssembly.CompileError("violates the Content Security Policy directive script-src 'self'");
    vi.stubGlobal('WebAssembly', { validate: () => true, instantiate: () => Promise.reject(cause) });
    await expect(detectVariants()).rejects.toMatchObject({ code: 'unsupported_runtime', message: expect.stringContaining('script-src'), cause });
  });
});
