// SPDX-License-Identifier: Apache-2.0
// Schemas of the libraries, by the real engine: what can be enforced compiles, the rest is named with its place.
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import { ToolRouter } from 'needle-router';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { hasModel } from '../e2e/built.js';

const zod = z.object({
  text: z.string().min(1).max(20), code: z.string().regex(/^[A-Z]{3}$/), whole: z.int().min(0), part: z.number().gt(0), on: z.boolean(),
  room: z.enum(['kitchen', 'hall']), kind: z.literal('x'), list: z.array(z.string()).min(1), at: z.object({ x: z.number() }).optional(),
  maybe: z.string().nullable(), either: z.union([z.string(), z.number()]), day: z.iso.date(), when: z.iso.datetime(), mail: z.email(), id: z.uuid(),
  link: z.url(), prices: z.record(z.string(), z.number()), preset: z.string().default('x'),
  shape: z.discriminatedUnion('kind', [z.object({ kind: z.literal('circle'), r: z.number() }), z.object({ kind: z.literal('square'), a: z.number() })]),
});
const arktype = type({ text: '1<=string<=20', whole: '0<=number.integer<=100', room: "'kitchen'|'hall'", list: 'string[]', maybe: 'string|null', mail: 'string.email', prices: 'Record<string, number>', preset: 'string = "x"' });
const valibot = toStandardJsonSchema(v.object({
  text: v.pipe(v.string(), v.minLength(1)), whole: v.pipe(v.number(), v.integer()), room: v.picklist(['kitchen', 'hall']), list: v.array(v.string()),
  maybe: v.nullable(v.string()), mail: v.pipe(v.string(), v.email()), prices: v.record(v.string(), v.number()), preset: v.optional(v.string(), 'x'),
}));

describe.skipIf(!hasModel)('the engine', () => {
  let router: ToolRouter;
  beforeAll(async () => void (router = await ToolRouter.load()));
  afterAll(() => router.dispose());

  test.each([['Zod', zod], ['ArkType', arktype], ['Valibot', valibot]])('takes what %s says', async (_, parameters) => {
    const toolset = await router.tools([{ name: 'a', parameters }]);
    expect(toolset.names).toEqual(['a']);
  });

  test('says where a library’s schema cannot be enforced, in the caller’s words', async () => {
    await expect(router.tools({ a: { inputSchema: z.object({ pair: z.tuple([z.string(), z.number()]) }) } })).rejects.toMatchObject({
      code: 'unsupported_schema', path: 'tools.a.inputSchema.properties.pair.prefixItems',
    });
  });

  test('fills in a Zod tool, whose execute gets numbers as numbers', async () => {
    const parameters = z.object({ room: z.string(), brightness: z.int().min(0).max(100).transform((level) => level / 100) });
    const tools = [{ name: 'set_light', description: 'Set the brightness of the lights in a room', parameters, execute: (args: object) => args }];
    const { calls } = await router.run('dim the kitchen to 30%', tools);
    expect(calls).toMatchObject([{ arguments: { room: 'kitchen', brightness: 30 }, status: 'done', result: { room: 'kitchen', brightness: 0.3 } }]);
  });
});
