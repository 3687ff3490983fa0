// SPDX-License-Identifier: Apache-2.0
// The README's snippets about other packages, each run as a module with those packages and the released model.
import { transform } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasModel } from '../e2e/built.js';
import { adapterSnippets } from '../package/readme.js';

// Inside node_modules, so that imports are found there and git does not see it.
const folder = `${import.meta.dirname}/node_modules/readme-snippets`;
beforeAll(() => void mkdirSync(folder, { recursive: true }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const parameters = { type: 'object', properties: { room: { type: 'string' }, brightness: { type: 'integer', minimum: 0, maximum: 100 } }, required: ['room'] };
const tool = { name: 'set_light', description: 'Set the brightness of the lights in a room', parameters };
const kitchen = { room: 'kitchen', brightness: 30 };

/** By heading: what a reader has at hand beside a router and tools, what to look at afterwards, and what it must be. */
const cases: Record<string, { given?: string; look: string; is: unknown }> = {
  'AI SDK': {
    given: `import { MockLanguageModelV3 } from 'ai/test';
      const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } };
      const bigger = new MockLanguageModelV3({ doGenerate: async () => ({ content: [{ type: 'text', text: 'a poem' }], finishReason: { unified: 'stop' }, usage, warnings: [] }) });`,
    look: '[local.toolResults[0].output, local.providerMetadata.needle.type, either.text]',
    is: ['kitchen at 30%', 'call', 'a poem'],
  },
  OpenAI: {
    given: `const tools = [{ type: 'function', function: ${JSON.stringify(tool)} }];`,
    look: '[JSON.parse(choices[0].message.tool_calls[0].function.arguments), needle.type]',
    is: [kitchen, 'call'],
  },
  LangChain: { look: 'answer.content', is: 'kitchen at 30%' },
  MCP: {
    given: `import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
      import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
      import * as z from 'zod';
      const [transport, theirs] = InMemoryTransport.createLinkedPair();
      const server = new McpServer({ name: 'home', version: '1' });
      const inputSchema = { room: z.string(), brightness: z.int().min(0).max(100) };
      server.registerTool('set_light', { description: ${JSON.stringify(tool.description)}, inputSchema }, async ({ room }) => ({ content: [{ type: 'text', text: room }] }));
      await server.connect(theirs);`,
    look: 'calls[0].result.content[0].text',
    is: 'kitchen',
  },
  WebMCP: {
    given: `const signal = new AbortController().signal;
      const registered = [];
      globalThis.document = { modelContext: {
        registerTool: async (tool) => void registered.push(tool), getTools: async () => registered,
        executeTool: async (tool, input) => JSON.stringify(await tool.execute(input)),
      } };`,
    look: 'calls[0].result',
    is: kitchen,
  },
  React: {
    given: `import { Window } from 'happy-dom';
      const window = new Window();
      Object.defineProperty(globalThis, 'navigator', { value: window.navigator, configurable: true });
      Object.assign(globalThis, { window, document: window.document, HTMLIFrameElement: window.HTMLIFrameElement });
      const { createElement, StrictMode } = await import('react');
      const { createRoot } = await import('react-dom/client');`,
    look: `await (async () => {
      const root = createRoot(document.body);
      root.render(createElement(StrictMode, null, createElement(Command, { tools })));
      const until = async (holds) => { while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20)); };
      await until(() => document.querySelector('input'));
      const input = document.querySelector('input');
      Object.getOwnPropertyDescriptor(window.HTMLInputElement.prototype, 'value').set.call(input, 'dim the kitchen to 30%');
      input.dispatchEvent(new window.Event('input', { bubbles: true }));
      await until(() => document.body.textContent.includes('set_light'));
      const text = document.body.textContent;
      root.unmount();
      return JSON.parse(text)[0].arguments;
    })()`,
    is: kitchen,
  },
  'Results for other systems': { look: 'messages[1].tool_calls[0].function.name', is: 'set_light' },
  'Tests of your own': { look: '[calls[0].arguments, scripted.requests[0].query]', is: [kitchen, 'dim the kitchen'] },
};

test('every snippet about other packages is known here', () => {
  expect(adapterSnippets().map(({ heading }) => heading)).toEqual(Object.keys(cases));
});

describe.skipIf(!hasModel)('the README’s snippet', () => {
  test.each(Object.entries(cases))('%s runs and gives what it says', async (heading, { given = '', look, is }) => {
    const { code } = adapterSnippets().find((snippet) => snippet.heading === heading)!;
    const source = [
      code.includes("from 'needle-router'") ? '' : "import { ToolRouter } from 'needle-router';",
      given,
      /const tools =/.test(given) ? '' : `const tools = [${JSON.stringify(tool)}];`,
      /\brouter\b/.test(code) && !/const \{ router/.test(code) ? 'const router = await ToolRouter.load();' : '',
      code,
      `console.log('\\n' + JSON.stringify(${look}));`,
    ].join('\n');
    const file = `${folder}/${heading.replaceAll(' ', '-')}.mjs`;
    writeFileSync(file, (await transform(source, { loader: 'jsx', jsx: 'automatic' })).code);
    const printed = execFileSync(process.execPath, [file], { encoding: 'utf8', timeout: 280_000 });
    expect(JSON.parse(printed.trim().split('\n').at(-1)!)).toEqual(is);
  }, 300_000);
});
