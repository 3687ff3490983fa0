// SPDX-License-Identifier: Apache-2.0
import { HumanMessage, ToolMessage, type AIMessageChunk } from '@langchain/core/messages';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { tool } from '@langchain/core/tools';
import { ChatNeedle } from 'needle-router/langchain';
import { ScriptedRouter, type Answer } from 'needle-router/testing';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';

const light = { name: 'set_light', arguments: { room: 'kitchen' } };
const script: Record<string, Answer> = { light, both: [light, { name: 'play' }], song: { name: 'play' }, joke: 'none', broken: new Error('boom') };
const setLight = tool(({ room }) => `${room} is on`, { name: 'set_light', description: 'Sets a light', schema: z.object({ room: z.string() }) });
const play = tool(() => 'playing', { name: 'play', description: 'Plays', schema: z.object({}) });
const tools = [setLight, play];
const load = (options = {}) => ScriptedRouter.load(script, options);

describe('ChatNeedle', () => {
  test('calls bound tools, which LangChain invokes', async () => {
    const router = await load();
    const message = await new ChatNeedle({ router }).bindTools(tools).invoke('light');
    expect(message.getType()).toBe('ai');
    expect(message.tool_calls).toMatchObject([{ name: 'set_light', args: { room: 'kitchen' }, type: 'tool_call' }]);
    expect(message.response_metadata).toMatchObject({ type: 'call', confidence: 1 });
    const answer = await setLight.invoke(message.tool_calls![0]! as never);
    expect(answer).toBeInstanceOf(ToolMessage);
    expect(router.requests[0]!.tools.map(({ name }) => name)).toEqual(['set_light', 'play']);
  });

  test('is a part of chains', async () => {
    const chain = ChatPromptTemplate.fromMessages([['system', 'ignored'], ['human', '{what}']]).pipe(new ChatNeedle({ router: await load() }).bindTools(tools));
    expect((await chain.invoke({ what: 'light' })).tool_calls).toHaveLength(1);
    expect((await chain.batch([{ what: 'light' }, { what: 'joke' }])).map(({ tool_calls: calls }) => calls!.length)).toEqual([1, 0]);
  });

  test('streams chunks that add up to the message', async () => {
    const model = new ChatNeedle({ router: await load() }).bindTools(tools);
    let whole: AIMessageChunk | undefined;
    let chunks = 0;
    for await (const chunk of await model.stream('both')) {
      whole = whole ? whole.concat(chunk) : chunk;
      chunks++;
    }
    expect(chunks).toBeGreaterThan(2);
    expect(whole!.tool_calls).toMatchObject([{ name: 'set_light', args: { room: 'kitchen' } }, { name: 'play', args: {} }]);
    let text = '';
    for await (const chunk of await model.stream('joke')) text += String(chunk.content);
    expect(text).toMatch(/^None/);
  });

  test('says nothing after the tools have answered', async () => {
    const router = await load();
    const model = new ChatNeedle({ router }).bindTools(tools);
    const asked = new HumanMessage('light');
    const called = await model.invoke([asked]);
    const { content, tool_calls: calls } = await model.invoke([asked, called, new ToolMessage({ content: 'on', tool_call_id: called.tool_calls![0]!.id! })]);
    expect([content, calls, router.requests.length]).toEqual(['', [], 1]);
  });

  test('reads tool_choice and its own options', async () => {
    const router = await load();
    const model = new ChatNeedle({ router, facts: { date: '2026-11-21' }, maxCalls: 2 });
    await model.bindTools(tools, { tool_choice: 'any' }).invoke('light');
    await model.bindTools(tools, { tool_choice: { type: 'function', function: { name: 'play' } } }).invoke('song');
    expect(router.requests.map(({ options }) => options)).toEqual([
      { toolChoice: 'required', facts: { date: '2026-11-21' }, maxCalls: 2 }, { toolChoice: { name: 'play' }, facts: { date: '2026-11-21' }, maxCalls: 2 },
    ]);
    await expect(model.bindTools(tools, { tool_choice: { type: 'x' } }).invoke('light')).rejects.toMatchObject({ path: 'tool_choice' });
  });

  test('aborts, and passes errors on', async () => {
    const slow = new ChatNeedle({ router: await load({ delayMs: 5000 }) }).bindTools(tools);
    await expect(slow.invoke('light', { signal: AbortSignal.timeout(20) })).rejects.toThrow(/abort|timeout/i);
    await expect(new ChatNeedle({ router: await load() }).bindTools(tools).invoke('broken')).rejects.toThrow('boom');
  });
});
