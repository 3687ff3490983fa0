// SPDX-License-Identifier: Apache-2.0
// needle-router/ai under the AI SDK itself, in the two releases that take version 3 of a model.
import * as ai7 from 'ai';
import { MockLanguageModelV3 } from 'ai/test';
import * as ai6 from 'ai6';
import { localFirst, needleModel, type Escalation } from 'needle-router/ai';
import { ScriptedRouter, type Answer } from 'needle-router/testing';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';

const light = { name: 'set_light', arguments: { room: 'kitchen' } };
const foreign = 'mach bitte das licht in der küche heller';
const script: Record<string, Answer> = {
  light, [foreign]: light, both: [light, { name: 'play' }], joke: 'none', dim: { missing: ['room'] }, unsure: { calls: [light], confidence: 0.4 }, broken: new Error('boom'),
};
const load = (options = {}) => ScriptedRouter.load(script, options);
const makeTools = (ai: typeof ai7) => ({
  set_light: ai.tool({ description: 'Sets a light', inputSchema: z.object({ room: z.string() }), execute: async ({ room }) => `${room} is on` }),
  play: ai.tool({ inputSchema: z.object({}) }),
});

describe.each([['7', ai7], ['6', ai6 as unknown as typeof ai7]])('needleModel in release %s', (_, ai) => {
  const tools = makeTools(ai);

  test('calls tools, which the SDK executes', async () => {
    const router = await load();
    const { toolCalls, toolResults, finishReason, warnings, providerMetadata } = await ai.generateText({ model: needleModel(router), prompt: 'both', tools });
    expect(toolCalls).toMatchObject([{ toolName: 'set_light', input: { room: 'kitchen' } }, { toolName: 'play', input: {} }]);
    expect(toolResults).toMatchObject([{ output: 'kitchen is on' }]);
    expect(finishReason).toBe('tool-calls');
    expect(warnings ?? []).toEqual([]);
    expect(providerMetadata).toMatchObject({ needle: { type: 'call', confidence: 1, considered: ['set_light', 'play'] } });
    expect(router.requests[0]!.tools[0]).toMatchObject({ name: 'set_light', description: 'Sets a light' });
  });

  test('ends a loop of steps after the tools have answered', async () => {
    const { steps, text } = await ai.generateText({ model: needleModel(await load()), prompt: 'light', tools, stopWhen: ai.stepCountIs(5) });
    expect(steps).toHaveLength(2);
    expect(text).toBe('');
  });

  test('says what is missing, and that nothing fits', async () => {
    const model = needleModel(await load());
    expect(await ai.generateText({ model, prompt: 'dim', tools })).toMatchObject({ text: 'Please say what room should be.', finishReason: 'stop', toolCalls: [] });
    expect((await ai.generateText({ model, prompt: 'joke', tools })).text).toMatch(/^None of the tools/);
  });

  test('streams', async () => {
    const types: string[] = [];
    const { fullStream, toolCalls } = ai.streamText({ model: needleModel(await load()), prompt: 'light', tools });
    for await (const part of fullStream) types.push(part.type);
    expect(types).toEqual(expect.arrayContaining(['tool-input-start', 'tool-input-delta', 'tool-input-end', 'tool-call', 'tool-result', 'finish']));
    expect(await toolCalls).toMatchObject([{ toolName: 'set_light', input: { room: 'kitchen' } }]);
    expect(await ai.streamText({ model: needleModel(await load()), prompt: 'joke', tools }).text).toMatch(/^None/);
  });

  test('honours toolChoice, and the conversation’s last user turn', async () => {
    const router = await load();
    const model = needleModel(router, { facts: { date: '2026-11-21' } });
    const messages = [{ role: 'user' as const, content: 'hello' }, { role: 'assistant' as const, content: 'hi' }, { role: 'user' as const, content: 'light' }];
    await ai.generateText({ model, messages, tools, toolChoice: { type: 'tool', toolName: 'set_light' } });
    expect(router.requests[0]).toMatchObject({ query: 'light', context: ['hello'], options: { toolChoice: { name: 'set_light' }, facts: { date: '2026-11-21' } } });
  });

  test('aborts, and passes errors on', async () => {
    const slow = needleModel(await load({ delayMs: 10_000 }));
    await expect(ai.generateText({ model: slow, prompt: 'light', tools, abortSignal: AbortSignal.timeout(20), maxRetries: 0 })).rejects.toMatchObject({ code: 'aborted' });
    await expect(ai.generateText({ model: needleModel(await load()), prompt: 'broken', tools, maxRetries: 0 })).rejects.toMatchObject({ message: 'boom' });
    await expect(ai.generateObject({ model: needleModel(await load()), prompt: 'light', schema: z.object({}), maxRetries: 0 })).rejects.toMatchObject({ code: 'invalid_argument', path: 'responseFormat' });
  });
});

