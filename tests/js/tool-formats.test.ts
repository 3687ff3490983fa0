// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { plainTools, readTools } from '../../js/api/tool-formats.js';

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const plain = [{ name: 'get_weather', description: 'Weather', parameters }];
const base = { name: 'get_weather', description: 'Weather' };
const read = (tools: unknown) => plainTools(readTools(tools));

/** A schema as Standard JSON Schema libraries make them, some of which are functions. */
const standard = (schema: object, extra: object = {}) => ({ '~standard': { version: 1, vendor: 'test', jsonSchema: { input: () => schema }, ...extra } });

describe('readTools recognises', () => {
  test.each([
    ['the plain form', plain],
    ['a single tool', plain[0]],
    ['OpenAI chat', [{ type: 'function', function: { ...base, parameters, strict: true } }]],
    ['OpenAI chat without a type', [{ function: { ...base, parameters } }]],
    ['OpenAI responses', [{ type: 'function', ...base, parameters, strict: true }]],
    ['Anthropic', [{ ...base, input_schema: parameters }]],
    ['Anthropic with a type', [{ type: 'custom', ...base, input_schema: parameters, cache_control: { type: 'ephemeral' } }]],
    ['MCP tools/list', { tools: [{ ...base, title: 'Weather', inputSchema: parameters, annotations: { readOnlyHint: true } }], nextCursor: 'x' }],
    ['MCP as JSON-RPC answers', { jsonrpc: '2.0', id: 1, result: { tools: [{ ...base, inputSchema: parameters }] } }],
    ['Gemini', [{ functionDeclarations: [{ ...base, parameters: { type: 'OBJECT', properties: { city: { type: 'STRING' } }, required: ['city'], propertyOrdering: ['city'] } }] }]],
    ['Gemini with a JSON Schema', { function_declarations: [{ ...base, parametersJsonSchema: parameters }] }],
    ['the AI SDK’s record', { get_weather: { description: 'Weather', inputSchema: parameters, execute: () => 1 } }],
    ['the AI SDK’s record of older versions', { get_weather: { description: 'Weather', parameters } }],
    ['LangChain', [{ ...base, schema: parameters, invoke: () => 1, lc_namespace: ['langchain'] }]],
    ['WebMCP', [{ ...base, inputSchema: parameters, execute: () => 1, annotations: {} }]],
    ['WebMCP with the schema as text', [{ ...base, inputSchema: JSON.stringify(parameters) }]],
    ['flat Needle', [{ ...base, parameters: { city: { type: 'string', required: true } } }]],
    ['flat Needle by type names', [{ ...base, parameters: { city: 'string' } }]],
    ['a Standard Schema', [{ ...base, parameters: standard(parameters) }]],
    ['a Standard Schema that is a function', { get_weather: { ...base, inputSchema: Object.assign(() => 1, standard(parameters)) } }],
  ])('%s', (_, tools) => {
    expect(read(tools)).toEqual(plain);
  });

  test('a JSON Schema that is a tool by its title, or by its name in a record', () => {
    const schema = { title: 'get_weather', description: 'Weather', ...parameters };
    const expected = [{ ...base, parameters: schema }];
    expect(read([schema])).toEqual(expected);
    expect(read(schema)).toEqual(expected);
    expect(read([standard(schema)])).toEqual(expected);
    expect(read({ get_weather: standard({ ...schema, title: 'other' }) })[0]!.name).toBe('get_weather');
  });

  test('forms mixed in one list', () => {
    expect(read([{ functionDeclarations: [{ name: 'a' }, { name: 'b' }] }, { name: 'c', inputSchema: parameters }]).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  test('tools without arguments', () => {
    expect(read([{ name: 'a' }, { name: 'b', parameters: {} }, { name: 'c', parameters: null, description: null }, { type: 'function', name: 'd' }])).toEqual([
      { name: 'a' }, { name: 'b', parameters: {} }, { name: 'c' }, { name: 'd' },
    ]);
    expect(read({ e: { description: 'x' } })).toEqual([{ name: 'e', description: 'x' }]);
  });

  test('a record whose tools are called like parts of other forms', () => {
    const names = ['result', 'tools', 'name', 'description', 'type'];
    expect(read(Object.fromEntries(names.map((name) => [name, { inputSchema: parameters }]))).map(({ name }) => name)).toEqual(names);
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
    expect(read([{ name: 'a', parameters: schema }])[0]!.parameters).toEqual(schema);
  });

  test('property names and enum values that look like Gemini’s', () => {
    const properties = { type: { type: 'STRING', enum: ['STRING', 'NUMBER'], format: 'enum' }, list: { type: 'ARRAY', items: { type: 'INTEGER' }, minItems: '1', nullable: true }, propertyOrdering: { type: 'STRING' } };
    expect(read([{ functionDeclarations: [{ name: 'a', parameters: { type: 'OBJECT', properties } }] }])[0]!.parameters).toEqual({
      type: 'object',
      properties: { type: { type: 'string', enum: ['STRING', 'NUMBER'] }, list: { type: 'array', items: { type: 'integer' }, minItems: 1, nullable: true }, propertyOrdering: { type: 'string' } },
    });
  });

  test('all but the assertion of a library’s records that keys are strings', () => {
    const record = { type: 'object', propertyNames: { type: 'string' }, additionalProperties: { type: 'number' } };
    const schema = { type: 'object', properties: { propertyNames: record, codes: { ...record, propertyNames: { type: 'string', maxLength: 2 } } } };
    const { properties } = read([{ name: 'a', parameters: standard(schema) }])[0]!.parameters as { properties: object };
    expect(properties).toEqual({ propertyNames: { type: 'object', additionalProperties: { type: 'number' } }, codes: schema.properties.codes });
  });

  test('a flat argument that is called type', () => {
    expect(read([{ name: 'a', parameters: { type: { type: 'string' }, n: { type: 'integer' } } }])[0]!.parameters).toEqual({
      type: 'object', properties: { type: { type: 'string' }, n: { type: 'integer' } },
    });
  });
});

describe('readTools keeps', () => {
  /** An own property, as JSON.parse makes it. */
  const own = (value: unknown) => JSON.parse(JSON.stringify({ key: value }).replace('key', '__proto__')) as object;

  test.each([
    ['flat Needle', [{ ...base, parameters: own({ type: 'string', required: true }) }]],
    ['flat Needle by type names', [{ ...base, parameters: own('string') }]],
    ['Gemini', [{ functionDeclarations: [{ ...base, parameters: { type: 'OBJECT', properties: own({ type: 'STRING' }), required: ['__proto__'] } }] }]],
    ['a library', [{ ...base, parameters: standard({ type: 'object', properties: own({ type: 'string' }), required: ['__proto__'] }) }]],
  ])('an argument that is called __proto__: %s', (_, tools) => {
    const { properties, required } = read(tools)[0]!.parameters as { properties: object; required: string[] };
    expect(Object.entries(properties)).toEqual([['__proto__', { type: 'string' }]]);
    expect(required).toEqual(['__proto__']);
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
    [[{ name: 'a', parameters: 'x' }], 'tools[0].parameters', 'invalid_json'],
    [[{ name: 'a', parameters: 7 }], 'tools[0].parameters'],
    [[{ name: 'a', inputSchema: [] }], 'tools[0].inputSchema'],
    [{ tools: [{ inputSchema: {} }] }, 'tools.tools[0].name'],
    [{ inputSchema: {} }, 'tools.name'],
    [{ weather: { parameters: 7, description: 'x' } }, 'tools.weather.parameters'],
    [{ 'get weather': { parameters: 7, description: 'x' } }, 'tools["get weather"].parameters'],
    [[{ type: 'object', properties: {} }], 'tools[0].title'],
    [[{ name: 'a' }, { type: 'web_search' }], 'tools[1].type', 'unsupported_schema'],
    [[{ type: 'web_search_20250305', name: 'web_search', max_uses: 5 }], 'tools[0].type', 'unsupported_schema'],
    [[{ type: 'custom', name: 'sql', format: { type: 'text' } }], 'tools[0].type', 'unsupported_schema'],
    [{ search: { type: 'provider', id: 'openai.web_search', inputSchema: {} } }, 'tools.search.type', 'unsupported_schema'],
    [[{ googleSearch: {} }], 'tools[0].googleSearch', 'unsupported_schema'],
  ])('%o at %s', (tools, path, code = 'invalid_schema') => {
    expect(() => readTools(tools)).toThrow(expect.objectContaining({ code, path }));
  });

  test('a Standard Schema without a JSON Schema, saying whose it is and what helps', () => {
    const tools = [{ name: 'a' }, { name: 'b', parameters: { '~standard': { version: 1, vendor: 'valibot' } } }];
    expect(() => readTools(tools)).toThrow(expect.objectContaining({ code: 'unsupported_schema', path: 'tools[1].parameters', message: expect.stringMatching(/valibot.*toJsonSchema/) }));
    expect(plainTools(readTools(tools, 'tools', () => parameters))[1]!.parameters).toEqual(parameters);
  });

  test('a Standard Schema that its library cannot convert, with the library’s reason', () => {
    const cannot = { input() { throw new Error('Date cannot be represented'); } };
    expect(() => readTools({ a: { inputSchema: standard({}, { jsonSchema: cannot }) } })).toThrow(
      expect.objectContaining({ code: 'unsupported_schema', path: 'tools.a.inputSchema', message: expect.stringContaining('Date cannot be represented') }),
    );
  });

  test('a schema that comes of an asynchronous converter, in whatever place', () => {
    const later = async () => parameters;
    const refused = (path: string) => expect.objectContaining({ code: 'unsupported_schema', path, message: expect.stringMatching(/promise/i) });
    const bare = { '~standard': { version: 1, vendor: 'test' } };
    expect(() => readTools([{ name: 'a', parameters: bare }], 'tools', later as never)).toThrow(refused('tools[0].parameters'));
    expect(() => readTools({ a: { inputSchema: standard({}, { jsonSchema: { input: later } }) } })).toThrow(refused('tools.a.inputSchema'));
    expect(() => readTools({ a: { inputSchema: later } })).toThrow(refused('tools.a.inputSchema'));
    expect(() => readTools([{ name: 'a', parameters: later() }])).toThrow(refused('tools[0].parameters'));
    const conditional = { type: 'object', then: {} }; // JSON Schema has a keyword of that name
    expect(read([{ name: 'a', parameters: conditional }])[0]!.parameters).toEqual(conditional);
  });

  test('an AI SDK schema that is still loading', () => {
    const schema = { [Symbol.for('vercel.ai.schema')]: true, jsonSchema: Promise.resolve({}) };
    expect(() => readTools({ a: { inputSchema: schema } })).toThrow(expect.objectContaining({ code: 'unsupported_schema', path: 'tools.a.inputSchema' }));
  });

  const throws = (what: unknown) => () => { throw what; };
  const revoked = () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    return proxy;
  };
  const forEver: unknown = () => forEver;
  const sparse = (list: unknown[]) => Object.assign(list, { length: list.length + 1 });
  const ownResult: { tools: unknown[]; result?: object } = { tools: [] };
  ownResult.result = ownResult;
  let deep: object = { type: 'STRING' };
  for (let depth = 0; depth < 100_000; depth++) deep = { type: 'ARRAY', items: deep };

  test.each([
    ['a schema that throws when asked for', { a: { inputSchema: throws(new Error('no')) } }, 'tools.a.inputSchema'],
    ['a schema that throws null', { a: { inputSchema: throws(null) } }, 'tools.a.inputSchema'],
    ['a schema that throws what cannot be read', { a: { inputSchema: throws(revoked()) } }, 'tools.a.inputSchema'],
    ['a schema that gives itself for ever', { a: { inputSchema: forEver } }, 'tools.a.inputSchema'],
    ['a schema whose ~standard throws', [{ ...base, parameters: { get '~standard'() { throw 'word'; } } }], 'tools[0].parameters'],
    ['a revoked proxy as a schema', [{ ...base, parameters: revoked() }], 'tools[0].parameters'],
    ['a revoked proxy as a tool', [base, revoked()], 'tools[1]'],
    ['a revoked proxy as the tools', revoked(), 'tools'],
    ['a tool whose name throws', [base, { get name() { throw null; } }], 'tools[1]'],
    ['a tool whose name throws, in a record', { a: { inputSchema: {}, get execute() { throw null; } } }, 'tools.a'],
    ['a declaration that is too deep', [{ functionDeclarations: [base, { ...base, parameters: deep }] }], 'tools[0].functionDeclarations[1]'],
    ['what a sparse list lacks', sparse([base]), 'tools[1]'],
    ['what a sparse list of declarations lacks', [{ functionDeclarations: sparse([base]) }], 'tools[0].functionDeclarations[1]'],
    ['an answer that is its own result', ownResult, 'tools'],
  ])('%s', (_, tools, path) => {
    expect(() => readTools(tools)).toThrow(expect.objectContaining({ code: 'invalid_schema', path }));
  });
});
