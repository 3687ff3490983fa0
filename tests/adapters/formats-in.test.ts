// SPDX-License-Identifier: Apache-2.0
// Tools as the libraries themselves make them: what arrives at the engine, and what run() calls.
import { toStandardJsonSchema, toJsonSchema as valibotToJsonSchema } from '@valibot/to-json-schema';
import { DynamicStructuredTool, tool as langchainTool } from '@langchain/core/tools';
import { dynamicTool, jsonSchema, tool as aiTool, zodSchema } from 'ai';
import { tool as ai6Tool } from 'ai6';
import { type } from 'arktype';
import { ScriptedRouter } from 'needle-router/testing';
import { zodFunction } from 'openai/helpers/zod';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import * as zMini from 'zod/mini';
import * as z3 from 'zod/v3';

const description = 'Sets a light';
const properties = { room: { type: 'string' }, level: { type: 'integer', minimum: 0, maximum: 100 } };
/** Each library's own words around it (`$schema`, `additionalProperties`) aside. */
const expected = { name: 'set_light', description, parameters: expect.objectContaining({ type: 'object', properties, required: ['room'] }) };

const zod = z.object({ room: z.string(), level: z.int().min(0).max(100).optional() });
const valibot = v.object({ room: v.string(), level: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100))) });
const arktype = type({ room: 'string', 'level?': '0 <= number.integer <= 100' });
const script = { x: { name: 'set_light', arguments: { room: 'hall', level: 5 } } };

async function arrived(tools: unknown, toJsonSchema?: (schema: never) => object) {
  const router = await ScriptedRouter.load(script, toJsonSchema ? { toJsonSchema } : {});
  const { calls } = await router.run('x', tools as unknown[]);
  return { tools: router.requests[0]!.tools, outcome: calls[0] as { status: string; result?: unknown } };
}
const execute = async ({ room, level }: { room: string; level?: number | undefined }) => `${room} ${level}`;

describe('tools of', () => {
  test.each([
    ['Zod', [{ name: 'set_light', description, parameters: zod, execute }]],
    ['Valibot by toStandardJsonSchema', [{ name: 'set_light', description, parameters: toStandardJsonSchema(valibot), execute }]],
    ['ArkType', [{ name: 'set_light', description, parameters: arktype, execute }]],
    ['the AI SDK with Zod', { set_light: aiTool({ description, inputSchema: zod, execute }) }],
    ['the AI SDK with ArkType', { set_light: aiTool({ description, inputSchema: arktype, execute }) }],
    ['the AI SDK with a JSON Schema', { set_light: aiTool({ description, inputSchema: jsonSchema<{ room: string }>({ type: 'object', properties: properties as never, required: ['room'] }), execute }) }],
    ['the AI SDK with Zod 3', { set_light: aiTool({ description, inputSchema: zodSchema(z3.object({ room: z3.string(), level: z3.number().int().min(0).max(100).optional() })), execute }) }],
    ['the AI SDK, dynamic', { set_light: dynamicTool({ description, inputSchema: zod, execute: (input) => execute(input as { room: string }) }) }],
    ['the AI SDK 6', { set_light: ai6Tool({ description, inputSchema: zod, execute }) }],
    ['LangChain with Zod', [langchainTool(execute, { name: 'set_light', description, schema: zod })]],
    ['LangChain with a JSON Schema', [new DynamicStructuredTool({ name: 'set_light', description, schema: { type: 'object', properties, required: ['room'] }, func: (args) => execute(args as { room: string; level: number }) })]],
  ])('%s arrive as JSON Schema and are called', async (_, tools) => {
    const { tools: seen, outcome } = await arrived(tools);
    expect(seen).toEqual([expected]);
    expect(outcome).toMatchObject({ status: 'done', result: 'hall 5' });
  });

  test('OpenAI’s zodFunction arrive with its strict schema and are called', async () => {
    const strict = z.object({ room: z.string(), level: z.int().nullable() });
    const { tools, outcome } = await arrived([zodFunction({ name: 'set_light', description, parameters: strict, function: ({ room, level }) => `${room} ${level}` })]);
    expect(tools).toMatchObject([{ name: 'set_light', description, parameters: { type: 'object', required: ['room', 'level'] } }]);
    expect(outcome).toMatchObject({ status: 'done', result: 'hall 5' });
  });

  test.each([
    ['Zod Mini', zMini.object({ room: zMini.string(), level: zMini.optional(zMini.int().check(zMini.minimum(0), zMini.maximum(100))) }), z.toJSONSchema],
    ['bare Valibot', valibot, valibotToJsonSchema],
  ])('%s arrive by toJsonSchema, and without it are an error that says so', async (_, parameters, toJsonSchema) => {
    const tools = [{ name: 'a' }, { name: 'set_light', description, parameters }];
    expect((await arrived(tools, toJsonSchema as never)).tools[1]).toEqual(expected);
    await expect(arrived(tools)).rejects.toMatchObject({ code: 'unsupported_schema', path: 'tools[1].parameters', message: expect.stringContaining('toJsonSchema') });
  });
});

describe('execute gets what the library makes of the arguments', () => {
  test.each([
    ['Zod', z.object({ room: z.string().transform((room) => room.toUpperCase()), at: z.string().default('now') })],
    ['ArkType', type({ room: type('string').pipe((room) => room.toUpperCase()), at: 'string = "now"' })],
    ['Valibot', toStandardJsonSchema(v.object({ room: v.pipe(v.string(), v.transform((room) => room.toUpperCase())), at: v.optional(v.string(), 'now') }))],
  ])('%s', async (_, parameters) => {
    const router = await ScriptedRouter.load({ x: { name: 'a', arguments: { room: 'hall' } } });
    const { calls } = await router.run('x', { a: { inputSchema: parameters, execute: (args: object) => args } });
    expect(calls).toMatchObject([{ arguments: { room: 'hall' }, status: 'done', result: { room: 'HALL', at: 'now' } }]);
  });

  test('and a refinement that JSON Schema does not know fails the call alone', async () => {
    const router = await ScriptedRouter.load({ x: [{ name: 'a', arguments: { room: 'hall' } }, { name: 'b' }] });
    const parameters = z.object({ room: z.string().refine((room) => room === 'bath', 'only the bath') });
    const { calls } = await router.run('x', [{ name: 'a', parameters, execute: () => 1 }, { name: 'b', execute: () => 2 }]);
    expect(calls).toMatchObject([{ status: 'failed', error: { code: 'invalid_argument', path: 'room', message: 'only the bath' } }, { status: 'done', result: 2 }]);
  });
});

test('a schema that the library cannot write is named with its place', async () => {
  const tools = { a: aiTool({ inputSchema: z.object({ when: z.date() }) }) };
  await expect(arrived(tools)).rejects.toMatchObject({ code: 'unsupported_schema', path: 'tools.a.inputSchema', message: expect.stringContaining('Date') });
});
