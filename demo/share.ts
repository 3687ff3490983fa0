// SPDX-License-Identifier: Apache-2.0
// A link that says it all: request and preset, or request and tools, in the part of the URL that is never sent to a
// server. Tools are deflated, then base64 with the URL's alphabet.

export interface Shared {
  query: string;
  preset?: string;
  /** The editor's text. */
  tools?: string;
}

async function pass(bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

const toText = (bytes: Uint8Array) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
const toBytes = (text: string) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));

export async function makeLink({ query, preset, tools }: Shared, base: string): Promise<string> {
  const parts = new URLSearchParams({ q: query });
  if (tools === undefined) parts.set('p', preset ?? '');
  else parts.set('t', toText(await pass(new TextEncoder().encode(tools), new CompressionStream('deflate-raw'))));
  return `${base.split('#')[0]}#${parts}`;
}

/** What a link says; undefined when it says nothing, or is damaged: the page then starts as usual. */
export async function readLink(hash: string): Promise<Shared | undefined> {
  const parts = new URLSearchParams(hash.replace(/^#/, ''));
  const packed = parts.get('t');
  if (!parts.has('q') && !parts.has('p') && packed === null) return undefined;
  const shared: Shared = { query: parts.get('q') ?? '', preset: parts.get('p') ?? undefined };
  if (packed === null) return shared;
  try {
    return { ...shared, tools: new TextDecoder().decode(await pass(toBytes(packed), new DecompressionStream('deflate-raw'))) };
  } catch {
    return shared;
  }
}
