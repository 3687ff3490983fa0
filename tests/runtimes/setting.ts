// SPDX-License-Identifier: Apache-2.0
// What the tests of a runtime start from: the packed packages installed in a folder, a host of the model, and a guest
// program bundled as its users would bundle it there.
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { root } from '../e2e/built.js';

const runtimes = join(root, 'tests/runtimes/node_modules');
const programAt = (path: string) => (existsSync(join(runtimes, path)) ? join(runtimes, path) : undefined);

/** What `npm ci` put there; undefined where it could not. */
export const programs = {
  node24: programAt('node24/bin/node'),
  deno: programAt('@deno/linux-x64-glibc/deno'),
  bun: programAt('@oven/bun-linux-x64/bin/bun'),
  miniflare: programAt('miniflare/dist/src/index.js'),
  edgeVm: programAt('@edge-runtime/vm/dist/index.js'),
};

export const manifest = JSON.parse(readFileSync(join(root, 'models/manifest.json'), 'utf8')) as { file: string; sha256: string };
export const modelFile = join(root, 'models', manifest.file);

/**
 * Bundles a guest into the folder where the packages are installed, with their exports for these conditions.
 * @param external what is not bundled, and what it is called where the guest runs
 */
export async function bundleGuest(name: string, folder: string, options: BuildOptions, external: Record<string, string> = {}): Promise<string> {
  const outfile = join(folder, `${name}.js`);
  await build({
    entryPoints: [join(root, 'tests/runtimes/guests', `${name}.ts`)],
    outfile, bundle: true, format: 'esm', target: 'es2022', logLevel: 'silent', nodePaths: [join(folder, 'node_modules')],
    ...options,
    plugins: [fromFolder(folder, external)],
  });
  return outfile;
}

/** The packages under test are those of the folder, not those of this checkout. */
export function fromFolder(folder: string, external: Record<string, string>): Plugin {
  const filter = /^needle-router/;
  return {
    name: 'installed',
    setup(bundle) {
      bundle.onResolve({ filter }, async ({ path, kind, pluginData }) => {
        if (pluginData === 'installed') return undefined;
        if (external[path]) return { path: external[path], external: true };
        return bundle.resolve(path, { resolveDir: folder, kind, pluginData: 'installed' });
      });
    },
  };
}

export interface FolderHost {
  url: string;
  close(): void;
}

/** Serves files of a folder, and other files by the paths given. */
export async function serveFolder(folder: string, others: Record<string, string> = {}): Promise<FolderHost> {
  const types: Record<string, string> = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.html': 'text/html', '.wasm': 'application/wasm' };
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url!, 'http://host').pathname);
    const file = others[path] ?? join(folder, path);
    if (!existsSync(file) || !extname(file)) return void response.writeHead(404).end();
    const body = readFileSync(file);
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream', 'content-length': body.length, 'access-control-allow-origin': '*' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void (server.closeAllConnections(), server.close()),
  };
}
