// SPDX-License-Identifier: Apache-2.0
// needle-router/mcp over real servers and clients, joined in memory.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { mcpTools, type McpClient } from 'needle-router/mcp';
import { ScriptedRouter } from 'needle-router/testing';
import { afterEach, describe, expect, test } from 'vitest';
import * as z from 'zod';

const open: Client[] = [];
afterEach(() => Promise.all(open.splice(0).map((client) => client.close())));

async function connect(server: McpServer | Server): Promise<Client> {
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: 'test', version: '1' });
  await Promise.all([server.connect(theirs), client.connect(ours)]);
  open.push(client);
  return client;
}

function files(answer = 'two files'): McpServer {
  const server = new McpServer({ name: 'files', version: '1' });
  server.registerTool('list_files', { description: 'Lists files', inputSchema: { folder: z.string() } }, async ({ folder }) => ({ content: [{ type: 'text', text: `${answer} in ${folder}` }] }));
  server.registerTool('delete_file', { inputSchema: { path: z.string() } }, async () => ({ isError: true, content: [{ type: 'text', text: 'not allowed' }] }));
  return server;
}
const script = {
  list: { name: 'list_files', arguments: { folder: 'home' } },
  both: [{ name: 'list_files', arguments: { folder: 'home' } }, { name: 'delete_file', arguments: { path: 'x' } }],
  prefixed: { name: 'b.list_files', arguments: { folder: 'home' } },
};

describe('mcpTools', () => {
  test('lists a server’s tools and calls them', async () => {
    const tools = await mcpTools(await connect(files()));
    expect(tools).toMatchObject([{ name: 'list_files', description: 'Lists files', inputSchema: { type: 'object', properties: { folder: { type: 'string' } }, required: ['folder'] } }, { name: 'delete_file' }]);
    const { calls } = await (await ScriptedRouter.load(script)).run('list', tools);
    expect(calls).toMatchObject([{ status: 'done', result: { content: [{ type: 'text', text: 'two files in home' }] } }]);
  });

  test('a tool that answers with an error fails alone, with its text', async () => {
    const { calls } = await (await ScriptedRouter.load(script)).run('both', await mcpTools(await connect(files())));
    expect(calls).toMatchObject([{ status: 'done' }, { status: 'failed', error: { code: 'tool_failed', message: 'not allowed', cause: { isError: true } } }]);
  });

  test('takes several servers, and tells tools of one name apart by theirs', async () => {
    const tools = await mcpTools({ a: await connect(files('three files')), b: await connect(files('four files')) });
    expect(tools.map(({ name }) => name)).toEqual(['a.list_files', 'a.delete_file', 'b.list_files', 'b.delete_file']);
    const { calls } = await (await ScriptedRouter.load(script)).run('prefixed', tools);
    expect(calls).toMatchObject([{ result: { content: [{ text: 'four files in home' }] } }]);
    await expect(mcpTools([await connect(files()), await connect(files())])).rejects.toMatchObject({ code: 'duplicate_name', path: 'clients' });
    await expect(mcpTools({ a: {} as McpClient })).rejects.toMatchObject({ code: 'invalid_argument', path: 'clients["a"]' });
  });

  test('reads every page of a list', async () => {
    const server = new Server({ name: 'paged', version: '1' }, { capabilities: { tools: {} } });
    const pages: Record<string, object> = {
      first: { tools: [{ name: 'a', inputSchema: { type: 'object' } }], nextCursor: 'second' },
      second: { tools: [{ name: 'b', inputSchema: { type: 'object' } }] },
    };
    server.setRequestHandler(ListToolsRequestSchema, async ({ params }) => pages[params?.cursor ?? 'first'] as { tools: never[] });
    expect((await mcpTools(await connect(server))).map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test('an abort of run() reaches the server', async () => {
    const server = new McpServer({ name: 'slow', version: '1' });
    let seen: AbortSignal | undefined;
    const controller = new AbortController();
    server.registerTool('list_files', { inputSchema: { folder: z.string() } }, async (_, { signal }) => {
      seen = signal;
      controller.abort();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return { content: [] };
    });
    const running = (await ScriptedRouter.load(script)).run('list', await mcpTools(await connect(server)), { signal: controller.signal });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen!.aborted).toBe(true);
  });
});
