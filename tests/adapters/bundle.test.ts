// SPDX-License-Identifier: Apache-2.0
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';

const bundle = async (contents: string) => {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname }, bundle: true, format: 'esm', write: false, minify: true, conditions: ['browser'], external: ['react', '@langchain/core/*'], logLevel: 'silent',
  });
  return outputFiles[0]!.text;
};

describe.each(['ai', 'openai', 'mcp', 'webmcp', 'react', 'formats', 'testing', 'langchain'])('needle-router/%s', (name) => {
  test('leaves nothing in a bundle that does not use it', async () => {
    expect((await bundle(`import * as unused from 'needle-router/${name}';`)).replaceAll(/import[^;]*;/g, '').trim()).toBe('');
  });

  test('brings neither an engine nor a model along', async () => {
    const text = await bundle(`export * from 'needle-router/${name}';`);
    expect(text.length).toBeGreaterThan(100);
    expect(text).not.toMatch(/import\.meta\.url|safetensors|new Worker/);
  });
});

test('the hooks are for clients only, by a directive that stands first', async () => {
  const { readFile } = await import('node:fs/promises');
  const source = await readFile(new URL(import.meta.resolve('needle-router/react')), 'utf8');
  expect(source.replaceAll(/^\/\/.*\n/gm, '')).toMatch(/^["']use client["'];/);
});
