// SPDX-License-Identifier: Apache-2.0
// What every bundler's test starts from: a folder with the app and the two packages as npm would install them, and a
// browser that opens what became of it.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, extname, join } from 'node:path';
import { afterAll, afterEach, expect } from 'vitest';
import { openBrowser } from '../browser/drivers/index.js';
import type { Browser } from '../browser/drivers/driver.js';
import { root } from '../e2e/built.js';

export const here = join(root, 'tests/bundlers');
export const installed = join(here, 'node_modules');
/** Bundlers beyond the light ones run in `npm run test:long` only, where they are installed. */
export const isLong = Boolean(process.env['NEEDLE_LONG']) && existsSync(join(installed, 'webpack'));
/** For the builds and servers of a slow, busy machine. */
export const timeout = 900_000;

const npm = process.env['npm_execpath'] ? [process.execPath, process.env['npm_execpath']] : ['npm'];
const modelFile = /^needle-router-\S+\.safetensors$/;
let packed: string | undefined;

/** Both packages as npm packs them, unpacked. Without scripts: the build that is there is the one to test. */
function packedPackages(): string {
  if (packed) return packed;
  packed = join(here, `.work/packed-${process.pid}`);
  rmSync(packed, { recursive: true, force: true });
  for (const [name, folder] of [['needle-router', root], ['needle-router-model', join(root, 'models')]] as const) {
    const into = join(packed, name);
    mkdirSync(into, { recursive: true });
    const [{ filename }] = JSON.parse(execFileSync(npm[0]!, [...npm.slice(1), 'pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', packed], { cwd: folder, encoding: 'utf8' })) as [{ filename: string }];
    execFileSync('tar', ['-xzf', join(packed, basename(filename)), '-C', into, '--strip-components=1']);
  }
  return packed;
}

/** A fresh folder with the app, what stands in `fixture`, and both packages in its node_modules. */
export function project(name: string, fixture?: string): string {
  const folder = join(here, '.work', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  for (const file of ['app.js', 'tools.js', 'index.html']) cpSync(join(here, file), join(folder, file));
  if (fixture) cpSync(join(here, fixture), folder, { recursive: true });
  for (const dependency of ['needle-router', 'needle-router-model']) cpSync(join(packedPackages(), dependency), join(folder, 'node_modules', dependency), { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  return folder;
}

/** For bundlers that leave `new URL(…, import.meta.url)` as it stands: the files that it names, where it names them. */
export function copyAssets(folder: string, out: string): void {
  const generated = join(folder, 'node_modules/needle-router/dist/generated');
  mkdirSync(join(out, 'generated'), { recursive: true });
  for (const name of readdirSync(generated).filter((file) => /\.wasm$|-mt\.js$/.test(file))) cpSync(join(generated, name), join(out, 'generated', name));
  const model = join(folder, 'node_modules/needle-router-model');
  for (const name of readdirSync(model).filter((file) => modelFile.test(file))) cpSync(join(model, name), join(out, 'app', name));
}

const types: Record<string, string> = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.html': 'text/html', '.wasm': 'application/wasm' };
const isolating = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
const servers: Server[] = [];
const children: ChildProcess[] = [];
let browser: Browser | undefined;

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
afterAll(async () => {
  await browser?.close();
  if (packed) rmSync(packed, { recursive: true, force: true });
});

/** A host of plain files, whose pages are cross-origin isolated: they may have threads. */
export async function serveFolder(folder: string): Promise<string> {
  const server = createServer((request, response) => {
    const path = join(folder, decodeURIComponent(new URL(request.url!, 'http://localhost').pathname));
    if (!existsSync(path) || !statSync(path).isFile()) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream', ...isolating }).end(readFileSync(path));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** As from a shell: Vitest's own variables, NODE_ENV=test above all, are not what bundlers are used with. */
const shellEnv = () => ({ ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(NODE_ENV|NODE_OPTIONS|TEST|DEV|PROD|MODE|SSR|BASE_URL|VITEST.*|TINYPOOL.*)$/.test(name))), NEXT_TELEMETRY_DISABLED: '1' });

/** Starts a development server as a process and answers when it does. */
export async function start(args: string[], cwd: string, url: string): Promise<string> {
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: shellEnv() });
  children.push(child);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => void (printed += text));
  while (!(await fetch(url).then((response) => response.ok, () => false))) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${printed}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return url;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Runs a command of an installed bundler to its end. */
export function build(args: string[], cwd: string): void {
  execFileSync(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: 600_000, env: shellEnv() });
}

export const call = { name: 'set_light', arguments: { room: 'kitchen', brightness: 30 } };

/** Opens the app in Chromium: it routes there, in a worker, as it does everywhere, with threads where there may be some. */
export async function expectToRoute(url: string): Promise<void> {
  browser ??= await openBrowser('chromium');
  const page = await browser.open();
  try {
    await page.goto(url);
    const answer = await page.run(async () => {
      const app = globalThis as { answer?: Promise<unknown> };
      const end = Date.now() + 240_000; // development servers build when they are first asked
      while (!app.answer && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
      return app.answer ?? { error: 'the app did not start' };
    });
    expect(answer).toMatchObject({ type: 'call', calls: [call], isInWorker: true });
    const { isThreaded, mayThread, isIsolated } = answer as Record<string, boolean>;
    expect([isIsolated, isThreaded]).toEqual([(await fetch(url)).headers.has('cross-origin-embedder-policy'), mayThread]);
  } finally {
    await page.close();
  }
}
