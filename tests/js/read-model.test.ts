// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readFile } from '../../js/loading/read-file.js';
import { readModel } from '../../js/loading/read-model.js';
import type { ModelSource } from '../../js/protocol/messages.js';

const bytes = Uint8Array.from({ length: 3_000_000 }, (_, i) => i * 7);
const sha256 = createHash('sha256').update(bytes).digest('hex');

/** Reads into a memory that moves at every second request, as WebAssembly memory does when it grows. */
async function read(source: ModelSource) {
  let memory = new Uint8Array();
  const progress: [number, number][] = [];
  const reserve = async (sizeBytes: number) => {
    const moved = new Uint8Array(sizeBytes);
    moved.set(memory.subarray(0, sizeBytes));
    return (memory = moved);
  };
  const report = (loaded: number, total: number) => void progress.push([loaded, total]);
  await readModel(source, { reserve, report, signal: new AbortController().signal }, { readFile });
  return { memory, progress };
}

describe('readModel', () => {
  let folder: string;
  let server: Server | undefined;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'needle-'))));
  afterEach(() => {
    rmSync(folder, { recursive: true });
    server?.close();
    server = undefined;
  });
  function file(content: Uint8Array | string): string {
    writeFileSync(join(folder, 'a b#c.model'), content);
    return pathToFileURL(join(folder, 'a b#c.model')).href;
  }
  async function serve(listener: RequestListener): Promise<string> {
    server = createServer(listener);
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/model`;
  }

  test('reads bytes, files and downloads, checks their hash and reports progress', async () => {
    const url = await serve((_, response) => response.writeHead(200, { 'content-length': bytes.length }).end(bytes));
    for (const source of [{ bytes }, { url: file(bytes) }, { url }]) {
      const { memory, progress } = await read({ ...source, sha256, sizeBytes: bytes.length });
      expect(Buffer.compare(memory, bytes)).toBe(0);
      expect(progress.at(-1)).toEqual([bytes.length, bytes.length]);
    }
  });

  test.each([
    ['another hash', { sha256: 'ab'.repeat(32) }, /SHA-256/],
    ['another size', { sizeBytes: 5 }, /3000000 bytes instead of 5/],
  ])('refuses %s', async (_, expected, message) => {
    await expect(read({ url: file(bytes), ...expected })).rejects.toMatchObject({ code: 'invalid_model', message: expect.stringMatching(message) });
  });

  test('refuses an HTML page, wherever it comes from', async () => {
    const html = '\n<!DOCTYPE html><title>Sign in</title>';
    const url = await serve((_, response) => response.end(html));
    for (const source of [{ url: file(html) }, { url }]) await expect(read(source)).rejects.toMatchObject({ code: 'invalid_model', message: expect.stringMatching(/HTML/) });
  });

  test('refuses an empty file and a missing one', async () => {
    await expect(read({ url: file('') })).rejects.toMatchObject({ code: 'invalid_model' });
    await expect(read({ url: pathToFileURL(join(folder, 'none')).href })).rejects.toMatchObject({ code: 'model_not_found', path: join(folder, 'none') });
    await expect(read({ url: pathToFileURL(folder).href })).rejects.toMatchObject({ code: 'model_not_found' });
  });

  test.each(['file:///tmp/100%/m', ...(process.platform === 'win32' ? [] : ['file://host/m'])])('%s, which is no path, is model_not_found', async (url) => {
    await expect(read({ url })).rejects.toMatchObject({ code: 'model_not_found', path: url });
  });

  test('a server that answers with an error, drops the connection or is not there', async () => {
    const missing = await serve((_, response) => response.writeHead(404).end());
    await expect(read({ url: missing })).rejects.toMatchObject({ code: 'model_unreachable', message: expect.stringMatching(/404/) });
    server!.close();
    const short = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('abc');
      setTimeout(() => response.destroy(), 20);
    });
    await expect(read({ url: short })).rejects.toMatchObject({ code: expect.stringMatching(/model_unreachable|invalid_model/), path: short });
    await expect(read({ url: 'http://127.0.0.1:9/model' })).rejects.toMatchObject({ code: 'model_unreachable' });
  });
});
