// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// A worker in workerd: bundled as wrangler does it, and run by Miniflare. Both are imported only when they are asked for:
// what some callers do first is to install them.
import { dirname, join } from 'node:path';

/** -> the script's path. @param options further ones of esbuild */
export async function bundleWorker(entry, folder, options) {
  const { build } = await import('esbuild');
  const outfile = join(folder, 'worker.js');
  await build({
    entryPoints: [entry], outfile, bundle: true, format: 'esm', target: 'es2022', logLevel: 'error',
    conditions: ['workerd', 'worker', 'browser'], loader: { '.wasm': 'copy' }, ...options,
  });
  return outfile;
}

/** Runs a bundled script, with the .wasm beside it. @param bindings as Miniflare takes them */
export async function runWorker(scriptPath, bindings) {
  const { Miniflare } = await import('./node_modules/miniflare/dist/src/index.js');
  const runtime = new Miniflare({
    scriptPath, modules: true, modulesRoot: dirname(scriptPath),
    modulesRules: [{ type: 'ESModule', include: ['**/*.js'] }, { type: 'CompiledWasm', include: ['**/*.wasm'] }],
    compatibilityDate: '2025-06-01', cf: false, ...bindings,
  });
  await runtime.ready;
  return runtime;
}
