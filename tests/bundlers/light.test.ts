// SPDX-License-Identifier: Apache-2.0
// The packed packages through the light bundlers, and through none, each run in Chromium.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';
import { build as viteBuild, createServer as viteServer } from 'vite';
import { describe, expect, test } from 'vitest';
import { hasBrowser } from '../browser/drivers/index.js';
import { hasModel } from '../e2e/built.js';
import { build, call, copyAssets, expectToRoute, project, serveFolder, timeout } from './setting.js';

const html = (script: string) => `<!doctype html><title>x</title><script type="module" src="${script}"></script>`;

describe.skipIf(!hasModel || !hasBrowser('chromium'))('light bundlers', () => {
  test('Vite: built without configuration', { timeout }, async () => {
    const folder = project('vite');
    await viteBuild({ root: folder, configFile: false, logLevel: 'error', base: './' });
    await expectToRoute(`${await serveFolder(join(folder, 'dist'))}/index.html`);
  });

  test('Vite: its development server without configuration', { timeout }, async () => {
    const folder = project('vite-dev');
    const server = await viteServer({ root: folder, configFile: false, logLevel: 'error', server: { host: '127.0.0.1', port: 0 } });
    try {
      await server.listen();
      await expectToRoute(server.resolvedUrls!.local[0]!);
    } finally {
      await server.close();
    }
  });

  test('esbuild: the worker as a second entry, the assets copied', { timeout }, async () => {
    const folder = project('esbuild');
    const out = join(folder, 'out');
    await esbuild({
      absWorkingDir: folder, outdir: out, bundle: true, splitting: true, format: 'esm', logLevel: 'error',
      entryPoints: { 'app/main': './app.js', 'host/web-worker-entry': 'needle-router/worker' }, chunkNames: 'app/[name]-[hash]',
    });
    copyAssets(folder, out);
    writeFileSync(join(out, 'index.html'), html('./app/main.js'));
    await expectToRoute(`${await serveFolder(out)}/index.html`);
  });

  test('Rollup: the worker as a second entry, the assets copied', { timeout }, async () => {
    const folder = project('rollup');
    const out = join(folder, 'out');
    const input = { 'app/main': join(folder, 'app.js'), 'host/web-worker-entry': join(folder, 'node_modules/needle-router/dist/host/web-worker-entry.js') };
    const bundle = await rollup({ input, plugins: [nodeResolve({ browser: true })] });
    await bundle.write({ dir: out, format: 'es', entryFileNames: '[name].js', chunkFileNames: 'app/[name]-[hash].js' });
    await bundle.close();
    copyAssets(folder, out);
    writeFileSync(join(out, 'index.html'), html('./app/main.js'));
    await expectToRoute(`${await serveFolder(out)}/index.html`);
  });

  test('no bundler: a static folder and an import map', { timeout }, async () => {
    const folder = project('plain');
    const imports = { 'needle-router': './node_modules/needle-router/dist/entry/browser.js', 'needle-router-model': './node_modules/needle-router-model/index.js' };
    writeFileSync(join(folder, 'index.html'), `<!doctype html><title>x</title><script type="importmap">${JSON.stringify({ imports })}</script><script type="module" src="./app.js"></script>`);
    await expectToRoute(`${await serveFolder(folder)}/index.html`);
  });

  test('esbuild for Node: the packages stay outside', { timeout }, async () => {
    const folder = project('esbuild-node');
    writeFileSync(join(folder, 'server.js'), "import { ToolRouter } from 'needle-router'; import { tools } from './tools.js';\nconst router = await ToolRouter.load();\nconst { calls } = await router.route('dim the kitchen to 30%', tools);\nif (JSON.stringify(calls[0].arguments) !== process.argv[2]) throw new Error(JSON.stringify(calls));\n");
    await esbuild({ absWorkingDir: folder, entryPoints: ['server.js'], outfile: join(folder, 'out.js'), bundle: true, format: 'esm', platform: 'node', packages: 'external', logLevel: 'error' });
    expect(() => build(['out.js', JSON.stringify(call.arguments)], folder)).not.toThrow();
  });
});
