// SPDX-License-Identifier: Apache-2.0
// The README's JavaScript, to be run: its blocks by the heading they stand under.
import { readFileSync } from 'node:fs';
import { root } from '../e2e/built.js';

export interface Snippet {
  heading: string;
  code: string;
}

/** Those that run by themselves, and those of the adapters, which take other packages. */
export const readmeSnippets = (): Snippet[] => allSnippets().filter((snippet) => !isForAdapters(snippet));
export const adapterSnippets = (): Snippet[] => allSnippets().filter(isForAdapters);
const isForAdapters = ({ code }: Snippet) => /from 'needle-router\/(ai|formats|langchain|mcp|openai|react|testing|webmcp)'/.test(code);

function allSnippets(): Snippet[] {
  const snippets: Snippet[] = [];
  let heading = '';
  const text = readFileSync(`${root}/README.md`, 'utf8');
  for (const [, title, language, code] of text.matchAll(/^#+ (.+)$|^```(\w*)\n([^]*?)^```$/gm)) {
    if (title) heading = title;
    else if (['js', 'jsx', 'ts'].includes(language!)) snippets.push({ heading, code: code! });
  }
  return snippets;
}

/** What a reader has at hand: the model's whereabouts, and tools. */
export interface Given {
  modelUrl: string;
  sha256: string;
  tools: unknown;
}

/** A snippet as a module, with what it takes for granted; `end` gets what it left in `calls`, if anything. */
export function asModule({ heading, code }: Snippet, { modelUrl, sha256, tools }: Given, end: (calls: string) => string): string {
  const options = 'model, workerUrl, wasmUrl, wasmModule, variant, threads, maxCacheBytes, onProgress, signal, timeoutMs, toolChoice, maxCalls, maxConsidered, minConfidence, onEscalate, facts, inOrder, toJsonSchema';
  const given: Record<string, string> = {
    API: `let modelUrl, sha256, ${options}; const query = 'dim the kitchen to 30%', options = {};`,
    'Weights and cache': `const modelUrl = '${modelUrl}', sha256 = '${sha256}';`,
  };
  return [
    code.includes("from 'needle-router'") ? '' : "import { ToolRouter } from 'needle-router';",
    given[heading] ?? '',
    /\btools\b/.test(code) ? `const tools = ${JSON.stringify(tools)};` : '',
    /const router =/.test(code) ? '' : 'const router = await ToolRouter.load();',
    code,
    end("typeof calls === 'undefined' ? null : calls"),
  ].join('\n');
}

/** What the README says that its first snippet gets. */
export const firstCalls = [{ name: 'set_light', arguments: { room: 'kitchen', brightness: 30 }, evidence: { room: [8, 15] } }];
