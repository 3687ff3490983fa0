// SPDX-License-Identifier: Apache-2.0
// needle-router/webmcp on a ModelContext of the test's own, and on Chromium's.
import { build } from 'esbuild';
import { ScriptedRouter } from 'needle-router/testing';
import { pageTools, registerTools, type ModelContextLike, type WebMcpRegistration } from 'needle-router/webmcp';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium as playwright } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowsers } from '../browser/find-browsers.mjs';

const parameters = { type: 'object', properties: { count: { type: 'integer' } } };
const script = { add: { name: 'add_to_basket', arguments: { count: 2 } }, pay: { name: 'pay' } };

/** As the draft has it: results are JSON text, and a tool that throws rejects with an error that says little. */
class FakeContext implements ModelContextLike {
  tools: WebMcpRegistration[] = [];
  async registerTool(tool: WebMcpRegistration, { signal }: { signal?: AbortSignal } = {}) {
    if (this.tools.some(({ name }) => name === tool.name)) throw new DOMException('registered twice', 'InvalidStateError');
    this.tools.push(tool);
    signal?.addEventListener('abort', () => (this.tools = this.tools.filter((other) => other !== tool)));
  }
  getTools = async () => this.tools.map(({ name, description, inputSchema }) => ({ name, description, ...(inputSchema && { inputSchema: JSON.stringify(inputSchema) }) }));
  executeTool = async ({ name }: { name: string }, input: object = {}, options = {}) => JSON.stringify(await this.tools.find((tool) => tool.name === name)!.execute(input as never, options));
}

describe('webmcp', () => {
  test('registers tools of any form and calls them by run()', async () => {
    const modelContext = new FakeContext();
    await registerTools({ add_to_basket: { description: 'Adds', inputSchema: parameters, execute: ({ count }: { count: number }) => ({ total: count }) } }, { modelContext });
    const tools = await pageTools({ modelContext });
    expect(tools).toMatchObject([{ name: 'add_to_basket', description: 'Adds' }]);
    expect((await (await ScriptedRouter.load(script)).run('add', tools)).calls).toMatchObject([{ status: 'done', result: { total: 2 } }]);
  });

  test('a tool that fails fails its call', async () => {
    const modelContext = new FakeContext();
    await registerTools([{ name: 'pay', description: 'Pays', execute: () => { throw new Error('no money'); } }], { modelContext });
    expect((await (await ScriptedRouter.load(script)).run('pay', await pageTools({ modelContext }))).calls).toMatchObject([{ status: 'failed', error: { code: 'tool_failed', message: expect.stringContaining('no money') } }]);
  });

  test('takes the tools back when the signal ends, and all of them when one is refused', async () => {
    const modelContext = new FakeContext();
    const controller = new AbortController();
    const tool = { name: 'pay', description: 'Pays', execute: () => 1 };
    await registerTools([tool], { modelContext, signal: controller.signal });
    controller.abort();
    expect(modelContext.tools).toEqual([]);
    await expect(registerTools([{ ...tool, name: 'a' }, tool, tool], { modelContext })).rejects.toMatchObject({ name: 'InvalidStateError' });
    expect(modelContext.tools).toEqual([]);
  });

  test('names what is missing', async () => {
    await expect(pageTools()).rejects.toMatchObject({ code: 'unsupported_runtime' });
    const modelContext = new FakeContext();
    await expect(pageTools({ modelContext: { registerTool() {} } })).rejects.toMatchObject({ code: 'unsupported_runtime' });
    await expect(registerTools([{ name: 'a', description: 'A' }], { modelContext })).rejects.toMatchObject({ code: 'invalid_schema', path: 'tools[0].execute' });
    await expect(registerTools([{ name: 'a', execute() {} }], { modelContext })).rejects.toMatchObject({ code: 'invalid_schema', path: 'tools[0].description' });
  });
});

const { chromium } = findBrowsers();

describe.skipIf(!chromium)('webmcp in Chromium', () => {
  let server: Server, url: string;
  beforeAll(async () => {
    const contents = `
      import { pageTools, registerTools } from 'needle-router/webmcp';
      import { ScriptedRouter } from 'needle-router/testing';
      const router = await ScriptedRouter.load(${JSON.stringify(script)});
      const controller = new AbortController();
      const tools = [
        { name: 'add_to_basket', description: 'Adds', parameters: ${JSON.stringify(parameters)}, execute: ({ count }) => ({ total: count }) },
        { name: 'pay', description: 'Pays', execute() { throw new Error('no money'); } },
      ];
      await registerTools(tools, { signal: controller.signal });
      const added = await router.run('add', await pageTools());
      const paid = await router.run('pay', await pageTools());
      controller.abort();
      globalThis.outcome = { added: added.calls[0], paid: { status: paid.calls[0].status, code: paid.calls[0].error.code }, left: (await pageTools()).length };`;
    const { outputFiles } = await build({ stdin: { contents, resolveDir: import.meta.dirname }, bundle: true, format: 'esm', write: false, conditions: ['browser'] });
    server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(`<!doctype html><script type="module">${outputFiles[0]!.text}</script>`));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => server.close());

  test('registers, lists, calls and takes back', async ({ skip }) => {
    const args = ['--headless', '--no-sandbox', '--disable-gpu', '--enable-features=WebMCP', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
    const browser = await playwright.launch({ executablePath: chromium!, args });
    try {
      const page = await browser.newPage();
      await page.goto(url);
      if (!(await page.evaluate('typeof document.modelContext?.getTools === "function"'))) skip(`Chromium ${browser.version()} has no WebMCP`);
      await page.waitForFunction('globalThis.outcome', undefined, { timeout: 60_000 });
      expect(await page.evaluate('globalThis.outcome')).toMatchObject({
        added: { name: 'add_to_basket', arguments: { count: 2 }, status: 'done', result: { total: 2 } }, paid: { status: 'failed', code: 'tool_failed' }, left: 0,
      });
    } finally {
      await browser.close();
    }
  }, 120_000);
});
