// SPDX-License-Identifier: Apache-2.0
// The demo as static files in dist-demo/, from the published package: `needle-router` resolves to this package by its
// own exports, as it would in anybody's project. Paths are relative, so that any folder of any host can serve them.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'esbuild';
import { defineConfig, type Plugin } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));

// What the service worker does not keep: the weights are in the package's own cache, `_headers` is for the host.
const notKept = /\.safetensors$|^_headers$|^sw\.js$|\.map$/;

/** Writes sw.js last of all, when every other file is there to be listed in it. */
function serviceWorker(): Plugin {
  let outDir = '';
  return {
    name: 'service-worker',
    apply: 'build',
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir);
    },
    async closeBundle() {
      const files = readdirSync(outDir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(outDir, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
        .filter((path) => !notKept.test(path))
        .sort();
      const hash = createHash('sha256');
      for (const path of files) hash.update(path).update('\0').update(readFileSync(join(outDir, path)));
      await bundle({
        entryPoints: [join(here, 'offline/service-worker.ts')],
        outfile: join(outDir, 'sw.js'),
        bundle: true,
        minify: true,
        target: 'es2022',
        define: { PAGE_FILES: JSON.stringify(files), PAGE_VERSION: JSON.stringify(hash.digest('hex').slice(0, 16)) },
      });
    },
  };
}

const port = Number(process.env['PORT'] ?? 4173);

export default defineConfig({
  root: here,
  base: './',
  appType: 'mpa', // a file that is not there is a 404, not the page
  resolve: { conditions: ['browser', 'module', 'import', 'default'] },
  worker: { format: 'es' },
  build: { outDir: '../dist-demo', emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  preview: {
    port,
    strictPort: process.env['PORT'] !== undefined,
    host: process.env['HOST'] ?? '127.0.0.1',
    headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp', 'Cross-Origin-Resource-Policy': 'same-origin' },
  },
  plugins: [serviceWorker()],
});
