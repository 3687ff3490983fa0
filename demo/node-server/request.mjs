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
const optionNames = ['toolChoice', 'maxCalls', 'maxConsidered', 'facts'];

/** { query, tools: [...] or the name of a tool set, stream?, toolChoice?, ... } */
export function readRouteRequest(body, { toolsets, maxTools }) {
  const wrong = (path, message) => new ClientError(400, 'invalid_argument', message, {}, path);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw wrong('', 'the body must be an object');
  const { query, tools: given, stream = false, ...rest } = body;
  const unknown = Object.keys(rest).find((name) => !optionNames.includes(name));
  if (unknown !== undefined) throw wrong(unknown, `unknown; there are query, tools, stream, ${optionNames.join(', ')}`);
  if (typeof stream !== 'boolean') throw wrong('stream', 'must be true or false');
  if (given === undefined) throw wrong('tools', 'must be tools, or the name of a tool set');
  const isNamed = typeof given === 'string';
  if (isNamed && !Object.hasOwn(toolsets, given)) throw new ClientError(404, 'not_found', `there is no tool set '${given}'`, {}, 'tools');
  if (Array.isArray(given) && given.length > maxTools) throw wrong('tools', `may have ${maxTools} tools`);
  return { query, tools: isNamed ? toolsets[given] : given, isStreamed: stream, options: rest };
}
