// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { readTools } from '../../js/api/tool-formats.js';

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const plain = [{ name: 'get_weather', description: 'Weather', parameters }];
const base = { name: 'get_weather', description: 'Weather' };

describe('readTools recognises', () => {
  test.each([
    ['the plain form', plain],
    ['a single tool', plain[0]],
    ['OpenAI chat', [{ type: 'function', function: { ...base, parameters, strict: true } }]],
    ['OpenAI responses', [{ type: 'function', ...base, parameters, strict: true }]],
    ['Anthropic', [{ ...base, input_schema: parameters }]],
    ['MCP tools/list', { tools: [{ ...base, title: 'Weather', inputSchema: parameters, annotations: { readOnlyHint: true } }] }],
    ['MCP as JSON-RPC answers', { jsonrpc: '2.0', id: 1, result: { tools: [{ ...base, inputSchema: parameters }] } }],
    ['Gemini', [{ functionDeclarations: [{ ...base, parameters: { type: 'OBJECT', properties: { city: { type: 'STRING' } }, required: ['city'] } }] }]],
    ['Gemini with a JSON Schema', { function_declarations: [{ ...base, parametersJsonSchema: parameters }] }],
    ['flat Needle', [{ ...base, parameters: { city: { type: 'string', required: true } } }]],
    ['flat Needle by type names', [{ ...base, parameters: { city: 'string' } }]],
  ])('%s', (_, tools) => {
    expect(readTools(tools)).toEqual(plain);
  });

  test('forms mixed in one list', () => {
    expect(readTools([{ functionDeclarations: [{ name: 'a' }, { name: 'b' }] }, { name: 'c', inputSchema: parameters }]).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  test('tools without arguments', () => {
    expect(readTools([{ name: 'a' }, { name: 'b', parameters: {} }, { name: 'c', parameters: null, description: null }])).toEqual([
      { name: 'a' }, { name: 'b', parameters: {} }, { name: 'c' },
    ]);
  });
});

describe('readTools leaves alone', () => {
  test.each([
    { type: 'object', properties: { type: { type: 'string' }, enum: { type: 'string' } } },
    { properties: { city: { type: 'string' } } },
    { type: 'string' },
    { anyOf: [{ type: 'object' }] },
    { additionalProperties: { type: 'string' } },
    { $ref: '#/$defs/a', $defs: { a: { type: 'object' } } },
    { type: 'object', additionalProperties: false },
  ])('the JSON Schema %o', (schema) => {
    expect(readTools([{ name: 'a', parameters: schema }])[0]!.parameters).toEqual(schema);
  });

  test('property names and enum values that look like Gemini types', () => {
    const properties = { type: { type: 'STRING', enum: ['STRING', 'NUMBER'] }, list: { type: 'ARRAY', items: { type: 'INTEGER' } } };
    expect(readTools([{ functionDeclarations: [{ name: 'a', parameters: { type: 'OBJECT', properties } }] }])[0]!.parameters).toEqual({
      type: 'object',
      properties: { type: { type: 'string', enum: ['STRING', 'NUMBER'] }, list: { type: 'array', items: { type: 'integer' } } },
    });
  });

  test('a flat argument that is called type', () => {
    expect(readTools([{ name: 'a', parameters: { type: { type: 'string' }, n: { type: 'integer' } } }])[0]!.parameters).toEqual({
      type: 'object', properties: { type: { type: 'string' }, n: { type: 'integer' } },
    });
  });
});

describe('readTools refuses', () => {
  test.each([
    ['text', 'tools'],
    [null, 'tools'],
    [[{ name: 'a' }, 7], 'tools[1]'],
    [[{ description: 'no name' }], 'tools[0].name'],
    [[{ type: 'function', function: { name: '' } }], 'tools[0].function.name'],
    [[{ name: 'a', description: 7 }], 'tools[0].description'],
    [[{ name: 'a', parameters: 'x' }], 'tools[0].parameters'],
    [{ tools: [{ inputSchema: {} }] }, 'tools.tools[0].name'],
  ])('%o at %s', (tools, path) => {
    expect(() => readTools(tools)).toThrow(expect.objectContaining({ code: 'invalid_schema', path }));
  });
});
