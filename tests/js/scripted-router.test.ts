// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { ScriptedRouter } from '../../js/testing/scripted-router.js';

const tools = [
  { name: 'set_light', parameters: { type: 'object', properties: { room: { type: 'string' }, level: { type: 'integer', minimum: 0, maximum: 100 }, mood: { enum: ['calm', ['red', 5], null] }, note: { type: ['string', 'null'] } }, required: ['room'] } },
  { name: 'play' },
];
const kitchen = { name: 'set_light', arguments: { room: 'kitchen', level: 30 } };
const load = (options = {}) =>
  ScriptedRouter.load({ 'dim the Kitchen to 30': kitchen, both: [kitchen, { name: 'play' }], joke: 'none', dim: { missing: ['room'], confidence: 0.4 }, long: new RangeError('too long') }, options);

describe('ScriptedRouter', () => {
  test('answers with whole results', async () => {
    const router = await load();
    expect(await router.route('dim the Kitchen to 30', tools)).toMatchObject({
      type: 'call', confidence: 1, considered: ['set_light', 'play'], warnings: [], calls: [{ ...kitchen, evidence: { room: [8, 15], level: [19, 21] } }],
    });
    expect(await router.route('joke', tools)).toMatchObject({ type: 'none', calls: [] });
    expect(await router.route('dim', tools)).toMatchObject({ type: 'incomplete', missing: ['room'], confidence: 0.4 });
  });

  test('heeds toolChoice and maxCalls, and hands low confidence to onEscalate', async () => {
    const router = await load();
    expect(await router.route('both', tools, { toolChoice: 'none' })).toMatchObject({ type: 'none' });
    expect((await router.route('both', tools, { maxCalls: 1 })).calls).toHaveLength(1);
    await expect(router.route('both', tools, { toolChoice: 'sing' })).rejects.toMatchObject({ code: 'not_found', path: 'toolChoice' });
    expect(await router.route('dim', tools, { minConfidence: 0.5, onEscalate: (unsure) => ({ ...unsure, type: 'none' }) })).toMatchObject({ type: 'none', confidence: 0.4 });
  });

  test('records the requests', async () => {
    const router = await load();
    await router.route([{ role: 'user', content: 'earlier' }, { role: 'user', content: 'both' }], tools, { facts: { date: '2026-11-21' } });
    expect(router.requests).toEqual([{ query: 'both', context: ['earlier'], tools, options: { facts: { date: '2026-11-21' } } }]);
  });

  test('streams the calls as they grow', async () => {
    const steps = [];
    for await (const step of (await load()).stream('both', tools)) steps.push(step.calls.map(({ name, arguments: args }) => [name, ...Object.keys(args)]));
    expect(steps).toEqual([[['set_light']], [['set_light', 'room']], [['set_light', 'room', 'level']], [['set_light', 'room', 'level'], ['play']], [['set_light', 'room', 'level'], ['play']]]);
  });

  test('rejects with a scripted error, and for what the script does not have', async () => {
    const router = await load();
    await expect(router.route('long', tools)).rejects.toMatchObject({ message: 'too long' });
    await expect(router.route('?', tools)).rejects.toMatchObject({ code: 'not_found', path: 'query' });
    await expect(router.route('joke', [{ name: 'a' }, { name: 'a' }])).rejects.toMatchObject({ code: 'duplicate_name', path: 'tools[1].name' });
    await expect(ScriptedRouter.load(undefined as never)).rejects.toMatchObject({ code: 'invalid_argument', path: 'script' });
  });

  test.each([
    [{ name: 'sing' }, 'script["q"].calls[0].name'],
    [{ name: 'set_light', arguments: {} }, 'script["q"].calls[0].arguments.room'],
    [{ name: 'set_light', arguments: { room: 'x', colour: 'red' } }, 'script["q"].calls[0].arguments.colour'],
    [{ name: 'set_light', arguments: { room: 5 } }, 'script["q"].calls[0].arguments.room'],
    [{ name: 'set_light', arguments: { room: ['x'] } }, 'script["q"].calls[0].arguments.room'],
    [{ name: 'set_light', arguments: { room: 'x', level: 'very' } }, 'script["q"].calls[0].arguments.level'],
    [{ name: 'set_light', arguments: { room: 'x', level: 1.5 } }, 'script["q"].calls[0].arguments.level'],
    [{ name: 'set_light', arguments: { room: 'x', level: -1 } }, 'script["q"].calls[0].arguments.level'],
    [{ name: 'set_light', arguments: { room: 'x', level: 101 } }, 'script["q"].calls[0].arguments.level'],
    [{ name: 'set_light', arguments: { room: 'x', mood: 'dark' } }, 'script["q"].calls[0].arguments.mood'],
  ])('refuses %o, which the tools do not allow', async (call, path) => {
    await expect((await ScriptedRouter.load({ q: call })).route('q', tools)).rejects.toMatchObject({ code: 'invalid_argument', path });
  });

  test('takes what the tools allow, and refuses a call of another tool than the one chosen', async () => {
    for (const args of [{ level: 100 }, { mood: 'calm' }, { mood: ['red', 5] }, { mood: null, note: null }]) {
      const call = { name: 'set_light', arguments: { room: 'x', ...args } };
      const router = await ScriptedRouter.load({ q: call });
      expect((await router.route('q', tools, { toolChoice: 'set_light' })).calls).toMatchObject([call]);
      await expect(router.route('q', tools, { toolChoice: 'play' })).rejects.toMatchObject({ code: 'invalid_argument', path: 'script["q"].calls[0].name' });
    }
  });

  test('takes a function, and tools whose arguments are not declared', async () => {
    const router = await ScriptedRouter.load(({ query }) => ({ name: 'any', arguments: { query } }));
    expect((await router.route('x', [{ name: 'any', parameters: { type: 'object' } }])).calls[0]!.arguments).toEqual({ query: 'x' });
  });

  test('aborts while an answer is on its way, and is over when disposed', async () => {
    const router = await load({ delayMs: 20 });
    await expect(router.route('joke', tools, { timeoutMs: 5 })).rejects.toMatchObject({ name: 'TimeoutError' });
    await router.dispose();
    await expect(router.route('joke', tools)).rejects.toMatchObject({ code: 'disposed' });
  });
});
