// SPDX-License-Identifier: Apache-2.0
// What the tests of the demo start from: the demo built from this package, a plain static host for it, and Chromium.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { findBrowsers } from '../browser/find-browsers.mjs';
import { root } from '../e2e/built.js';

const built = join(root, 'build/demo-under-test');
/** Kept as artefacts, to be looked at. */
const shots = join(root, 'build/screenshots/demo');

export const chromiumPath = findBrowsers().chromium as string | undefined;

const types: Record<string, string> = {
  '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.png': 'image/png', '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json', '.safetensors': 'application/octet-stream',
};

/** The rules of the demo's `_headers` that hold for every path, as a host that reads the file would send them. */
export function headersOfHost(): Record<string, string> {
  const [, rules] = /^\/\*\n((?: {2}.*\n)+)/m.exec(readFileSync(join(built, '_headers'), 'utf8'))!;
  return Object.fromEntries(rules!.trim().split('\n').map((line) => line.trim().split(/:\s*(.*)/).slice(0, 2)));
}

export interface Host {
  /** The page's address, with a slash at its end. */
  url: string;
  /** Paths that were asked for, in order. */
  seen: string[];
  /** Sent with everything; none by default, as on a plain host. */
  headers: Record<string, string>;
  isOffline: boolean;
  /** Bytes a second of the weights; 0: as fast as it goes. */
  bytesPerSecond: number;
}

export interface Setting {
  host: Host;
  /** A page of a visitor of its own, with nothing kept from others. What it logs and asks for is collected. */
  visit(options?: BrowserContextOptions): Promise<Visit>;
  /** The processor time that pages and their workers took so far. */
  rendererMs(): Promise<number>;
}

export interface Visit {
  page: Page;
  /** Errors on the console, uncaught ones, and violations of the policy. */
  problems: string[];
  /** Every URL that anything of the page, its workers included, asked for. */
  requests: string[];
}

function buildDemo(): void {
  const vite = spawnSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--config', join(root, 'demo/vite.config.ts'), '--outDir', built, '--logLevel', 'warn'], { cwd: root, encoding: 'utf8' });
  if (vite.status !== 0) throw new Error(`vite build: ${vite.stderr}`);
}

/** Serves the built demo from a folder of a host, as GitHub Pages does. */
function serveDemo(): { host: Host; server: Server } {
  const host: Host = { url: '', seen: [], headers: {}, isOffline: false, bytesPerSecond: 0 };
  const server = createServer((request, response) => {
    if (host.isOffline) return void request.socket.destroy();
    const { pathname } = new URL(request.url!, 'http://host');
    host.seen.push(pathname);
    const path = join(built, normalize(pathname.replace(/^\/some\/folder\//, '/')).replace(/\/$/, '/index.html'));
    if (!pathname.startsWith('/some/folder/') || !existsSync(path) || !statSync(path).isFile()) return void response.writeHead(404).end();
    const body = readFileSync(path);
    response.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/plain', 'content-length': body.length, 'cache-control': 'no-cache', ...host.headers });
    if (!path.endsWith('.safetensors') || host.bytesPerSecond === 0) return void response.end(body);
    const size = Math.ceil(host.bytesPerSecond / 20);
    const send = (from: number) => {
      if (from >= body.length) return void response.end();
      response.write(body.subarray(from, from + size));
      setTimeout(send, 50, from + size);
    };
    send(0);
  });
  return { host, server };
}

/** Registers the hooks; the setting is filled when a test runs. */
export function useDemo(): Setting {
  const setting = {} as Setting;
  let browser: Browser;
  let server: Server;
  beforeAll(async () => {
    buildDemo();
    mkdirSync(shots, { recursive: true });
    const served = serveDemo();
    server = served.server;
    await new Promise<void>((resolve) => server.listen(0, resolve));
    setting.host = served.host;
    setting.host.url = `http://localhost:${(server.address() as AddressInfo).port}/some/folder/`;
    browser = await chromium.launch({ executablePath: chromiumPath!, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
    const devtools = await browser.newBrowserCDPSession();
    setting.rendererMs = async () => {
      const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
      return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { cpuTime }) => sum + cpuTime * 1000, 0);
    };
    setting.visit = async (options = {}) => {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
      const page = await context.newPage();
      const visit: Visit = { page, problems: [], requests: [] };
      page.on('console', (message) => message.type() === 'error' && visit.problems.push(message.text()));
      page.on('pageerror', (error) => visit.problems.push(String(error)));
      context.on('request', (request) => visit.requests.push(request.url()));
      page.setDefaultTimeout(60_000);
      return visit;
    };
  });
  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
  });
  return setting;
}

export interface ShownResult {
  type: string;
  calls: { name: string; arguments: Record<string, unknown>; evidence: Record<string, [number, number]> }[];
  confidence: number;
  considered: string[];
  missing?: string[];
}

/** The result that the page shows for that request, once it does. */
export async function resultOf(page: Page, request: string): Promise<ShownResult> {
  await page.waitForFunction((text) => document.querySelector<HTMLElement>('[data-testid="result"]')!.dataset['request'] === text, request);
  return JSON.parse((await page.textContent('[data-testid="result"]'))!) as ShownResult;
}

export async function ask(page: Page, request: string): Promise<ShownResult> {
  await page.fill('[data-testid="request"]', request);
  return resultOf(page, request);
}

/** Waits until the network is loaded and the preset's first request is answered. */
export async function untilReady(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('[data-testid="result"]')!.textContent !== '');
}

export async function shoot(page: Page, name: string, fullPage = false): Promise<void> {
  await page.waitForTimeout(700); // lights and threads have moved
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage });
}
