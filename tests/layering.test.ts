// SPDX-License-Identifier: Apache-2.0
// The arrows between folders, checked on the include and import lines themselves. A folder may use itself and what is
// listed; a new arrow belongs here in the same commit, where a reader sees it.
import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), '..');

const wasmMayUse: Record<string, string[]> = {
  base: [],
  kernels: ['base'],
  format: ['base', 'kernels'],
  model: ['base', 'kernels', 'format', 'tokenizer'],
  tokenizer: ['base'],
  grammar: ['base', 'tokenizer'],
  normalize: ['base'],
  router: ['base', 'kernels', 'format', 'model', 'tokenizer', 'grammar', 'normalize'],
  binding: ['router'],
};

const jsMayUse: Record<string, string[]> = {
  protocol: [],
  client: ['protocol', 'host'], // only to run the engine in place, where no worker can start
  loading: ['protocol', 'generated'],
  host: ['protocol', 'loading', 'generated'],
  platform: ['protocol', 'client', 'host', 'loading', 'generated'],
  api: ['protocol', 'client', 'platform'],
  testing: ['api', 'client', 'protocol'],
  adapters: ['api', 'protocol'], // over the public interface: they get a router handed in
  entry: ['api', 'protocol', 'platform', 'generated'], // a .wasm that must be imported
  cli: ['entry', 'api', 'protocol'],
};

function sourcesIn(folder: string, pattern: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name) && !name.includes('node_modules/'))
    .map((name) => join(folder, name));
}

const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** Lines "file -> target" whose arrow is not allowed. */
function wrongArrows(base: string, sources: string[], mayUse: Record<string, string[]>, targets: (path: string) => string[]): string[] {
  return sources.flatMap((path) => {
    const [folder] = relative(base, path).split('/');
    const allowed = [folder!, ...(mayUse[folder!] ?? [])];
    return targets(path).filter((target) => !allowed.includes(target)).map((target) => `${path} -> ${target}`);
  });
}

describe('wasm/', () => {
  const sources = sourcesIn('wasm', /\.(h|cc)$/);
  const includes = (path: string) => [...read(path).matchAll(/^#include "([^"]+)"/gm)].map(([, name]) => name!);

  test('every folder is known', () => {
    expect(readdirSync(join(root, 'wasm')).filter((name) => !Object.hasOwn(wasmMayUse, name))).toEqual([]);
  });

  test('includes follow the arrows', () => {
    const folders = (path: string) => includes(path).filter((name) => name !== 'simdjson.h').map((name) => (name.includes('/') ? name.split('/')[0]! : relative('wasm', path).split('/')[0]!));
    expect(wrongArrows('wasm', sources, wasmMayUse, folders)).toEqual([]);
  });

  test('Emscripten stays in binding, and the library neither prints, aborts nor throws', () => {
    const isBound = (path: string) => path.startsWith('wasm/binding/');
    const code = (path: string) => read(path).replaceAll(/\/\/.*$/gm, '');
    expect(sources.filter((path) => !isBound(path) && /#include <emscripten/.test(read(path)))).toEqual([]);
    expect(sources.filter((path) => /\b(printf|puts|abort|exit|throw)\s*\(|std::(cout|cerr)\b|\bthrow\b/.test(code(path)))).toEqual([]);
  });
});

describe('js/', () => {
  const sources = sourcesIn('js', /\.ts$/).filter((path) => !path.startsWith('js/generated/'));

  test('imports follow the arrows, and foreign packages are imported where it is said', () => {
    const targets = (path: string) =>
      [...read(path).matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, name]) => {
        if (name!.startsWith('.')) return relative('js', join(dirname(path), name!)).split('/')[0]!;
        return name!.startsWith('node:') ? relative('js', path).split('/')[0]! : name!;
      });
    expect(wrongArrows('js', sources, { ...jsMayUse, adapters: [...jsMayUse['adapters']!, 'react', '@langchain/core/language_models/base', '@langchain/core/language_models/chat_models', '@langchain/core/runnables', '@langchain/core/messages', '@langchain/core/outputs'], platform: [...jsMayUse['platform']!, 'needle-router-model'], cli: [...jsMayUse['cli']!, '@cfworker/json-schema'] }, targets)).toEqual([]);
  });

  test('what also runs outside Node imports nothing of Node', () => {
    const isNode = (path: string) => /^\/\/ Runs in: .*node/m.test(read(path));
    expect(sources.filter((path) => !isNode(path) && /'node:/.test(read(path)))).toEqual([]);
  });

  test('every file says what it is under which licence, and where it runs', () => {
    expect(sources.filter((path) => !/^(#!.*\n)?\/\/ SPDX-License-Identifier: Apache-2\.0\n\/\/ Runs in: /.test(read(path)))).toEqual([]);
  });
});

test('no source file is longer than 400 lines', () => {
  const folders = ['wasm', 'js', 'tests'].filter((folder) => existsSync(join(root, folder)));
  const sources = folders.flatMap((folder) => sourcesIn(folder, /\.(h|cc|ts|mjs)$/)).filter((path) => !path.startsWith('js/generated/'));
  expect(sources.filter((path) => read(path).split('\n').length > 401)).toEqual([]);
});
