// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { detectVariants, nodeVariants, threadsFor } from '../../js/loading/detect-variants.js';
import { chooseVariants } from '../../js/protocol/choose-variants.js';
import type { Variant } from '../../js/protocol/messages.js';
import { hasNode24, node24, root } from '../e2e/built.js';

describe('detectVariants', () => {
  afterEach(() => vi.unstubAllGlobals());

  test('asks for more than validity: Node 20 accepts the relaxed dot by a flag, and computes it wrongly', async () => {
    const [major] = process.versions.node.split('.').map(Number);
    expect((await detectVariants(1))[0]).toBe(major! >= 22 ? 'relaxed' : 'simd');
    const script = `const { detectVariants } = await import('${root}/dist/loading/detect-variants.js'); console.log((await detectVariants(1))[0])`;
    const flags = major! < 22 ? ['--experimental-wasm-relaxed-simd'] : [];
    const { stdout } = spawnSync(process.execPath, [...flags, '--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(stdout.trim()).toBe(major! >= 22 ? 'relaxed' : 'simd');
  });

  test.skipIf(!hasNode24)('finds the relaxed build fit in Node 24', () => {
    const script = `const { detectVariants } = await import('${root}/dist/loading/detect-variants.js'); console.log((await detectVariants(1))[0])`;
    expect(spawnSync(node24, ['--input-type=module', '-e', script], { encoding: 'utf8' }).stdout.trim()).toBe('relaxed');
  });

  test('builds with threads come first where more than one may run, and not at all in pages that cannot share memory', async () => {
    const names = async (threads: number) => (await detectVariants(threads)).filter((name) => name.startsWith('simd'));
    expect(await names(2)).toEqual(['simd-mt', 'simd']);
    expect(await names(1)).toEqual(['simd']);
    vi.stubGlobal('crossOriginIsolated', false);
    expect(await names(2)).toEqual(['simd']);
  });

  test('as many threads as wanted, of those that the machine has, and never a crowd', () => {
    expect([threadsFor(8, 3), threadsFor(2, 3), threadsFor(2), threadsFor(64), threadsFor(undefined)]).toEqual([3, 2, 2, 4, 1]);
  });

  test('Node gets threads when it asks for them', async () => {
    expect((await nodeVariants())[0]).not.toMatch(/-mt$/);
    expect((await nodeVariants(2))[0]).toMatch(/-mt$/);
  });

  test('a build that was named runs, or is refused with what it needs', async () => {
    const detect = async (threads = 1): Promise<Variant[]> => (threads > 1 ? ['simd-mt', 'simd'] : ['simd']);
    expect(await chooseVariants(detect, undefined, undefined)).toEqual(['simd']);
    expect(await chooseVariants(detect, 'simd-mt', undefined)).toEqual(['simd-mt']);
    await expect(chooseVariants(detect, 'relaxed', undefined)).rejects.toMatchObject({ code: 'unsupported_runtime', path: 'options.variant' });
    await expect(chooseVariants(detect, 'simd-mt', 1)).rejects.toMatchObject({ code: 'unsupported_runtime', message: expect.stringContaining('cross-origin isolated') });
  });

  test('says unsupported_runtime where there is no SIMD', async () => {
    vi.stubGlobal('WebAssembly', { validate: () => false });
    await expect(detectVariants()).rejects.toMatchObject({ code: 'unsupported_runtime' });
  });

  test.each([true, false])('says unsupported_runtime where a policy forbids WebAssembly (relaxed SIMD is known: %s)', async (isKnown) => {
    const cause = new WebAssembly.CompileError("violates the Content Security Policy directive script-src 'self'");
    const isRelaxed = (probe: Uint8Array) => probe.join().includes('253,147,2'); // its opcode
    vi.stubGlobal('WebAssembly', { validate: (probe: Uint8Array) => isKnown || !isRelaxed(probe), instantiate: () => Promise.reject(cause) });
    await expect(detectVariants()).rejects.toMatchObject({ code: 'unsupported_runtime', message: expect.stringContaining('script-src'), cause });
  });
});
