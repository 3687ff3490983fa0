// SPDX-License-Identifier: Apache-2.0
// The same thing again and again, in Chromium: after warm-up neither the engine's memory nor the page's grows, and
// nothing gets slower.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { root } from '../e2e/built.js';
import { soak, soakOptions as options, soakTimeout as timeout, soakTools as tools } from '../e2e/soak-numbers.js';
import { hasBrowser } from './drivers/index.js';
import { sendRange } from './server.js';
import { useBrowser } from './setting.js';

const model = new Uint8Array(readFileSync(`${root}/tests/golden/model_tiny.safetensors`));
const megabyte = 1 << 20;

describe.skipIf(!hasBrowser('chromium'))('soak in Chromium', () => {
  const setting = useBrowser('chromium');
  const serveModel = () => void setting.server.answers.set('/tiny', (request, response) => sendRange(request, response, model));

  test(`${soak.routes} routes and ${soak.toolSets} tool sets`, { timeout }, async () => {
    serveModel();
    const { engine, heap, ms } = await setting.page.run(async ({ routes, toolSets, tools, options }) => {
      const router = await needle.ToolRouter.load({ modelUrl: '/tiny' });
      const toolset = await router.tools(tools);
      const heapBytes = () => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize;
      const engine: number[] = [];
      const heap: number[] = [];
      const ms: number[] = [];
      for (let quarter = 0; quarter < 4; quarter++) {
        let spent = 0; // of the engine, without the waiting of a busy machine's page
        for (let i = 0; i < routes / 4; i++) spent += (await toolset.route(`switch ${quarter} ${i}`, options)).timings.engineMs;
        for (let i = 0; i < toolSets / 4; i++) {
          (await router.tools(tools.map((tool) => ({ ...tool, description: `${tool.description}, number ${quarter} ${i}` })))).dispose();
        }
        engine.push(await router.memoryBytes());
        heap.push(heapBytes());
        ms.push(spent);
      }
      await router.dispose();
      return { engine, heap, ms };
    }, { ...soak, tools, options });
    expect(engine[3]! - engine[1]!).toBeLessThan(64 * megabyte); // the bounded cache of encodings
    expect(heap[3]! - heap[1]!).toBeLessThan(20 * megabyte);
    expect(ms[3]!).toBeLessThan(5 * ms[1]! + 2_000);
  });

  test(`${soak.loads} loads and disposals`, { timeout }, async () => {
    serveModel();
    const { heap, types } = await setting.page.run(async ({ loads, tools, options }) => {
      const heap: number[] = [];
      const types = new Set<string>();
      for (let i = 0; i < loads; i++) {
        const router = await needle.ToolRouter.load({ modelUrl: '/tiny' });
        types.add((await router.route('switch', tools, options)).type);
        await router.dispose();
        if ((i + 1) % Math.floor(loads / 4) === 0) heap.push((performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize);
      }
      return { heap, types: [...types] };
    }, { ...soak, tools, options });
    expect(types).not.toContain('none');
    expect(heap[3]! - heap[1]!).toBeLessThan(20 * megabyte);
    // No worker is left: each one that lives holds a lock.
    const locks = await setting.page.run(async () => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      return (await navigator.locks.query()).held!.map(({ name }) => name!).filter((name) => name.startsWith('needle-router/worker'));
    });
    expect(locks).toEqual([]);
  });
});
