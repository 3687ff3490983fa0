// SPDX-License-Identifier: Apache-2.0
// needle-router/openai: by itself, and under the real client, whose fetch it answers.
import { ScriptedRouter, type Answer } from 'needle-router/testing';
import { openAI, openAIFetch } from 'needle-router/openai';
import OpenAI from 'openai';
import { zodFunction } from 'openai/helpers/zod';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';

const light = { name: 'set_light', arguments: { room: 'kitchen' } };
const script: Record<string, Answer> = { light, both: [light, { name: 'play' }], joke: 'none', dim: { missing: ['room'] }, broken: new Error('boom') };
const load = (options = {}) => ScriptedRouter.load(script, options);
const parameters = { type: 'object', properties: { room: { type: 'string' } } };
const tools = [{ type: 'function' as const, function: { name: 'set_light', parameters } }, { type: 'function' as const, function: { name: 'play' } }];
const ask = (content: string) => ({ model: 'needle', messages: [{ role: 'user' as const, content }], tools });

describe('chat.completions.create', () => {
  test('answers with a completion, and the router’s own result beside it', async () => {
    const completion = await openAI(await load()).chat.completions.create(ask('light'));
    expect(completion).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-/), object: 'chat.completion', model: 'needle', usage: { total_tokens: 0 }, needle: { type: 'call', confidence: 1 },
      choices: [{ index: 0, finish_reason: 'tool_calls', message: { role: 'assistant', content: null, tool_calls: [{ type: 'function', function: { name: 'set_light', arguments: '{"room":"kitchen"}' } }] } }],
    });
  });

  test('says something where no tool is called, and nothing after tools have answered', async () => {
    const { create } = openAI(await load(), { say: ({ type, missing }) => `${type} ${missing}` }).chat.completions;
    expect((await create(ask('dim'))).choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'incomplete room' } });
    const answered = [{ role: 'user', content: 'light' }, { role: 'assistant', content: null, tool_calls: [] }, { role: 'tool', tool_call_id: '1', content: 'on' }];
    const completion = await create({ ...ask('light'), messages: answered });
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: '' } });
    expect(completion.needle).toBeUndefined();
  });

  test.each([['a picture', [{ type: 'image_url', image_url: { url: 'data:,' } }]], ['no text', ''], ['nothing', undefined], ['no parts', []]])(
    'refuses a last user turn with %s: the request before it was carried out already', async (_, content) => {
      const router = await load();
      const before = [{ role: 'user', content: 'light' }, { role: 'assistant', content: null, tool_calls: [] }, { role: 'tool', tool_call_id: '1', content: 'on' }];
      const { create } = openAI(router).chat.completions;
      await expect(create({ ...ask(''), messages: [...before, { role: 'user', content }] })).rejects.toMatchObject({ code: 'invalid_argument', path: 'messages' });
      expect(router.requests).toEqual([]);
    },
  );

  test('reads tool_choice and parallel_tool_calls', async () => {
    const router = await load();
    const { create } = openAI(router).chat.completions;
    await create({ ...ask('light'), tool_choice: { type: 'function', function: { name: 'set_light' } }, parallel_tool_calls: false });
    await create({ ...ask('light'), tool_choice: 'required' });
    await create({ ...ask('light'), tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [tools[0]] } } });
    expect(router.requests.map(({ options, tools: given }) => [options, given.length])).toEqual([
      [{ toolChoice: { name: 'set_light' }, maxCalls: 1 }, 2], [{ toolChoice: 'required' }, 2], [{ toolChoice: 'required' }, 1],
    ]);
    expect((await create({ ...ask('light'), tool_choice: 'none' })).choices[0]!.message.tool_calls).toBeUndefined();
  });

  test.each([[{ n: 2 }, 'n'], [{ response_format: { type: 'json_object' } }, 'response_format'], [{ functions: [] }, 'functions'], [{ tool_choice: 7 }, 'tool_choice'], [{ tools: [{ type: 'custom', custom: { name: 'sql' } }] }, 'tools[0].type'], [{ messages: [] }, 'query']])(
    'refuses %o', async (params, path) => {
      await expect(openAI(await load()).chat.completions.create({ ...ask('light'), ...params } as never)).rejects.toMatchObject({ path });
    },
  );

  test('a timeout is for the answer: it ends no stream that has begun', async () => {
    const { create } = openAI(await load()).chat.completions;
    const stream = await create({ ...ask('both'), stream: true }, { timeout: 200 });
    await new Promise((resolve) => setTimeout(resolve, 250));
    const seen = [];
    for await (const chunk of stream) seen.push(chunk);
    expect(seen.at(-1)!.choices[0]).toMatchObject({ finish_reason: 'tool_calls' });
    const controller = new AbortController();
    const aborted = await create({ ...ask('both'), stream: true }, { signal: controller.signal });
    controller.abort();
    for await (const _ of aborted) expect.unreachable();
  });

  test('takes any timeout from 0, which is no time at all', async () => {
    const { create } = openAI(await load({ delayMs: 30 })).chat.completions;
    for (const timeout of [5000.5, Infinity, 2 ** 31]) expect(await create(ask('light'), { timeout })).toMatchObject({ object: 'chat.completion' });
    await expect(create(ask('light'), { timeout: 0 })).rejects.toMatchObject({ name: 'TimeoutError' });
    for (const timeout of [-1, NaN, '5']) await expect(create(ask('light'), { timeout } as never)).rejects.toMatchObject({ code: 'invalid_argument', path: 'timeout' });
  });

  test('aborts by the signal or the timeout, and a stream by its controller', async () => {
    const { create } = openAI(await load({ delayMs: 5000 })).chat.completions;
    await expect(create(ask('light'), { timeout: 10 })).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(create({ ...ask('light'), stream: true }, { signal: AbortSignal.timeout(10) })).rejects.toMatchObject({ code: 'aborted' });
    const stream = await openAI(await load()).chat.completions.create({ ...ask('light'), stream: true });
    const seen = [];
    for await (const chunk of stream) {
      seen.push(chunk);
      stream.controller.abort();
    }
    expect(seen).toHaveLength(1);
  });
});