describe('localFirst', () => {
  const usage = { inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 1, text: 1, reasoning: 0 } };
  const finishReason = { unified: 'stop' as const, raw: 'stop' };
  const makeBigger = () => new MockLanguageModelV3({
    doGenerate: async () => ({ content: [{ type: 'text', text: 'the bigger model' }], finishReason, usage, warnings: [] }),
    doStream: async () => ({
      stream: ai7.simulateReadableStream({ chunks: [{ type: 'text-start', id: '1' }, { type: 'text-delta', id: '1', delta: 'the bigger model' }, { type: 'text-end', id: '1' }, { type: 'finish', finishReason, usage }] }),
    }),
  });
  const tools = makeTools(ai7);
  async function ask(prompt: string, extra: object = {}, options: object = {}) {
    const bigger = makeBigger();
    const whys: Escalation[] = [];
    const router = await load(options);
    const model = ai7.wrapLanguageModel({ model: bigger, middleware: localFirst(router, { onEscalate: (why) => whys.push(why) }) });
    const answer = ai7.generateText({ model, prompt, tools, maxRetries: 0, ...extra } as Parameters<typeof ai7.generateText>[0]);
    return { bigger, whys, router, model, answer };
  }

  test('answers what it is sure of, and does not ask the bigger model', async () => {
    const { bigger, answer, whys } = await ask('light');
    expect(await answer).toMatchObject({ toolCalls: [{ toolName: 'set_light' }], toolResults: [{ output: 'kitchen is on' }] });
    expect(bigger.doGenerateCalls).toHaveLength(0);
    expect(whys).toEqual([]);
  });

  test.each([['unsure', 'unsure'], ['joke', 'none'], ['dim', 'incomplete'], ['broken', 'error']])('asks the bigger model for %s', async (prompt, reason) => {
    const { answer, whys } = await ask(prompt);
    expect((await answer).text).toBe('the bigger model');
    expect(whys).toMatchObject([{ reason }]);
  });

  test('asks the bigger model what is not in English, however sure the router is', async () => {
    const { answer, whys, bigger } = await ask(foreign);
    expect((await answer).text).toBe('the bigger model');
    expect(bigger.doGenerateCalls).toHaveLength(1);
    expect(whys).toMatchObject([{ reason: 'unsure', result: { type: 'call', confidence: 1, escalated: true } }]);
  });

  test('lets the bigger model put the tools’ answers into words', async () => {
    const { answer, whys } = await ask('light', { stopWhen: ai7.stepCountIs(3) });
    expect(await answer).toMatchObject({ text: 'the bigger model', steps: { length: 2 } });
    expect(whys).toMatchObject([{ reason: 'chat' }]);
  });

  test('routes neither without tools nor what is more than text', async () => {
    for (const extra of [{ tools: undefined }, { toolChoice: 'none' }, { prompt: [{ role: 'user', content: [{ type: 'text', text: 'light' }, { type: 'image', image: new Uint8Array([1]), mediaType: 'image/png' }] }] }]) {
      const { answer, router } = await ask('light', extra);
      expect((await answer).text).toBe('the bigger model');
      expect(router.requests).toHaveLength(0);
    }
  });

  test('streams either answer', async () => {
    const { model } = await ask('light');
    expect(await ai7.streamText({ model, prompt: 'light', tools }).toolCalls).toMatchObject([{ toolName: 'set_light' }]);
    expect(await ai7.streamText({ model, prompt: 'joke', tools }).text).toBe('the bigger model');
  });

  test('does not ask the bigger model after an abort', async () => {
    const controller = new AbortController();
    const { answer, bigger } = await ask('light', { abortSignal: controller.signal }, { delayMs: 5000 });
    const rejected = expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    setTimeout(() => controller.abort(), 50);
    await rejected;
    expect(bigger.doGenerateCalls).toHaveLength(0);
  });

  test('works in release 6', async () => {
    const model = ai6.wrapLanguageModel({ model: makeBigger() as never, middleware: localFirst(await load()) as never });
    expect((await ai6.generateText({ model, prompt: 'joke', tools: makeTools(ai6 as never) as never })).text).toBe('the bigger model');
    expect((await ai6.generateText({ model, prompt: 'light', tools: makeTools(ai6 as never) as never })).toolCalls).toHaveLength(1);
  });
});
