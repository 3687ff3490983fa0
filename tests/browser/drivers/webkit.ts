// SPDX-License-Identifier: Apache-2.0
// WebKitGTK by its own WebDriver, in plain HTTP calls, on a screen that exists in memory only. A session has one page
// and storage of its own, so every page is a session.
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { expressionOf, valueOf, type Browser, type BrowserOptions, type Page } from './driver.js';

export interface WebKitPrograms {
  driver: string;
  browser: string;
  screen: string;
}

/** Longer than any test waits for a page, so that it is the test that ends. */
const scriptMs = 300_000;

export async function openWebKit(programs: WebKitPrograms, { width = 1000, height = 700 }: BrowserOptions = {}): Promise<Browser> {
  const screen = await openScreen(programs.screen, width, height);
  const port = await freePort();
  const driver = spawn(programs.driver, [`--port=${port}`], { stdio: 'ignore', env: { ...process.env, DISPLAY: screen.display } });
  const call = caller(`http://127.0.0.1:${port}`);
  const pages = new Set<Page>();
  const browserOptions = { binary: programs.browser, args: ['--automation', `--geometry=${width}x${height}`] };
  const start = () => call('POST', '/session', { capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': browserOptions } } }) as Promise<Session>;
  const open = async (): Promise<Page> => {
    const page = pageOf(call, (await start()).sessionId, () => pages.delete(page));
    await page.goto('about:blank');
    pages.add(page);
    return page;
  };
  await untilAnswering(call);
  const { sessionId, capabilities } = await start();
  await call('DELETE', `/session/${sessionId}`);
  return {
    version: `WebKitGTK ${capabilities.browserVersion}`,
    open,
    async close() {
      for (const page of pages) await page.close();
      await ended(driver);
      await ended(screen.process);
    },
  };
}

interface Session {
  sessionId: string;
  capabilities: { browserVersion: string };
}
type Call = (method: string, path: string, body?: object) => Promise<unknown>;

function pageOf(call: Call, sessionId: string, onClose: () => void): Page {
  const session = `/session/${sessionId}`;
  const isSet = call('POST', `${session}/timeouts`, { script: scriptMs });
  return {
    goto: async (url) => void (await call('POST', `${session}/url`, { url })),
    async run(work: (argument: never) => unknown, argument?: unknown) {
      await isSet;
      const script = `const done = arguments[0]; ${expressionOf(work, argument)}.then(done);`;
      return valueOf((await call('POST', `${session}/execute/async`, { script, args: [] })) as string) as never;
    },
    screenshot: async (path) => writeFileSync(path, Buffer.from((await call('GET', `${session}/screenshot`)) as string, 'base64')),
    async close() {
      onClose();
      await call('DELETE', session);
    },
  };
}

function caller(base: string): Call {
  return async (method, path, body) => {
    const response = await fetch(base + path, { method, ...(body && { body: JSON.stringify(body) }) });
    const { value } = (await response.json()) as { value: { error?: string; message?: string } | null };
    if (!response.ok) throw new Error(`${method} ${path}: ${value?.error}: ${value?.message}`);
    return value;
  };
}

async function untilAnswering(call: Call): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return void (await call('GET', '/status'));
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** An X server on a number that it finds free itself. */
async function openScreen(program: string, width: number, height: number): Promise<{ display: string; process: ChildProcess }> {
  const process = spawn(program, ['-displayfd', '3', '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  for await (const line of createInterface(process.stdio[3] as Readable)) return { display: `:${line.trim()}`, process };
  throw new Error('Xvfb did not start');
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill();
  });
}