describe('the real client over openAIFetch', () => {
  const connect = async (options = {}) => {
    const router = await load(options);
    return { router, client: new OpenAI({ apiKey: 'none', fetch: openAIFetch(router), maxRetries: 0 }) };
  };

  test('gets completions', async () => {
    const { client } = await connect();
    const { choices } = await client.chat.completions.create(ask('both'));
    expect(choices[0]!.message.tool_calls).toMatchObject([{ function: { name: 'set_light' } }, { function: { name: 'play', arguments: '{}' } }]);
  });

  test('gets streams, which its helper puts together again', async () => {
    const { client } = await connect();
    const chunks = [];
    for await (const chunk of await client.chat.completions.create({ ...ask('both'), stream: true, stream_options: { include_usage: true } })) chunks.push(chunk);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 0 } });
    expect(chunks.at(-2)!.choices[0]).toMatchObject({ finish_reason: 'tool_calls' });
    const final = await client.chat.completions.stream(ask('both')).finalChatCompletion();
    expect(final.choices[0]!.message.tool_calls).toMatchObject([{ function: { name: 'set_light', arguments: '{"room":"kitchen"}' } }, { function: { name: 'play', arguments: '{}' } }]);
    const text = await client.chat.completions.stream(ask('joke')).finalContent();
    expect(text).toMatch(/^None/);
  });

  test('runs tools by runTools', async () => {
    const { client } = await connect();
    const rooms: string[] = [];
    const tool = zodFunction({ name: 'set_light', parameters: z.object({ room: z.string() }), function: ({ room }: { room: string }) => { rooms.push(room); return 'on'; } });
    const runner = client.chat.completions.runTools({ model: 'needle', messages: [{ role: 'user', content: 'light' }], tools: [tool] });
    await runner.done();
    expect(rooms).toEqual(['kitchen']);
  });

  test('throws its own errors, with the router’s code and path', async () => {
    const { client } = await connect();
    await expect(client.chat.completions.create({ ...ask('light'), n: 2 })).rejects.toMatchObject({ status: 400, code: 'invalid_argument', param: 'n' });
    await expect(client.chat.completions.create(ask('unheard of'))).rejects.toMatchObject({ status: 400, code: 'not_found' });
    await expect(client.chat.completions.create(ask('broken'))).rejects.toMatchObject({ status: 500, code: 'internal' });
    await expect(client.models.list()).rejects.toMatchObject({ status: 404 });
  });

  test('says whose fault an error is', async () => {
    const post = async (body: string, options = {}) => {
      const response = await openAIFetch(await load(), options)('http://x/v1/chat/completions', { method: 'POST', body });
      return { status: response.status, ...((await response.json()) as { error: { code: string; param: string } }).error };
    };
    const boom = () => { throw new TypeError('boom'); };
    expect(await post(JSON.stringify(ask('joke')), { say: boom })).toMatchObject({ status: 500, code: 'internal', message: 'TypeError: boom' });
    expect(await post(JSON.stringify(ask('dim')), { onEscalate: boom })).toMatchObject({ status: 500, code: 'internal' });
    expect(await post('{')).toMatchObject({ status: 400, code: 'invalid_json', param: '' });
    for (const [body, param] of [[null, 'params'], [[], 'params'], [{}, 'messages'], [{ messages: 'light' }, 'messages'], [{ messages: [null] }, 'messages[0]']] as const) {
      expect(await post(JSON.stringify(body))).toMatchObject({ status: 400, code: 'invalid_argument', param });
    }
    const allowed = { type: 'allowed_tools', allowed_tools: { tools: [null] } };
    for (const given of [{ a: {} }, [null]]) expect(await post(JSON.stringify({ ...ask('light'), tools: given, tool_choice: allowed }))).toMatchObject({ status: 400 });
  });

  test('aborts', async () => {
    const { client } = await connect({ delayMs: 5000 });
    await expect(client.chat.completions.create(ask('light'), { signal: AbortSignal.timeout(20) })).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
  });
});
