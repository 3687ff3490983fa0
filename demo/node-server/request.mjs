// SPDX-License-Identifier: Apache-2.0
// What clients send: read up to a limit, and checked before an engine sees it.

/** A fault of the client's, or of the moment: its status, its code and a message that may leave the house. */
export class ClientError extends Error {
  constructor(status, code, message, headers = {}, path = '') {
    super(message);
    Object.assign(this, { status, code, headers, path });
  }
}

/** The body as JSON. More than `maxBytes` is refused as soon as that is known. */
export async function readJson(request, maxBytes) {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) throw new ClientError(415, 'unsupported_media_type', 'the body must be application/json');
  const tooLarge = () => new ClientError(413, 'body_too_large', `the body may have ${maxBytes} bytes`, { connection: 'close' });
  if (Number(request.headers['content-length']) > maxBytes) throw tooLarge();
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw new ClientError(400, 'invalid_json', cause.message);
  }
}

/** Options of route() that a client may set. Time limits are the server's. */
const optionNames = ['toolChoice', 'maxCalls', 'maxConsidered', 'minConfidence', 'facts'];
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** { query, toolset: 'id' or tools: [...], options? }, the same as demo/edge takes. */
export function readRouteRequest(body, { toolsets, maxTools }) {
  const wrong = (path, message) => new ClientError(400, 'invalid_argument', message, {}, path);
  if (!isObject(body)) throw wrong('', 'the body must be an object');
  const { query, toolset, tools, options = {}, ...rest } = body;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw wrong(unknown, 'unknown; there are query, toolset, tools and options');
  if ((toolset === undefined) === (tools === undefined)) throw wrong('toolset', "give either 'toolset', an id, or 'tools'");
  if (toolset !== undefined && !Object.hasOwn(toolsets, toolset)) throw new ClientError(404, 'not_found', `there is no tool set '${toolset}'`, {}, 'toolset');
  if (tools !== undefined && countTools(tools) > maxTools) throw new ClientError(413, 'too_many_tools', `a request has at most ${maxTools} tools`, {}, 'tools');
  if (!isObject(options)) throw wrong('options', 'must be an object');
  const refused = Object.keys(options).find((name) => !optionNames.includes(name));
  if (refused !== undefined) throw wrong(`options.${refused}`, `unknown; there are ${optionNames.join(', ')}`);
  return { query, tools: toolset === undefined ? tools : toolsets[toolset], options };
}

/** How many tools the router will read there, in whatever form, or more; never fewer. */
function countTools(tools) {
  if (Array.isArray(tools)) return countEntries(tools);
  if (!isObject(tools)) return 1;
  const members = Object.values(tools);
  const byName = members.every(isObject) ? countEntries(members) : 0; // as the AI SDK has them
  const listed = [tools.tools, tools.result].filter((list) => typeof list === 'object' && list !== null).map(countTools); // MCP
  return Math.max(countEntries([tools]), byName, ...listed);
}

/** A tool each, or Gemini's declarations of several. */
function countEntries(entries) {
  const lengthOf = (list) => (Array.isArray(list) ? list.length : 0);
  return entries.reduce((sum, entry) => sum + Math.max(1, lengthOf(entry?.functionDeclarations) + lengthOf(entry?.function_declarations)), 0);
}

/** The form in which a client wants the steps; undefined: it wants the result alone. */
export function streamType(request) {
  const accepted = request.headers.accept ?? '';
  return ['application/x-ndjson', 'text/event-stream'].find((type) => accepted.includes(type));
}
