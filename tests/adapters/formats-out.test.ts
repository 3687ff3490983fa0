// SPDX-License-Identifier: Apache-2.0
// What the formats make, read by the packages that they are for. Their types are held against one another in types/.
import { CallToolRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { coerceMessageLikeToMessage } from '@langchain/core/messages';
import { modelMessageSchema } from 'ai';
import { toAiSdk, toAnthropic, toGemini, toMcp, toOpenAI, toOpenAIResponses } from 'needle-router/formats';
import { ScriptedRouter } from 'needle-router/testing';
import { beforeAll, describe, expect, test } from 'vitest';

const light = { name: 'set_light', arguments: { room: 'kitchen' } };
const parameters = { type: 'object', properties: { room: { type: 'string' } } };
type Result = Awaited<ReturnType<ScriptedRouter['run']>>;
let routed: Result, ran: Result, none: Result, incomplete: Result;

beforeAll(async () => {
  const router = await ScriptedRouter.load({ x: [light, { name: 'play' }, { name: 'wait' }], none: 'none', incomplete: { missing: ['room', 'level'] } });
  const tools = [{ name: 'set_light', parameters }, { name: 'play' }, { name: 'wait' }];
  routed = (await router.route('x', tools as unknown[])) as Result;
  none = (await router.route('none', tools as unknown[])) as Result;
  incomplete = (await router.route('incomplete', tools as unknown[])) as Result;
  ran = await router.run('x', [
    { ...tools[0], execute: () => ({ on: true, at: new Date(0) }) },
    { name: 'play', execute: () => { throw new Error('no music'); } },
    { name: 'wait' },
  ] as unknown[]);
});

describe('toOpenAI', () => {
  test('writes the calls, and after run() the answers under their ids', () => {
    const [assistant, ...answers] = toOpenAI(ran);
    expect(assistant).toMatchObject({ role: 'assistant', content: null, tool_calls: [{ type: 'function', function: { name: 'set_light', arguments: '{"room":"kitchen"}' } }, {}, {}] });
    const ids = (assistant as { tool_calls: { id: string }[] }).tool_calls.map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    expect(answers).toEqual([
      { role: 'tool', tool_call_id: ids[0], content: '{"on":true,"at":"1970-01-01T00:00:00.000Z"}' },
      { role: 'tool', tool_call_id: ids[1], content: 'no music' },
    ]);
    expect(toOpenAI(routed)).toHaveLength(1);
  });

  test('says something where no tool is called', () => {
    expect(toOpenAI(none)).toEqual([{ role: 'assistant', content: 'None of the tools fits this request.' }]);
    expect(toOpenAI(incomplete)).toEqual([{ role: 'assistant', content: 'Please say what room and level should be.' }]);
    expect(toOpenAI(none, { say: ({ type }) => type })).toEqual([{ role: 'assistant', content: 'none' }]);
  });

  test('is read by LangChain, too', () => {
    const messages = toOpenAI(ran).map((message) => coerceMessageLikeToMessage(message as never));
    expect(messages.map((message) => message.getType())).toEqual(['ai', 'tool', 'tool']);
    expect((messages[0] as { tool_calls?: object[] }).tool_calls).toMatchObject([{ name: 'set_light', args: { room: 'kitchen' } }, {}, {}]);
  });
});

test('toOpenAIResponses writes items', () => {
  const items = toOpenAIResponses(ran);
  expect(items.map(({ type }) => type)).toEqual(['function_call', 'function_call', 'function_call', 'function_call_output', 'function_call_output']);
  expect(items[3]).toEqual({ type: 'function_call_output', call_id: (items[0] as { call_id: string }).call_id, output: expect.stringContaining('"on":true') });
  expect(toOpenAIResponses(none)).toMatchObject([{ type: 'message', role: 'assistant' }]);
});

test('toAnthropic writes the answers as a user turn, errors marked', () => {
  const [assistant, user] = toAnthropic(ran) as [{ content: { id: string }[] }, object];
  expect(assistant).toMatchObject({ role: 'assistant', content: [{ type: 'tool_use', name: 'set_light', input: { room: 'kitchen' } }, {}, {}] });
  expect(user).toMatchObject({ role: 'user', content: [{ type: 'tool_result', tool_use_id: assistant.content[0]!.id, is_error: false }, { is_error: true, content: 'no music' }] });
  expect(toAnthropic(none)).toMatchObject([{ content: [{ type: 'text' }] }]);
});

test('toGemini writes contents', () => {
  expect(toGemini(ran)).toMatchObject([
    { role: 'model', parts: [{ functionCall: { name: 'set_light', args: { room: 'kitchen' } } }, {}, {}] },
    { role: 'user', parts: [{ functionResponse: { name: 'set_light', response: { output: { on: true } } } }, { functionResponse: { response: { error: 'no music' } } }] },
  ]);
  expect(toGemini(incomplete)).toMatchObject([{ parts: [{ text: expect.stringContaining('room') }] }]);
});

test('toAiSdk writes messages that the AI SDK accepts', () => {
  for (const result of [ran, routed, none]) {
    for (const message of toAiSdk(result)) expect(modelMessageSchema.parse(message)).toBeTruthy();
  }
  expect(toAiSdk(ran)[1]).toMatchObject({ role: 'tool', content: [{ toolName: 'set_light', output: { type: 'json', value: { on: true } } }, { output: { type: 'error-text' } }] });
});

test('toMcp writes requests that the MCP SDK accepts', () => {
  expect(toMcp(routed).map((request) => CallToolRequestSchema.parse(request).params.name)).toEqual(['set_light', 'play', 'wait']);
  expect(toMcp(none)).toEqual([]);
});
