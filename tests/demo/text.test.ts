// SPDX-License-Identifier: Apache-2.0
// The demo's reading of JSON that is being typed, its links, and its presets, without a page.
import { describe, expect, test } from 'vitest';
import { presets } from '../../demo/presets/presets.js';
import { makeLink, readLink } from '../../demo/share.js';
import { locate, placeOfSyntaxError, tokensOf } from '../../demo/view/json-text.js';

const shown = (text: string, { start, end }: { start: number; end: number }) => text.slice(start, end);

describe('tokensOf', () => {
  test('covers every character once, whatever the text', () => {
    for (const text of ['', '{"a": [1, -2.5e3, true, null]}', '{"open', '@@ "x\\"y" ]}{,', 'tru', '"a\nb"', '日本 "語" 🎉']) {
      expect(tokensOf(text).map((token) => shown(text, token)).join('')).toBe(text);
    }
  });

  test('tells keys from strings', () => {
    expect(tokensOf('{"a" : "b"}').filter(({ kind }) => kind !== 'space' && kind !== 'mark').map(({ kind }) => kind)).toEqual(['key', 'string']);
  });
});

describe('locate', () => {
  const text = JSON.stringify([{ name: 'a' }, { name: 'b', parameters: { type: 'object', properties: { 'x.y': { type: 'text' }, city: { not: {} } } } }], null, 2);

  test.each([
    ['tools[1].parameters.properties.city.not', '"not"'],
    ['tools[1].parameters.properties.city', '"city"'],
    ['tools[1].parameters.properties["x.y"].type', '"type"'],
    ['tools[1].name', '"name"'],
    ['tools[1]', '"b"'],
    ['tools', '['],
  ])('finds %s', (path, there) => expect(shown(text, locate(text, path))).toBe(there));

  test('finds the plain form’s paths in other forms', () => {
    const openai = JSON.stringify([{ type: 'function', function: { name: 'a', parameters: { properties: { city: {} } } } }]);
    expect(shown(openai, locate(openai, 'tools[0].parameters.properties.city'))).toBe('"city"');
    const mcp = JSON.stringify({ tools: [{ name: 'a', inputSchema: { properties: { city: {} } } }] });
    expect(shown(mcp, locate(mcp, 'tools.tools[0].inputSchema.properties.city'))).toBe('"city"');
    expect(shown(mcp, locate(mcp, 'tools[0].parameters.properties.city'))).toBe('"city"');
  });
});

describe('placeOfSyntaxError', () => {
  test.each([
    ['[1, 2,, 3]', ','], ['{"a": tru}', 'tru'], ['{"a" 1}', '1'], ['{a: 1}', 'a'], ['[1 2]', '2'], ['{"a": "x}', '"x}'], ['[1]]', ']'], ['[{]', ']'], ['{"a":1,}', '}'],
  ])('of %s is %s', (text, there) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(shown(text, placeOfSyntaxError(text))).toBe(there);
  });

  test('of text that ends too soon is its end', () => expect(placeOfSyntaxError('[1, 2').end).toBe(5));
});

describe('links', () => {
  test('carry a preset and a request, or tools and a request', async () => {
    const tools = '[{"name":"grüße_🎉"}]\n'.repeat(50);
    for (const shared of [{ query: 'dim it & more #1 + 2', preset: 'home' }, { query: '', preset: undefined, tools }]) {
      const link = await makeLink(shared, 'https://host/demo/#old');
      expect(link.startsWith('https://host/demo/#')).toBe(true);
      expect(await readLink(new URL(link).hash)).toEqual({ preset: undefined, ...shared });
    }
  });

  test('that are damaged or empty do no harm', async () => {
    expect(await readLink('')).toBeUndefined();
    expect(await readLink('#elsewhere')).toBeUndefined();
    expect(await readLink('#q=hi&t=%%%')).toEqual({ query: 'hi', preset: undefined });
    expect(await readLink('#q=hi&t=AAAA')).toEqual({ query: 'hi', preset: undefined });
  });
});

describe('presets', () => {
  test('are seven, one of them of a hundred tools, with names of their own', () => {
    expect(presets.map(({ id }) => id)).toEqual(['home', 'media', 'calendar', 'maps', 'shop', 'catalogue', 'form']);
    expect(presets.find(({ id }) => id === 'catalogue')!.tools).toHaveLength(100);
    for (const { tools, examples } of presets) {
      expect(new Set(tools.map(({ name }) => name)).size).toBe(tools.length);
      expect(examples.length).toBeGreaterThanOrEqual(6);
      for (const { description = '', parameters } of tools) {
        expect(description).not.toBe('');
        const { properties = {}, required = [] } = parameters as { properties?: object; required?: string[] };
        expect(Object.keys(properties)).toEqual(expect.arrayContaining(required));
        expect(Object.keys(properties)).not.toContain('');
      }
    }
  });
});
