// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// needle-router/mcp: the tools of MCP servers, by their clients, as tools that run() calls. Imports nothing of the SDK: a
// client is what can list tools and call them.
import { makeError } from '../protocol/errors.js';
import type { ExecuteOptions } from '../api/execute.js';
import type { JsonObject } from '../api/types.js';

interface RequestOptions {
  signal?: AbortSignal;
}

/** What is needed of a client of `@modelcontextprotocol/sdk`. */
export interface McpClient {
  listTools(params?: { cursor?: string }, options?: RequestOptions): Promise<{ tools: McpListedTool[]; nextCursor?: string | undefined }>;
  callTool(params: { name: string; arguments?: Record<string, unknown> }, resultSchema?: undefined, options?: RequestOptions): Promise<object>;
}

export interface McpListedTool {
  name: string;
  description?: string | undefined;
  inputSchema: object;
}

/** A server's tool. `execute` calls it and returns the server's result. */
export interface McpTool {
  name: string;
  description?: string;
  inputSchema: object;
  execute(args: JsonObject, options?: Partial<ExecuteOptions>): Promise<McpResult>;
}

/** A CallToolResult. */
export interface McpResult {
  content?: unknown;
  structuredContent?: unknown;
  [key: string]: unknown;
}

/**
 * The tools of a client, of several, or of several by name; of servers that have tools of the same name, these are called
 * `server.tool`. List again after a server has said that its tools have changed.
 * @throws NeedleError `duplicate_name` if two clients without a name have tools of one name; what the client throws. A tool
 *   that answers `isError` throws `tool_failed` when it is called, with the server's result as `cause`.
 * @example const { calls } = await router.run('which files are new?', await mcpTools({ files: client }));
 */
export async function mcpTools(clients: McpClient | readonly McpClient[] | Readonly<Record<string, McpClient>>, options: RequestOptions = {}): Promise<McpTool[]> {
  const lists = await Promise.all(serversOf(clients).map(async ({ name, client }) => (await listAll(client, options)).map((tool) => ({ server: name, client, tool }))));
  const all = lists.flat();
  const counts = new Map<string, number>();
  for (const { tool } of all) counts.set(tool.name, (counts.get(tool.name) ?? 0) + 1);
  return all.map(({ server, client, tool }) => {
    const isTwice = counts.get(tool.name)! > 1;
    if (isTwice && server === undefined) {
      throw makeError('duplicate_name', `two servers have a tool named '${tool.name}': pass the clients as an object, by name`, { path: 'clients' });
    }
    return bound(client, tool, isTwice ? `${server}.${tool.name}` : tool.name);
  });
}

function serversOf(clients: Parameters<typeof mcpTools>[0]): { name: string | undefined; client: McpClient }[] {
  if (isClient(clients)) return [{ name: undefined, client: clients }];
  const servers = Array.isArray(clients)
    ? (clients as readonly McpClient[]).map((client) => ({ name: undefined, client }))
    : Object.entries(clients as Record<string, McpClient>).map(([name, client]) => ({ name, client }));
  const wrong = servers.findIndex(({ client }) => !isClient(client));
  if (wrong >= 0) throw makeError('invalid_argument', 'must be an MCP client', { path: `clients[${servers[wrong]!.name === undefined ? wrong : JSON.stringify(servers[wrong]!.name)}]` });
  return servers;
}

const isClient = (value: unknown): value is McpClient => typeof (value as McpClient | null)?.listTools === 'function' && typeof (value as McpClient).callTool === 'function';

async function listAll(client: McpClient, options: RequestOptions): Promise<McpListedTool[]> {
  const tools: McpListedTool[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.listTools(cursor === undefined ? {} : { cursor }, options);
    tools.push(...page.tools);
    cursor = page.nextCursor;
  } while (cursor !== undefined && cursor !== '');
  return tools;
}

function bound(client: McpClient, { name: listed, description, inputSchema }: McpListedTool, name: string): McpTool {
  return {
    name,
    ...(description !== undefined && { description }),
    inputSchema,
    async execute(args, { signal } = {}) {
      const result = (await client.callTool({ name: listed, arguments: args }, undefined, signal ? { signal } : {})) as McpResult & { isError?: boolean };
      if (result.isError) throw makeError('tool_failed', textOf(result) || `the tool '${listed}' failed`, { cause: result });
      return result;
    },
  };
}

function textOf({ content }: McpResult): string {
  if (!Array.isArray(content)) return '';
  return content.map((part: { type?: string; text?: string }) => (part.type === 'text' ? part.text : '')).filter(Boolean).join('\n');
}
