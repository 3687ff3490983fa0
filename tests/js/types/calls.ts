// SPDX-License-Identifier: Apache-2.0
// Compiled, never run, by types.test.ts: what calls are typed as, by the tools passed.
import { tool } from '../../../js/api/tool.js';
import type { ToolRouter } from '../../../js/api/tool-router.js';
import type { CallOf, FromJsonSchema, JsonObject, LoadOptions, Outcome, RouteResult, ToolCall } from '../../../js/api/types.js';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(equal: Equal<A, B>): void;
declare const router: ToolRouter;

const light = {
  name: 'set_light',
  parameters: {
    type: 'object',
    properties: { room: { enum: ['kitchen', 'hall'] }, level: { type: 'integer' }, tags: { type: 'array', items: { type: 'string' } } },
    required: ['room'],
  },
} as const;
type Light = ToolCall<'set_light', { room: 'kitchen' | 'hall'; level?: number; tags?: string[] }>;

export async function jsonSchema(): Promise<void> {
  const { calls } = await router.route('x', [light, { name: 'play' }]);
  same<typeof calls, (Light | ToolCall<'play'>)[]>(true);
  for (const call of calls) {
    if (call.name === 'set_light') call.arguments.room satisfies 'kitchen' | 'hall';
    // @ts-expect-error: no tool has this name
    if (call.name === 'sing') return;
  }
  // Written in place, the tools need no `as const`.
  const inline = await router.route('x', [{ name: 'wait', parameters: { type: 'object', properties: { seconds: { type: 'number' } }, required: ['seconds'] } }]);
  same<(typeof inline.calls)[0], ToolCall<'wait', { seconds: number }>>(true);
  const toolset = await router.tools([light]);
  same<Awaited<ReturnType<typeof toolset.route>>, RouteResult<Light>>(true);
  for await (const step of toolset.stream('x')) if (step.type !== 'partial') same<typeof step.calls, Light[]>(true);
}

/** Every form says its name and schema somewhere else. */
export function forms(): void {
  const { name, parameters } = light;
  type Parameters = typeof parameters;
  same<CallOf<[{ type: 'function'; function: { name: typeof name; parameters: Parameters } }]>, Light>(true);
  same<CallOf<[{ name: typeof name; input_schema: Parameters }]>, Light>(true);
  same<CallOf<{ tools: [{ name: typeof name; inputSchema: Parameters }] }>, Light>(true);
  same<CallOf<{ set_light: { inputSchema: Parameters } }>, Light>(true);
  same<CallOf<[{ functionDeclarations: [{ name: typeof name; parametersJsonSchema: Parameters }] }]>, Light>(true);
  same<CallOf<[{ function_declarations: [{ name: typeof name; parameters: Parameters }] }]>, Light>(true);
  same<CallOf<{ function_declarations: [{ name: typeof name; parametersJsonSchema: Parameters }] }>, Light>(true);
  same<CallOf<{ jsonrpc: '2.0'; id: 1; result: { tools: [{ name: typeof name; inputSchema: Parameters }] } }>, Light>(true);
  same<CallOf<{ result: { inputSchema: Parameters }; tools: { description: string }; type: { description: string } }>['name'], 'result' | 'tools' | 'type'>(true);
  same<CallOf<{ name: 'a' }>, ToolCall<'a'>>(true);
  same<CallOf<{ a: { parameters: { '~standard': { types?: { input: { n?: number }; output: { n: number } } } } } }>, ToolCall<'a', { n?: number }>>(true);
}

/** What says nothing gives the general call, and never an error. */
export function general(): void {
  same<CallOf<unknown>, ToolCall>(true);
  same<CallOf<never[]>, ToolCall>(true);
  same<CallOf<object[]>, ToolCall>(true);
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  same<CallOf<any>, ToolCall>(true);
  same<CallOf<{ name: string; parameters: { type: string; properties: { room: { type: string } } } }[]>, ToolCall>(true);
  same<CallOf<Record<string, { inputSchema: object }>>, ToolCall>(true);
  // A schema that is a tool by itself, or a tool without a name that its type says, is no record of tools.
  same<CallOf<{ title: 'a'; type: 'object'; properties: { room: { type: 'string' } } }>, ToolCall>(true);
  same<CallOf<{ title: 'a'; type: 'object'; $defs: { room: { type: 'string' } } }>, ToolCall>(true);
  same<CallOf<{ title: string; type: string; properties: { room: { type: string } } }>, ToolCall>(true);
  same<CallOf<{ '~standard': { vendor: 'zod'; types?: { input: { n: number }; output: { n: number } } }; shape: { n: object } }>, ToolCall>(true);
  same<CallOf<{ function: { name: string; parameters: object } }>, ToolCall>(true);
  same<CallOf<{ function_declarations: object[] }>, ToolCall>(true);
}

export function schemas(): void {
  same<FromJsonSchema<{ type: ['string', 'null'] }>, string | null>(true);
  same<FromJsonSchema<{ type: 'STRING'; nullable: true }>, string | null>(true);
  same<FromJsonSchema<{ const: 7 }>, 7>(true);
  same<FromJsonSchema<{ anyOf: [{ type: 'boolean' }, { type: 'array'; items: { type: 'integer' } }] }>, boolean | number[]>(true);
  same<FromJsonSchema<{ type: 'object'; additionalProperties: { type: 'number' } }>, { [key: string]: number }>(true);
  same<FromJsonSchema<{ type: 'object' }>, JsonObject>(true);
  same<FromJsonSchema<{ type: 'object'; properties: { at: { type: 'object'; properties: { x: { type: 'number' } } } } }>, { at?: { x?: number } }>(true);
}

export async function run(): Promise<void> {
  const switched = tool({ ...light, execute: ({ room, level = 0 }, { signal }) => ({ room, level, isLate: signal.aborted }) });
  const { calls } = await router.run('x', [switched, { name: 'play', execute: async () => 'jazz' }]);
  for (const call of calls) {
    if (call.name === 'play' && call.status === 'done') call.result satisfies string;
    if (call.name === 'set_light' && call.status === 'done') same<typeof call.result, { room: 'kitchen' | 'hall'; level: number; isLate: boolean }>(true);
    if (call.status === 'failed') same<typeof call.error, unknown>(true);
    // @ts-expect-error: only a call that is done has a result
    if (call.status === 'pending') call.result;
  }
  // @ts-expect-error: the argument is called room
  tool({ ...light, execute: ({ rooms }) => rooms });
  same<Awaited<ReturnType<typeof router.run<unknown>>>['calls'][0], ToolCall & Outcome>(true);
}

export function converters(): void {
  ({ toJsonSchema: (schema: { zod: true }): { [key: string]: unknown; then?: object | boolean } => schema }) satisfies LoadOptions;
  ({ toJsonSchema: (schema: object): object => schema }) satisfies LoadOptions;
  // @ts-expect-error: tools are read at once
  ({ toJsonSchema: async (schema: object) => schema }) satisfies LoadOptions;
}
