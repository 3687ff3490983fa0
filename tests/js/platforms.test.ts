// SPDX-License-Identifier: Apache-2.0
// What platforms make of options; that they run is tested in tests/runtimes and tests/browser.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ToolRouter as Unbound } from '../../js/api/tool-router.js';
import type { LoadOptions } from '../../js/api/types.js';
import { edgePlatform } from '../../js/platform/edge.js';
import type { Platform } from '../../js/platform/platform.js';
import { fakePlatform } from './fake-engine.js';

class ToolRouter extends Unbound {
  static load = (platform: Platform, options: LoadOptions) => this.loadOn(platform, options);
  static status = (platform: Platform, options: LoadOptions) => this.statusOn(platform, options);
}
const simd = new WebAssembly.Module(readFileSync(new URL('../../js/generated/needle-simd.wasm', import.meta.url)));
const relaxed = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])); // in its place: Node 20 compiles none
const model = new Uint8Array([66]);

test('at the edge the .wasm of the simd build may be given, whether the relaxed build is there or not', async () => {
  for (const platform of [edgePlatform(relaxed), edgePlatform()]) {
    const options = { wasmModule: simd, model };
    expect(await ToolRouter.status(platform, options)).toMatchObject({ variant: 'simd' });
    await expect(ToolRouter.load(platform, options)).rejects.toMatchObject({ code: 'invalid_model' }); // by the engine
  }
  expect(await ToolRouter.status(edgePlatform(relaxed), { model })).toMatchObject({ variant: 'relaxed' });
});

test('status() names the build that load() runs, also with a .wasm from elsewhere', async () => {
  const platform: Platform = { ...fakePlatform().platform, detectVariants: async () => ['relaxed', 'simd'] };
  for (const [options, variant] of [[{}, 'relaxed'], [{ wasmUrl: 'https://a.example/b.wasm' }, 'simd'], [{ wasmUrl: 'x', variant: 'relaxed' }, 'relaxed']] as const) {
    expect(await ToolRouter.status(platform, options)).toMatchObject({ variant });
  }
});
