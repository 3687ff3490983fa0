// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// Where measurements run: this Node, the newer Node of tests/runtimes, browsers, workerd. Each place is opened, asked to run a
// function of a module of ours with JSON options, any number of times, and closed. A further runtime is one entry more.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findBrowsers } from '../../browser/find-browsers.mjs';
import { bundleWorker, runWorker } from '../../runtimes/open-workerd.mjs';
import { serveCheckout } from './serve.mjs';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
const runtimes = join(root, 'tests/runtimes/node_modules');
const node24 = join(runtimes, 'node24/bin/node');
const miniflare = join(runtimes, 'miniflare/dist/src/index.js');

function openNode(program) {
  const version = spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout.trim();
  return {
    runtime: `Node ${version.slice(1)}`,
    run: (job) => new Promise((resolve, reject) => {
      const child = spawn(program, [join(root, 'tests/bench/runtime/node-main.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
      child.stdin.end(JSON.stringify(job));
      let output = '';
      child.stdout.on('data', (chunk) => (output += chunk));
      child.on('close', (code) => (code === 0 ? resolve(JSON.parse(output.trim().split('\n').at(-1))) : reject(new Error(`${program} ended with code ${code}`))));
    }),
    close: async () => {},
  };
}

/** The drivers of the browser tests are TypeScript, which Node 20 does not read. */
async function browserDrivers() {
  const { build } = await import('esbuild'); // only now: what this module's callers do first is to install it
  const outfile = join(root, 'build/bench/drivers.mjs');
  mkdirSync(join(root, 'build/bench'), { recursive: true });
  await build({ entryPoints: [join(root, 'tests/browser/drivers/index.ts')], outfile, bundle: true, packages: 'external', format: 'esm', platform: 'node', logLevel: 'error' });
  return import(pathToFileURL(outfile).href);
}

async function openBrowserPlace(name) {
  const { openBrowser } = await browserDrivers();
  const server = await serveCheckout(root);
  const browser = await openBrowser(name);
  const runInPage = (job) => window.measure(job);
  const isReady = () => typeof window.measure === 'function';
  return {
    runtime: browser.version,
    async run(job) {
      const page = await browser.open();
      try {
        await page.goto(`${server.url}tests/bench/runtime/page.html`);
        while (!(await page.run(isReady))) await new Promise((resolve) => setTimeout(resolve, 50));
        return await page.run(runInPage, job);
      } finally {
        await page.close();
      }
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** Runs the functions of runtime/workerd-main.mjs only: a worker imports nothing that was not uploaded with it. */
async function openWorkerd() {
  const folder = mkdtempSync(join(tmpdir(), 'needle-bench-'));
  const script = await bundleWorker(join(root, 'tests/bench/runtime/workerd-main.mjs'), folder, {
    alias: { 'needle-router/needle-simd.wasm': join(root, 'dist/generated/needle-simd.wasm'), 'needle-router': join(root, 'dist/entry/workerd.js') },
  });
  const runtime = await runWorker(script, { serviceBindings: { FILES: ({ url }) => new Response(readFileSync(join(root, new URL(url).pathname))) } });
  const { version } = JSON.parse(readFileSync(join(runtimes, 'workerd/package.json'), 'utf8'));
  return {
    runtime: `workerd ${version}`,
    isWorker: true,
    async run({ measure, options }) {
      const answer = await runtime.dispatchFetch('http://worker/', { method: 'POST', body: JSON.stringify({ measure, options }) });
      if (!answer.ok) throw new Error(await answer.text());
      return answer.json();
    },
    async close() {
      await runtime.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const found = findBrowsers();
const places = {
  node20: { isHere: () => process.version.startsWith('v20.'), open: async () => openNode(process.execPath) },
  node24: { isHere: () => existsSync(node24), open: async () => openNode(node24) },
  chromium: { isHere: () => found.chromium !== undefined, open: () => openBrowserPlace('chromium') },
  workerd: { isHere: () => existsSync(miniflare), open: openWorkerd },
  firefox: { isHere: () => found.firefox !== undefined, open: () => openBrowserPlace('firefox') },
};
export const placeNames = Object.keys(places);
export const hasPlace = (name) => places[name]?.isHere() ?? false;

/** -> { runtime, run({ module, measure, options }), close() } */
export const openPlace = (name) => places[name].open();
