// SPDX-License-Identifier: Apache-2.0
import './dom.js';
import { useRoute, useToolRouter, type RouteState, type RouterState } from 'needle-router/react';
import { ScriptedRouter } from 'needle-router/testing';
import { act, Activity, createElement, StrictMode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

const script = { light: { name: 'set_light', arguments: { room: 'kitchen' } }, lights: 'none' as const, broken: new Error('boom') };
const parameters = { type: 'object', properties: { room: { type: 'string' } } };
let root: Root;

beforeEach(() => {
  root = createRoot(document.body.appendChild(document.createElement('div')));
});
afterEach(() => act(async () => root.unmount()));

const render = (component: () => null, isStrict = false) => act(async () => root.render(isStrict ? createElement(StrictMode, null, createElement(component)) : createElement(component)));
/** Waits until something holds. React renders between the turns, not within one. */
const until = (holds: () => unknown) => vi.waitUntil(async () => (await act(() => new Promise((resolve) => setTimeout(resolve, 5))), holds()), { timeout: 20_000, interval: 1 });

type Loaded = RouterState<ScriptedRouter>;

describe('useToolRouter', () => {
  test.each([['plain', false], ['strict', true]])('in %s mode loads one router, reports, and disposes of it', async (_, isStrict) => {
    let state!: Loaded;
    const load = vi.fn((options: { signal: AbortSignal; onProgress: (progress: never) => void }) => {
      options.onProgress({ phase: 'model', loaded: 1, total: 2, fromCache: false } as never);
      return ScriptedRouter.load(script, { signal: options.signal });
    });
    await render(() => ((state = useToolRouter(load)), null), isStrict);
    await until(() => state.status === 'ready');
    expect(load).toHaveBeenCalledTimes(1);
    expect(state.progress).toEqual({ phase: 'model', loaded: 1, total: 2, fromCache: false });
    const { router } = state;
    expect((await router!.route('light', [{ name: 'set_light', parameters }])).calls).toHaveLength(1);
    await act(async () => root.render(null));
    await vi.waitFor(() => expect(router!.route('light', [])).rejects.toMatchObject({ code: 'disposed' }), { timeout: 10_000 });
  });

  test('aborts a load that is under way when the component goes', async () => {
    let signal!: AbortSignal;
    await render(() => (useToolRouter<ScriptedRouter>((options) => ((signal = options.signal), new Promise(() => {}))), null));
    expect(signal.aborted).toBe(false);
    await act(async () => root.render(null));
    await vi.waitUntil(() => signal.aborted, { timeout: 10_000 });
  });

  test('says why a load failed, and tries again when told to', async () => {
    let state!: Loaded;
    let attempts = 0;
    const load = async () => (++attempts === 1 ? Promise.reject(new Error('offline')) : ScriptedRouter.load(script));
    await render(() => ((state = useToolRouter(load)), null));
    await until(() => state.status === 'error');
    expect(state.error).toMatchObject({ message: 'offline' });
    await act(async () => state.retry());
    await until(() => state.status === 'ready');
    expect(state.error).toBeUndefined();
  });

  test('tries again once, however often it is told to, and not for a component that is gone', async () => {
    let state!: Loaded;
    const load = vi.fn(async () => Promise.reject(new Error('offline')));
    await render(() => ((state = useToolRouter<ScriptedRouter>(load)), null));
    await until(() => state.status === 'error');
    await act(async () => (state.retry(), state.retry()));
    await until(() => state.status === 'error');
    expect(load).toHaveBeenCalledTimes(2);
    await act(async () => root.render(null));
    state.retry(); // before it is discarded, and after
    await new Promise((resolve) => setTimeout(resolve, 20));
    state.retry();
    expect(load).toHaveBeenCalledTimes(2);
  });

  test('loads anew when a hidden component is shown again', async () => {
    const states: Loaded[] = [];
    const load = vi.fn(() => ScriptedRouter.load(script));
    const Component = () => (states.push(useToolRouter(load)), null);
    const show = (mode: 'visible' | 'hidden') => act(async () => root.render(createElement(Activity, { mode }, createElement(Component))));
    await show('visible');
    await until(() => states.at(-1)!.status === 'ready');
    const { router } = states.at(-1)!;
    await show('hidden');
    await vi.waitFor(() => expect(router!.route('light', [])).rejects.toMatchObject({ code: 'disposed' }), { timeout: 10_000 });
    const before = states.length;
    await show('visible');
    await until(() => states.at(-1)!.status === 'ready' && states.at(-1)!.router !== router);
    expect(states.slice(before).filter((state) => state.router === router)).toEqual([]);
    expect(load).toHaveBeenCalledTimes(2);
  });
});

describe('useRoute', () => {
  let state!: RouteState<{ name: string }>;
  let show: (query: string, tools?: unknown[]) => Promise<void>;
  let renders = 0;
  async function start(router: ScriptedRouter | undefined, options: object = {}, isStrict = false) {
    renders = 0;
    let query = '', tools: unknown[] | undefined;
    // Tools and options are written in place, as users do: new objects at every render.
    const component = () => (renders++, (state = useRoute(router, query, tools ?? [{ name: 'set_light', parameters: { ...parameters } }], { ...options }) as typeof state), null);
    show = async (nextQuery, nextTools) => {
      query = nextQuery;
      tools = nextTools;
      await render(component, isStrict);
    };
    await show('');
  }

  test('routes what is typed and keeps the last result until the next', async () => {
    const router = await ScriptedRouter.load(script);
    await start(router);
    expect(state).toEqual({ isRouting: false });
    await show('light');
    await until(() => state.result);
    expect(state).toMatchObject({ isRouting: false, routedQuery: 'light', result: { type: 'call' } });
    await show('lights');
    await until(() => state.routedQuery === 'lights');
    expect(state.result).toMatchObject({ type: 'none' });
    await show('  ');
    expect(state.result).toBeUndefined();
    expect(renders).toBeLessThan(30); // tools written in place do not make it route for ever
  });

  test('aborts what is stale, in strict mode, too', async () => {
    const signals: AbortSignal[] = [];
    const router = await ScriptedRouter.load(script, { delayMs: 20 });
    const route = router.route.bind(router);
    router.route = ((query: string, tools: unknown, options: { signal: AbortSignal }) => (signals.push(options.signal), route(query, tools, options))) as never;
    await start(router, {}, true);
    await show('light');
    await until(() => signals.length === 1);
    await show('lights');
    await until(() => state.routedQuery !== undefined);
    expect(state.routedQuery).toBe('lights');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  });

  test('routes anew when the tools’ content changes, not when only the objects do', async () => {
    const router = await ScriptedRouter.load(script);
    await start(router);
    await show('lights');
    await until(() => state.result);
    await show('lights');
    expect(router.requests).toHaveLength(1);
    await show('lights', [{ name: 'other' }]);
    await until(() => router.requests.length === 2);
  });

  test('tells tools apart whose schemas only the router can read', async () => {
    const router = await ScriptedRouter.load(script, { toJsonSchema: () => parameters });
    const zod3 = { '~standard': { version: 1, vendor: 'zod', validate: (value: unknown) => ({ value }) } };
    await start(router);
    await show('lights', [{ name: 'set_light', parameters: zod3 }]);
    await until(() => state.result);
    await show('lights', [{ name: 'set_light', parameters: { ...zod3 } }]);
    expect(router.requests).toHaveLength(1);
    await show('lights', [{ type: 'function', function: { name: 'other', parameters: zod3 } }]);
    await until(() => router.requests.length === 2);
    await show('lights', [{ type: 'function', function: { name: 'other', description: 'Another', parameters: zod3 } }]);
    await until(() => router.requests.length === 3);
  });

  test('has errors in its state, and waits for a router', async () => {
    await start(undefined);
    await show('light');
    expect(state).toEqual({ isRouting: false });
    await start(await ScriptedRouter.load(script), { delayMs: 1 });
    await show('broken');
    await until(() => state.error);
    expect(state).toMatchObject({ isRouting: false, error: { message: 'boom' } });
    await show('light', [{ name: '' }]);
    await until(() => state.routedQuery === 'light');
    expect(state.error).toMatchObject({ code: 'invalid_schema', path: 'tools[0].name' });
  });
});

test('on a server both say that nothing is there yet, and load nothing', () => {
  const load = vi.fn();
  function Page() {
    const { status, router } = useToolRouter<ScriptedRouter>(load);
    const { isRouting } = useRoute(router, 'light', []);
    return createElement('p', null, `${status} ${isRouting}`);
  }
  expect(renderToString(createElement(StrictMode, null, createElement(Page)))).toBe('<p>loading false</p>');
  expect(load).not.toHaveBeenCalled();
});
