// SPDX-License-Identifier: Apache-2.0
// Runs in: page
// needle-router/react: hooks that load a router and route what is typed. On a server they do nothing but say 'loading'. In
// strict mode, where React mounts everything twice, one router is loaded.
'use client';
import { useEffect, useRef, useState } from 'react';
import type { CallOf } from '../api/infer.js';
import { plainTools, readTools } from '../api/tool-formats.js';
import type { LoadProgress, Query, RouteOptions, RouteResult } from '../api/types.js';
import type { Router } from './chat.js';

export interface LoadableRouter extends Router {
  dispose(): Promise<void>;
}

export type Load<Loaded extends LoadableRouter> = (options: { signal: AbortSignal; onProgress: (progress: LoadProgress) => void }) => Promise<Loaded>;

export interface RouterState<Loaded extends LoadableRouter> {
  status: 'loading' | 'ready' | 'error';
  /** Once it is ready. */
  router?: Loaded;
  /** The last that was reported; none before the first report. */
  progress?: LoadProgress;
  /** Why loading failed. */
  error?: unknown;
  /** Loads once more, after an error. */
  retry: () => void;
}

interface Holding {
  controller: AbortController;
  router: Promise<LoadableRouter>;
  hasFailed: boolean;
  /** Runs from when the component is unmounted. */
  release: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Loads a router when the component is mounted, and disposes of it when it is gone for good. Only the first `load` counts;
 * give the component another `key` to load another router.
 * @example const { router, status, progress } = useToolRouter((options) => ToolRouter.load(options));
 */
export function useToolRouter<Loaded extends LoadableRouter>(load: Load<Loaded>): RouterState<Loaded> {
  const holding = useRef<Holding | undefined>(undefined);
  const [state, setState] = useState<Omit<RouterState<Loaded>, 'retry'>>({ status: 'loading' });

  function start(): Holding {
    const controller = new AbortController();
    const { signal } = controller;
    const update: typeof setState = (next) => signal.aborted || setState(next);
    const router = load({ signal, onProgress: (progress) => update((before) => ({ ...before, progress })) });
    const held: Holding = { controller, router, hasFailed: false, release: undefined };
    router.then(
      (loaded) => update((before) => ({ ...before, status: 'ready', router: loaded })),
      (error: unknown) => {
        held.hasFailed = true;
        update({ status: 'error', error });
      },
    );
    return held;
  }

  useEffect(() => {
    const held = (holding.current ??= start());
    clearTimeout(held.release);
    held.release = undefined;
    return () => {
      // Strict mode mounts again at once: what is released a moment later has not been mounted again.
      const { current } = holding;
      if (current) current.release = setTimeout(() => {
        holding.current = undefined;
        discard(current);
        setState({ status: 'loading' }); // what was only hidden (<Activity>) may be shown again, and loads anew then
      });
    };
  }, []);

  const retry = () => {
    const { current } = holding;
    // Not for a component that is gone, which nothing would discard a router of, and not twice.
    if (!current?.hasFailed || current.release !== undefined) return;
    setState({ status: 'loading' });
    holding.current = start();
  };
  return { ...state, retry };
}

function discard({ controller, router }: Holding): void {
  controller.abort();
  router.then((loaded) => loaded.dispose()).catch(() => {}); // it was never loaded, then
}

export interface RouteState<Call> {
  /** The last result; it stays while a new one is on its way. */
  result?: RouteResult<Call>;
  /** What `result` or `error` is the answer to. */
  routedQuery?: Query;
  isRouting: boolean;
  error?: unknown;
}

export interface UseRouteOptions extends Omit<RouteOptions, 'signal'> {
  /** Waits so long for the next key before it routes. Default: 0. */
  delayMs?: number;
}

/**
 * Routes the query whenever it changes, and aborts what is stale. Tools and options may be written in place: they count as
 * changed when their content is. An empty query, or no router yet, gives no result.
 * @example const { result } = useRoute(router, text, tools);
 */
export function useRoute<const Tools>(router: Router | undefined, query: Query, tools: Tools, options: UseRouteOptions = {}): RouteState<CallOf<Tools>> {
  const [state, setState] = useState<RouteState<CallOf<Tools>>>({ isRouting: false });
  const isEmpty = !router || query.length === 0 || (typeof query === 'string' && query.trim() === '');
  const key = [useContentOf(tools), JSON.stringify(query), JSON.stringify(options)].join('\n');

  useEffect(() => {
    if (isEmpty) return setState((before) => (before.isRouting || before.routedQuery !== undefined ? { isRouting: false } : before));
    const controller = new AbortController();
    const { signal } = controller;
    const { delayMs = 0, ...how } = options;
    const update = (next: RouteState<CallOf<Tools>>) => signal.aborted || setState(next);
    setState(({ error: _, ...before }) => ({ ...before, isRouting: true }));
    const route = () =>
      router.route(query, tools, { ...how, signal }).then(
        (result) => update({ result: result as RouteResult<CallOf<Tools>>, routedQuery: query, isRouting: false }),
        (error: unknown) => update({ error, routedQuery: query, isRouting: false }),
      );
    const timer = setTimeout(route, delayMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [router, isEmpty, key]);
  return state;
}

/** The tools' content, for comparing; it is read anew only when the tools are other objects. */
function useContentOf(tools: unknown): string {
  const last = useRef<{ tools: unknown; content: string } | undefined>(undefined);
  if (last.current?.tools !== tools || !last.current) last.current = { tools, content: contentOf(tools) };
  return last.current.content;
}

function contentOf(tools: unknown): string {
  try {
    // A schema that only the router's own toJsonSchema can read counts as empty: the tools' names and descriptions remain.
    return JSON.stringify(plainTools(readTools(tools, 'tools', () => ({}))));
  } catch (error) {
    return String(error); // routing says the same of them, as an error of the state
  }
}
