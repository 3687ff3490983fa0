// SPDX-License-Identifier: Apache-2.0
// The host that the pages under test come from: the built package, the released model, pages, and downloads that go
// wrong in every way that we know. It notes every request, and can go offline. Two ports make two origins.
import { readFileSync, existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { root } from '../e2e/built.js';

const types: Record<string, string> = {
  '.js': 'text/javascript', '.mjs': 'text/javascript', '.html': 'text/html', '.css': 'text/css',
  '.json': 'application/json', '.wasm': 'application/wasm', '.safetensors': 'application/octet-stream',
};

/** What a page under /strict/ may do: the strictest policy that the package promises to work with. One under /isolated/ may share memory; under /isolated/strict/ both hold. */
const csp = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src 'self'; report-uri /report";

export interface Seen {
  method: string;
  /** Path and query. */
  url: string;
  range: string | undefined;
  status: number;
  /** Whether the other side closed the connection before it had the whole answer. */
  wasLeft: boolean;
}

export interface TestServer {
  url: string;
  /** The same files from another origin, for everybody. */
  otherUrl: string;
  /** By a name that is not localhost: for the browser an insecure context. */
  insecureUrl(host: string): string;
  seen: Seen[];
  /** Bodies of POSTs, by path. */
  posted: Map<string, string[]>;
  isOffline: boolean;
  /** Answers to paths, before everything else. */
  answers: Map<string, (request: IncomingMessage, response: ServerResponse) => void>;
  close(): Promise<void>;
}

export async function serve(): Promise<TestServer> {
  const server: TestServer = { url: '', otherUrl: '', insecureUrl: () => '', seen: [], posted: new Map(), isOffline: false, answers: new Map(), close };
  const [main, other] = [createServer(answer), createServer(answer)];
  const portOf = async (listener: Server) => {
    await new Promise<void>((resolve) => listener.listen(0, resolve));
    return (listener.address() as AddressInfo).port;
  };
  const port = await portOf(main);
  server.url = `http://127.0.0.1:${port}`;
  server.otherUrl = `http://127.0.0.1:${await portOf(other)}`;
  server.insecureUrl = (host) => `http://${host}:${port}`;
  return server;

  async function close(): Promise<void> {
    for (const listener of [main, other]) {
      listener.closeAllConnections();
      await new Promise((resolve) => listener.close(resolve));
    }
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    if (server.isOffline) return void request.socket.destroy();
    const { pathname } = new URL(request.url!, server.url);
    const note: Seen = { method: request.method!, url: request.url!, range: request.headers.range, status: 0, wasLeft: false };
    server.seen.push(note);
    response.on('close', () => {
      note.status = response.statusCode;
      note.wasLeft = !response.writableFinished;
    });
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('cross-origin-resource-policy', 'cross-origin');
    if (request.method === 'POST') return void keepPost(request, response, pathname);
    const special = server.answers.get(pathname);
    if (special) return special(request, response);
    const [, isolated, strict, name] = /^(\/isolated)?(\/strict)?(\/.*)$/.exec(normalize(pathname))!;
    const path = join(root, name!.startsWith('/pages/') ? `tests/browser${name}` : name!);
    if (!/^\/(dist|models|pages|js\/cli)\//.test(name!) || !existsSync(path) || !statSync(path).isFile()) return void response.writeHead(404).end();
    sendRange(request, response, readFileSync(path), {
      'content-type': types[extname(path)] ?? 'application/octet-stream',
      // As hosts do it with built files: what was fetched once is there offline.
      'cache-control': name!.startsWith('/dist/') ? 'max-age=3600' : 'no-cache',
      ...(strict && { 'content-security-policy': csp }),
      ...(isolated && { 'cross-origin-opener-policy': 'same-origin' }),
      ...((isolated || /\.m?js$/.test(path)) && { 'cross-origin-embedder-policy': 'require-corp' }), // workers, too
    });
  }

  function keepPost(request: IncomingMessage, response: ServerResponse, pathname: string): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      server.posted.set(pathname, [...(server.posted.get(pathname) ?? []), Buffer.concat(chunks).toString()]);
      response.writeHead(204).end();
    });
  }
}

/** Whole, or from the byte that was asked for. */
export function sendRange(request: IncomingMessage, response: ServerResponse, body: Uint8Array, headers: Record<string, string> = {}): void {
  const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  if (from === undefined) return void response.writeHead(200, { ...headers, 'content-length': body.length }).end(body);
  const offset = Number(from);
  if (offset >= body.length) return void response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
  response.writeHead(206, { ...headers, 'content-length': body.length - offset, 'content-range': `bytes ${offset}-${body.length - 1}/${body.length}` });
  response.end(body.subarray(offset));
}

/** Declares the whole file and breaks the connection after some of it, when asked for all of it. */
export function sendCut(request: IncomingMessage, response: ServerResponse, body: Uint8Array, afterBytes: number): void {
  if (request.headers.range) return sendRange(request, response, body);
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': body.length });
  response.write(body.subarray(0, afterBytes), () => setTimeout(() => request.socket.destroy(), 100));
}
