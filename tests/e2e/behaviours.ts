// SPDX-License-Identifier: Apache-2.0
// What the package promises, asked of the built package with the released model: the same behaviours for every build,
// runtime and browser. Plain JavaScript without a test runner, so that it can be asked in the place itself. Nothing here
// depends on how clever the model is.
import { Validator, type Schema } from '@cfworker/json-schema';
import tools from '../../js/cli/example-tools.json' with { type: 'json' };
import { isEqual, isOneOf, isTrue, rejection } from './check.js';

type Package = typeof import('../../js/entry/node.js');
export type Router = Awaited<ReturnType<Package['ToolRouter']['load']>>;
type LoadOptions = NonNullable<Parameters<Package['ToolRouter']['load']>[0]>;

/** Where the behaviours are asked. */
export interface Place {
  needle: Pick<Package, 'ToolRouter' | 'NeedleError'>;
  /** Given to every load: the build, and the model where the place does not find it itself. */
  options: LoadOptions;
  /** A host that has the model, and the model's hash. */
  download?: { modelUrl: string; sha256: string };
  router: Router;
}

export const requests = [
  'dim the kitchen lights to 30%',
  'wake me at 7 tomorrow and play some jazz',
  'what is the weather in Lyon on friday?',
  'send Anna a message saying I am late',
  'who wrote Faust?',
  'Grüße an 東京 🎉 — turn off the lamp',
  `${'oh and please be so kind, '.repeat(25)}set a timer for 10 minutes`, // long enough for several threads
];

/** The result without what differs from run to run. */
export function withoutTimings<Result extends { timings: unknown }>({ timings: _, ...result }: Result) {
  return result;
}

/** What every place must answer to the requests, byte for byte. */
export async function answersOf(router: Router): Promise<unknown[]> {
  const answers = [];
  for (const request of requests) answers.push(withoutTimings(await router.route(request, tools)));
  return answers;
}

