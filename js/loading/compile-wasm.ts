// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// A .wasm file from where it lies to a compiled module.
import { makeError } from '../protocol/errors.js';

/** Fetches, or reads, and compiles a .wasm file. */
export type CompileWasm = (url: URL) => Promise<WebAssembly.Module>;

/** What went wrong, also with the URL itself, as a typed error that names the file. */
export async function compiledBy(compileWasm: CompileWasm, url: URL | string): Promise<WebAssembly.Module> {
  try {
    // What Next.js gives for new URL(…, import.meta.url) is a path that fetch takes and URL does not.
    return await compileWasm(typeof url === 'string' ? new URL(url) : url);
  } catch (cause) {
    throw makeError('engine_unreachable', `the engine could not be loaded: ${(cause as Error).message}`, { path: String(url), cause });
  }
}

/** Compiles while it arrives; from a server that does not call it application/wasm, afterwards. */
export async function fetchWasm(url: URL): Promise<WebAssembly.Module> {
  const response = await fetch(url, { credentials: 'same-origin' });
  if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`);
  const type = response.headers.get('content-type') ?? '';
  if (/^text\/html\b/i.test(type)) throw new Error('this is an HTML page, not a WebAssembly file');
  const isNamed = /^application\/wasm\b/i.test(type);
  return isNamed ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}
