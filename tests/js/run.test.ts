// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test, vi } from 'vitest';
import { ScriptedRouter } from '../../js/testing/scripted-router.js';

const light = { name: 'set_light', arguments: { room: 'kitchen' } };
const play = { name: 'play', arguments: {} };
const script = { both: [light, play], light, joke: 'none' } as const;
const load = () => ScriptedRouter.load(script);
const parameters = { type: 'object', properties: { room: { type: 'string' } } };

describe('run', () => {
  test('calls execute with the arguments and returns each result with its call', async () => {
    const execute = vi.fn(async ({ room }: { room?: string }) => `${room} is on`);
    const { calls, type } = await (await load()).run('light', [{ name: 'set_light', parameters, execute }]);
    expect(calls).toEqual([{ ...light, evidence: {}, status: 'done', result: 'kitchen is on' }]);
    expect(type).toBe('call');
    expect(execute).toHaveBeenCalledExactlyOnceWith({ room: 'kitchen' }, { signal: expect.any(AbortSignal), abortSignal: expect.any(AbortSignal), toolCallId: expect.stringMatching(/^call_[0-9a-f]{24}$/), messages: [] });
  });

  test('keeps the results of the others when a tool throws', async () => {
    const fault = new Error('no music');
    const tools = [{ name: 'play', execute: () => { throw fault; } }, { name: 'set_light', parameters, execute: () => 1 }];
    const { calls } = await (await load()).run('both', tools);
    expect(calls).toMatchObject([{ status: 'done', result: 1 }, { status: 'failed', error: fault }]);
  });

  test('leaves a call to a tool without execute pending', async () => {
    const { calls } = await (await load()).run('light', [{ name: 'set_light', parameters }]);
    expect(calls).toMatchObject([{ ...light, status: 'pending' }]);
  });

  test('runs nothing when no tool fits', async () => {
    const execute = vi.fn();
    expect(await (await load()).run('joke', [{ name: 'play', execute }])).toMatchObject({ type: 'none', calls: [] });
    expect(execute).not.toHaveBeenCalled();
  });

  test('runs all at once, or one after the other with inOrder', async () => {
    const order: string[] = [];
    const slow = (name: string, ms: number) => ({ name, parameters: { type: 'object' }, async execute() {
      order.push(`${name} starts`);
      await new Promise((resolve) => setTimeout(resolve, ms));
      order.push(`${name} ends`);
    } });
    const tools = [slow('set_light', 30), slow('play', 1)];
    const router = await load();
    await router.run('both', tools);
    expect(order.splice(0)).toEqual(['set_light starts', 'play starts', 'play ends', 'set_light ends']);
    await router.run('both', tools, { inOrder: true });
    expect(order).toEqual(['set_light starts', 'set_light ends', 'play starts', 'play ends']);
  });

  test('rejects at once when aborted, tells the tool, and starts no further one', async () => {
    const controller = new AbortController();
    const started: string[] = [];
    let seen: AbortSignal | undefined;
    const tools = [
      { name: 'set_light', parameters, execute: (_: unknown, { signal }: { signal: AbortSignal }) => {
        seen = signal;
        started.push('set_light');
        controller.abort();
        return new Promise(() => {});
      } },
      { name: 'play', execute: () => void started.push('play') },
    ];
    await expect((await load()).run('both', tools, { signal: controller.signal, inOrder: true })).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen!.aborted).toBe(true);
    expect(started).toEqual(['set_light']);
  });

  test('calls the tools that it was given, not those of the same content that were compiled', async () => {
    const router = await load();
    const once = (result: number) => [{ name: 'set_light', parameters, execute: () => result }];
    await router.run('light', once(1));
    expect((await router.run('light', once(2))).calls).toMatchObject([{ result: 2 }]);
  });

  test('gives execute what the tool’s own schema makes of the arguments, and refuses what it does not allow', async () => {
    const schema = (validate: (value: object) => object) => ({ '~standard': { version: 1, vendor: 'test', validate, jsonSchema: { input: () => parameters } } });
    const execute = vi.fn();
    const router = await load();
    await router.run('light', { set_light: { inputSchema: schema((value) => ({ value: { ...value, level: 100 } })), execute } });
    expect(execute.mock.calls[0]![0]).toEqual({ room: 'kitchen', level: 100 });
    const { calls } = await router.run('light', { set_light: { inputSchema: schema(() => ({ issues: [{ message: 'no such room', path: ['room'] }] })), execute } });
    expect(calls).toMatchObject([{ status: 'failed', error: { code: 'invalid_argument', path: 'room', message: 'no such room' } }]);
    expect(execute).toHaveBeenCalledTimes(1);
  });

  test('takes the last report of a tool that reports on its way, and a stream as a result', async () => {
    const stream = new ReadableStream();
    const tools = { set_light: { inputSchema: parameters, async *execute() { yield 'half'; yield 'whole'; } }, play: { description: 'x', execute: () => stream } };
    expect((await (await load()).run('both', tools)).calls).toMatchObject([{ result: 'whole' }, { result: stream }]);
  });

  test.each([
    ['LangChain’s invoke', [{ name: 'set_light', schema: parameters, invoke: async (args: { room: string }) => args.room }]],
    ['OpenAI’s runTools', [{ type: 'function', function: { name: 'set_light', parameters, parse: JSON.parse, function: (args: { room: string }) => args.room } }]],
    ['OpenAI’s runTools on text', [{ type: 'function', function: { name: 'set_light', parameters, function: (args: string) => (JSON.parse(args) as { room: string }).room } }]],
    ['Anthropic’s run', [{ name: 'set_light', input_schema: parameters, run: (args: { room: string }) => args.room }]],
  ])('knows %s', async (_, tools) => {
    expect((await (await load()).run('light', tools as unknown[])).calls).toMatchObject([{ status: 'done', result: 'kitchen' }]);
  });

  test('a tool that applies its schema by itself does so once', async () => {
    let times = 0;
    const parse = (args: { room: string }) => ({ room: `${args.room}${++times}` });
    // Zod's JSON Schemas are Standard Schemas as well.
    const schema = { ...parameters, '~standard': { version: 1, vendor: 'test', validate: (value: { room: string }) => ({ value: parse(value) }), jsonSchema: { input: () => parameters } } };
    const roomOf = (args: { room: string }) => args.room;
    const fromText = (text: string) => parse(JSON.parse(text) as { room: string });
    const forms = [
      ['LangChain', { name: 'set_light', schema, invoke: (args: { room: string }) => parse(args).room }],
      ['OpenAI’s zodFunction', Object.defineProperties({ type: 'function', function: { name: 'set_light', parameters: schema } }, { $callback: { value: roomOf }, $parseRaw: { value: fromText } })],
      ['OpenAI’s runTools', { type: 'function', function: { name: 'set_light', parameters: schema, parse: fromText, function: roomOf } }],
      ['Anthropic’s betaZodTool', { name: 'set_light', input_schema: schema, parse, run: roomOf }],
      ['Anthropic’s without', { name: 'set_light', input_schema: schema, run: roomOf }],
    ] as const;
    for (const [form, tool] of forms) {
      times = 0;
      expect([form, (await (await load()).run('light', [tool] as unknown[])).calls]).toMatchObject([form, [{ status: 'done', result: 'kitchen1' }]]);
    }
  });

  test('a call from onEscalate to a tool that is not there fails alone', async () => {
    const onEscalate = (unsure: object) => ({ ...(unsure as never), calls: [{ name: 'sing', arguments: {}, evidence: {} }] });
    const router = await ScriptedRouter.load({ q: { calls: [light], confidence: 0.1 } });
    const { calls } = await router.run('q', [{ name: 'set_light', parameters }], { minConfidence: 0.5, onEscalate });
    expect(calls).toMatchObject([{ name: 'sing', status: 'failed', error: { code: 'not_found' } }]);
  });

  test('a compiled tool set runs as well', async () => {
    const toolset = await (await load()).tools([{ name: 'set_light', parameters, execute: () => 'on' }]);
    expect((await toolset.run('light')).calls).toMatchObject([{ result: 'on' }]);
    await expect(toolset.run('light', { inOrder: 'yes' as never })).rejects.toMatchObject({ path: 'options.inOrder' });
  });
});
