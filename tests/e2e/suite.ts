// SPDX-License-Identifier: Apache-2.0
// What the package promises, asked of the built package with the released model: the same behaviours for every build
// and runtime that registers them. Nothing here depends on how clever the model is.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Validator, type Schema } from '@cfworker/json-schema';
import tools from '../../js/cli/example-tools.json' with { type: 'json' };

type Package = typeof import('../../js/entry/node.js');
type Router = Awaited<ReturnType<Package['ToolRouter']['load']>>;

const requests = [
  'dim the kitchen lights to 30%',
  'wake me at 7 tomorrow and play some jazz',
  'what is the weather in Lyon on friday?',
  'send Anna a message saying I am late',
  'who wrote Faust?',
  'Grüße an 東京 🎉 — turn off the lamp',
];

/** The result without what differs from run to run. */
export function withoutTimings<Result extends { timings: unknown }>({ timings: _, ...result }: Result) {
  return result;
}

export function describeRouter({ ToolRouter, NeedleError }: Package, variant: 'simd' | 'relaxed'): void {
  describe(`the ${variant} build on Node ${process.version}`, () => {
    let router: Router;
    beforeAll(async () => {
      router = await ToolRouter.load({ variant });
    });
    afterAll(() => router.dispose());

    test('every call names a given tool, validates, and says where its values stand', async () => {
      for (const request of requests) {
        const { type, calls, confidence, considered } = await router.route(request, tools);
        expect(['call', 'none', 'incomplete']).toContain(type);
        expect(calls.length > 0).toBe(type === 'call');
        expect(confidence).toBeGreaterThanOrEqual(0);
        expect(confidence).toBeLessThanOrEqual(1);
        expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(considered));
        for (const call of calls) {
          const tool = tools.find(({ name }) => name === call.name)!;
          expect(new Validator(tool.parameters as Schema, '2020-12').validate(call.arguments).errors).toEqual([]);
          for (const [start, end] of Object.values(call.evidence)) expect(request.slice(start, end)).not.toBe('');
        }
      }
    });

    test('the order of tools and of keys changes nothing', async () => {
      const reversed = [...tools].reverse().map(({ parameters, ...tool }) => {
        const properties = Object.fromEntries(Object.entries(parameters.properties).reverse());
        return { parameters: { ...parameters, properties }, ...tool };
      });
      for (const request of requests) {
        const [a, b] = [await router.route(request, tools), await router.route(request, reversed)];
        expect({ type: b.type, calls: b.calls, confidence: b.confidence }).toEqual({ type: a.type, calls: a.calls, confidence: a.confidence });
      }
    });

    test('concurrent requests answer as they do one by one', async () => {
      const alone = [];
      for (const request of requests) alone.push(withoutTimings(await router.route(request, tools)));
      const together = await Promise.all([...requests, ...requests].map((request) => router.route(request, tools)));
      expect(together.map(withoutTimings)).toEqual([...alone, ...alone]);
    });

    test('toolChoice none answers none, a name keeps to that tool, required never answers none', async () => {
      expect(await router.route(requests[0]!, tools, { toolChoice: 'none' })).toMatchObject({ type: 'none', calls: [] });
      const named = await router.route(requests[0]!, tools, { toolChoice: 'get_weather' });
      expect([named.partial?.name, ...named.calls.map(({ name }) => name)].filter((name) => name !== undefined && name !== 'get_weather')).toEqual([]);
      const required = await router.route('who wrote Faust?', tools, { toolChoice: 'required' }).catch(({ code }) => ({ type: code as string }));
      expect(['call', 'incomplete', 'truncated']).toContain(required.type); // a value that no request states may run on
      await expect(router.route('x', tools, { toolChoice: 'no_such_tool' })).rejects.toMatchObject({ code: expect.stringMatching(/not_found|invalid_argument/) });
    });

    test('maxCalls is kept', async () => {
      expect((await router.route(requests[1]!, tools, { maxCalls: 1 })).calls.length).toBeLessThanOrEqual(1);
    });

    test('an aborted request leaves the router usable', async () => {
      const controller = new AbortController();
      const toolset = await router.tools(tools);
      const pending = toolset.route(requests[1]!, { signal: controller.signal });
      setTimeout(() => controller.abort(), 1);
      const outcome = await pending.then(() => 'answered', (error: Error) => error.name);
      expect(['AbortError', 'answered']).toContain(outcome);
      await expect(toolset.route('x', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
      expect((await toolset.route(requests[0]!)).type).toBeDefined();
    });

    test('errors are typed and say where', async () => {
      const bad = [{ name: 'a', parameters: { type: 'object', properties: { x: { not: { type: 'string' } } } } }];
      const error = await router.tools(bad).then(() => undefined, (reason: unknown) => reason);
      expect(NeedleError.isInstance(error)).toBe(true);
      expect(error).toMatchObject({ name: 'SchemaError', code: 'unsupported_schema', path: expect.stringContaining('properties.x') });
      expect((await router.tools(bad, { onUnsupported: 'warn' })).warnings.join()).toContain('properties.x');
      await expect(router.tools([{ name: 'a' }, { name: 'a' }])).rejects.toMatchObject({ code: 'duplicate_name' });
      await expect(router.route('word '.repeat(5000), tools)).rejects.toMatchObject({ code: 'query_too_long' });
    });

    test('two routers are independent', async () => {
      const other = await ToolRouter.load({ variant });
      const [a, b] = await Promise.all([router.route(requests[0]!, tools), other.route(requests[0]!, tools)]);
      expect(withoutTimings(b)).toEqual(withoutTimings(a));
      await other.dispose();
      expect((await router.route(requests[0]!, tools)).type).toBe(a.type);
    });

    test('a model that is damaged is refused, and a whole one then loads', async () => {
      await expect(ToolRouter.load({ variant, model: new TextEncoder().encode('<!doctype html>') })).rejects.toMatchObject({ code: 'invalid_model' });
      await expect(ToolRouter.load({ variant, model: crypto.getRandomValues(new Uint8Array(60_000)) })).rejects.toMatchObject({ name: 'ModelLoadError' });
    });

    test('300 tool sets made and disposed do not use memory up', async () => {
      for (let i = 0; i < 300; i++) {
        const toolset = await router.tools([{ name: `tool_${i}`, description: 'x '.repeat(40) }]);
        toolset.dispose();
      }
      expect((await router.route(requests[0]!, tools)).type).toBeDefined();
    });
  });
}
