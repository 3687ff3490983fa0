// SPDX-License-Identifier: Apache-2.0
// What platforms make of options; that they run is tested in tests/runtimes and tests/browser.
import { afterEach, expect, test, vi } from 'vitest';
import { ToolRouter as Unbound } from '../../js/api/tool-router.js';
import type { LoadOptions } from '../../js/api/types.js';
import { staticEnvironment } from '../../js/host/static-environment.js';
import { createEngine } from '../../js/loading/builds.js';
import { fetchWasm } from '../../js/loading/compile-wasm.js';
import { edgePlatform } from '../../js/platform/edge.js';
import type { Platform } from '../../js/platform/platform.js';
import { resolveUrl } from '../../js/platform/web.js';
import { fakePlatform } from './fake-engine.js';

class ToolRouter extends Unbound {
  static load = (platform: Platform, options: LoadOptions) => this.loadOn(platform, options);
  static status = (platform: Platform, options: LoadOptions) => this.statusOn(platform, options);
}
const wasm = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])); // of no build, which is for its glue to find out
const model = new Uint8Array([66]);
afterEach(() => vi.unstubAllGlobals());

test('at the edge the .wasm of the simd build may be given, whether the relaxed build is there or not', async () => {
  for (const platform of [edgePlatform(wasm), edgePlatform()]) {
    const options = { wasmModule: wasm, model };
    expect(await ToolRouter.status(platform, options)).toMatchObject({ variant: 'simd' });
    await expect(ToolRouter.load(platform, options)).rejects.toMatchObject({ code: 'engine_unreachable', message: expect.stringContaining('simd') });
  }
  expect(await ToolRouter.status(edgePlatform(wasm), { model })).toMatchObject({ variant: 'relaxed' });
});

test('status() names the build that load() runs, also with a .wasm from elsewhere', async () => {
  const platform: Platform = { ...fakePlatform().platform, detectVariants: async () => ['relaxed', 'simd'] };
  for (const [options, variant] of [[{}, 'relaxed'], [{ wasmUrl: 'https://a.example/b.wasm' }, 'simd'], [{ wasmUrl: 'x', variant: 'relaxed' }, 'relaxed']] as const) {
    expect(await ToolRouter.status(platform, options)).toMatchObject({ variant });
  }
});

test('a URL that is none is refused by the name of its option', async () => {
  vi.stubGlobal('location', { href: 'https://page.example/' });
  const web: Platform = { ...fakePlatform().platform, resolveUrl };
  for (const platform of [web, edgePlatform()]) {
    for (const [options, path] of [[{ modelUrl: 'http://[' }, 'options.modelUrl'], [{ wasmUrl: 'https://[', model }, 'options.wasmUrl']] as const) {
      await expect(ToolRouter.load(platform, options)).rejects.toMatchObject({ code: 'invalid_argument', path });
    }
    await expect(ToolRouter.status(platform, { modelUrl: 'http://[' })).rejects.toMatchObject({ code: 'invalid_argument', path: 'options.modelUrl' });
  }
  await expect(ToolRouter.load(edgePlatform(), { modelUrl: 'm.safetensors' })).rejects.toMatchObject({ path: 'options.modelUrl', message: expect.stringContaining('no page') });
});

test('a .wasm whose URL is none is engine_unreachable, wherever the engine runs', async () => {
  const builds = { simd: { create: () => new Promise<never>(() => {}) } };
  const environment = staticEnvironment({ builds, yieldTurn: async () => {}, detectVariants: async () => ['simd'] });
  const unreachable = { code: 'engine_unreachable', path: 'https://[' };
  await expect(environment.createEngine('simd', 1, { url: 'https://[' })).rejects.toMatchObject(unreachable);
  await expect(createEngine('simd', 1, fetchWasm, { url: 'https://[' })).rejects.toMatchObject(unreachable);
});