export const behaviours: Record<string, (place: Place) => Promise<void>> = {
  async 'every call names a given tool, validates, and says where its values stand'({ router }) {
    for (const request of requests) {
      const { type, calls, confidence, considered } = await router.route(request, tools);
      isOneOf(type, ['call', 'none', 'incomplete'], 'type');
      isEqual(calls.length > 0, type === 'call', 'whether there are calls');
      isTrue(confidence >= 0 && confidence <= 1, `a confidence from 0 to 1, not ${confidence}`);
      for (const name of considered) isOneOf(name, tools.map((tool) => tool.name), 'considered');
      for (const call of calls) {
        const tool = tools.find(({ name }) => name === call.name)!;
        isEqual(new Validator(tool.parameters as Schema, '2020-12').validate(call.arguments).errors, [], `errors of ${JSON.stringify(call)}`);
        for (const [start, end] of Object.values(call.evidence)) isTrue(request.slice(start, end) !== '', 'evidence that is not empty');
      }
    }
  },

  async 'the order of tools and of keys changes nothing'({ router }) {
    const reversed = [...tools].reverse().map(({ parameters, ...tool }) => {
      const properties = Object.fromEntries(Object.entries(parameters.properties).reverse());
      return { parameters: { ...parameters, properties }, ...tool };
    });
    for (const request of requests) {
      const [a, b] = [await router.route(request, tools), await router.route(request, reversed)];
      isEqual([b.type, b.calls, b.confidence], [a.type, a.calls, a.confidence], 'the result with everything the other way round');
    }
  },

  async 'concurrent requests answer as they do one by one'({ router }) {
    const alone = await answersOf(router);
    const together = await Promise.all([...requests, ...requests].map((request) => router.route(request, tools)));
    isEqual(together.map(withoutTimings), [...alone, ...alone], 'the results of requests side by side');
  },

  async 'stream() yields the calls as they are decided, then the result; leaving it leaves the router usable'({ router }) {
    const result = withoutTimings(await router.route(requests[1]!, tools));
    const steps = [];
    for await (const step of router.stream(requests[1]!, tools)) steps.push(step);
    const last = steps.pop() as typeof result & { timings: unknown };
    isEqual(withoutTimings(last), result, 'the last step');
    isTrue(steps.length > 1 && steps.every(({ type }) => type === 'partial'), 'several partial steps before the result');
    for await (const _ of router.stream(requests[1]!, tools)) break;
    isEqual(withoutTimings(await router.route(requests[1]!, tools)), result, 'the next result');
  },

  async 'toolChoice none answers none, a name keeps to that tool, required never answers none'({ router }) {
    const none = await router.route(requests[0]!, tools, { toolChoice: 'none' });
    isEqual([none.type, none.calls], ['none', []], 'type and calls');
    const named = await router.route(requests[0]!, tools, { toolChoice: 'get_weather' });
    for (const { name } of [...(named.partial ? [named.partial] : []), ...named.calls]) isEqual(name, 'get_weather', 'the tool');
    const required = await router.route('who wrote Faust?', tools, { toolChoice: 'required' }).catch(({ code }) => ({ type: code as string }));
    isOneOf(required.type, ['call', 'incomplete', 'truncated'], 'type'); // a value that no request states may run on
    await rejection(router.route('x', tools, { toolChoice: 'no_such_tool' }), { code: /^(not_found|invalid_argument)$/ });
  },

  async 'maxCalls is kept'({ router }) {
    isTrue((await router.route(requests[1]!, tools, { maxCalls: 1 })).calls.length <= 1, 'at most one call');
  },

  async 'an aborted request leaves the router usable'({ router }) {
    const controller = new AbortController();
    const toolset = await router.tools(tools);
    const pending = toolset.route(requests[1]!, { signal: controller.signal });
    setTimeout(() => controller.abort(), 1);
    isOneOf(await pending.then(() => 'answered', (error: Error) => error.name), ['AbortError', 'answered'], 'the outcome');
    await rejection(toolset.route('x', { signal: AbortSignal.abort() }), { name: 'AbortError' });
    isTrue((await toolset.route(requests[0]!)).type !== undefined, 'a result');
    toolset.dispose();
  },

  async 'errors are typed and say where'({ router, needle: { NeedleError } }) {
    const bad = [{ name: 'a', parameters: { type: 'object', properties: { x: { not: { type: 'string' } } } } }];
    const error = await rejection(router.tools(bad), { name: 'SchemaError', code: 'unsupported_schema', path: /properties\.x/ });
    isTrue(NeedleError.isInstance(error), 'a NeedleError');
    isTrue((await router.tools(bad, { onUnsupported: 'warn' })).warnings.join().includes('properties.x'), 'a warning with the path');
    await rejection(router.tools([{ name: 'a' }, { name: 'a' }]), { code: 'duplicate_name' });
    await rejection(router.route('word '.repeat(5000), tools), { code: 'query_too_long' });
    await rejection(router.route('x', tools, { minConfidance: 1 } as never), { code: 'invalid_argument', path: 'options.minConfidance' });
  },

  async 'two routers are independent, and a disposed one says so'({ router, needle: { ToolRouter }, options }) {
    const other = await ToolRouter.load(options);
    const [a, b] = await Promise.all([router.route(requests[0]!, tools), other.route(requests[0]!, tools)]);
    isEqual(withoutTimings(b), withoutTimings(a), 'the other result');
    await other.dispose();
    await rejection(other.route(requests[0]!, tools), { code: 'disposed' });
    isEqual((await router.route(requests[0]!, tools)).type, a.type, 'the type afterwards');
  },

  async 'a model that is damaged is refused'({ needle: { ToolRouter }, options: { modelUrl: _, sha256: __, ...options } }) {
    const load = (model: Uint8Array) => ToolRouter.load({ ...options, model });
    await rejection(load(new TextEncoder().encode('<!doctype html>')), { code: 'invalid_model' });
    await rejection(load(crypto.getRandomValues(new Uint8Array(60_000))), { name: 'ModelLoadError' });
  },

  async 'the model comes over the network, is checked, and an unknown address is a typed error'({ needle: { ToolRouter }, options, download, router }) {
    if (!download) return;
    const { model: _, modelUrl: __, sha256: ___, ...others } = options;
    const downloaded = await ToolRouter.load({ ...others, ...download });
    isEqual(downloaded.model.name, router.model.name, 'the model');
    await downloaded.dispose();
    await rejection(ToolRouter.load({ ...others, ...download, sha256: 'ab'.repeat(32) }), { code: 'invalid_model' });
    await rejection(ToolRouter.load({ ...others, modelUrl: `${download.modelUrl}/nowhere` }), { code: 'model_unreachable' });
  },

  async 'status() says which build and what would be downloaded'({ needle: { ToolRouter }, options, router }) {
    const { variant, willDownload } = await ToolRouter.status(options);
    isEqual(variant, router.variant, 'the build');
    isEqual(typeof willDownload, 'boolean', 'the type of willDownload');
  },

  async '100 tool sets made and disposed do not use memory up'({ router }) {
    const before = await router.memoryBytes();
    for (let i = 0; i < 100; i++) {
      const toolset = await router.tools([{ name: `tool_${i}`, description: 'x '.repeat(40) }]);
      toolset.dispose();
    }
    isTrue((await router.memoryBytes()) < before + (64 << 20), 'memory that does not grow with every tool set');
    isTrue((await router.route(requests[0]!, tools)).type !== undefined, 'a result');
  },
};

/** What a place has to say: its build, its answers, and of each behaviour what was wrong with it, if anything. */
export interface Report {
  variant: string;
  answers: unknown[];
  faults: Record<string, string | null>;
}

export async function reportOf({ needle, options, download }: Omit<Place, 'router'>): Promise<Report> {
  const router = await needle.ToolRouter.load(options);
  const faults: Report['faults'] = {};
  for (const [name, behaviour] of Object.entries(behaviours)) {
    const fault = await behaviour({ needle, options, download, router }).then(() => null, (error: Error) => error);
    faults[name] = fault && `${fault.message}\n${fault.stack ?? ''}`;
  }
  const report = { variant: router.variant, answers: await answersOf(router), faults };
  await router.dispose();
  return report;
}
