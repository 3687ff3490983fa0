// SPDX-License-Identifier: Apache-2.0
// The same thing again and again, in Node: after warm-up nothing grows, nothing gets slower, and nothing is left behind.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasModel, root } from './built.js';
import { soak, soakOptions, soakTimeout as timeout, soakTools as tools } from './soak-numbers.js';

type Package = typeof import('../../js/entry/node.js');
type Router = Awaited<ReturnType<Package['ToolRouter']['load']>>;

const modelUrl = `${root}/tests/golden/model_tiny.safetensors`;
const megabyte = 1 << 20;

/** Runs the work so often, and answers memory and processor time at the quarters: the first is warm-up. */
async function quarters(count: number, work: (i: number) => Promise<unknown>) {
  const marks: { rss: number; handles: number; cpuMs: number }[] = [];
  let cpu = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    await work(i);
    if ((i + 1) % Math.floor(count / 4) !== 0) continue;
    globalThis.gc?.();
    const { user, system } = process.cpuUsage(cpu);
    marks.push({ rss: process.memoryUsage().rss, handles: process.getActiveResourcesInfo().length, cpuMs: (user + system) / 1000 });
    cpu = process.cpuUsage();
  }
  return marks;
}

/** Memory: what a quarter adds may not go on with the number; 20 MB is what the garbage collector plays with. */
function expectNoGrowth(marks: Awaited<ReturnType<typeof quarters>>, count: number): void {
  const [, second, , last] = marks;
  expect(last!.rss - second!.rss, `${count} times`).toBeLessThan(20 * megabyte + count * 10);
  expect(last!.handles).toBeLessThanOrEqual(second!.handles + 2);
  // Processor time, which other programs on the machine do not add to.
  expect(last!.cpuMs).toBeLessThan(2 * second!.cpuMs + 500);
}

describe.skipIf(!hasModel)('soak in Node', () => {
  let ToolRouter: Package['ToolRouter'];
  let router: Router;
  beforeAll(async () => {
    ({ ToolRouter } = (await import(`${root}/dist/entry/node.js`)) as Package);
    router = await ToolRouter.load({ modelUrl });
  });
  afterAll(() => router.dispose());

  test(`${soak.routes} routes`, { timeout }, async () => {
    const toolset = await router.tools(tools);
    const expected = JSON.stringify((await toolset.route('switch 1', soakOptions)).calls);
    await toolset.route('switch 999999', soakOptions);
    const before = await router.memoryBytes();
    const marks = await quarters(soak.routes, (i) => toolset.route(`switch ${i}`, soakOptions));
    expectNoGrowth(marks, soak.routes);
    expect(await router.memoryBytes()).toBe(before);
    expect(JSON.stringify((await toolset.route('switch 1', soakOptions)).calls)).toBe(expected);
    toolset.dispose();
  });

  test(`${soak.toolSets} tool sets, disposed or forgotten`, { timeout }, async () => {
    let warm = 0;
    const marks = await quarters(soak.toolSets, async (i) => {
      const own = tools.map((tool) => ({ ...tool, description: `${tool.description}, number ${i}` }));
      if (i % 2 === 0) (await router.tools(own)).dispose();
      else await router.route('switch', own, soakOptions); // the router keeps the last few, and drops them
      if (i === Math.floor(soak.toolSets / 2)) warm = await router.memoryBytes();
    });
    expectNoGrowth(marks, soak.toolSets);
    // Encodings of tools are cached up to a bound, whatever is disposed.
    expect(await router.memoryBytes()).toBeLessThan(warm + 64 * megabyte);
  });

  test('tool sets that are held cost their text, not their encodings, of which only so many are kept', { timeout }, async () => {
    const maxCacheBytes = 12 * megabyte;
    const other = await ToolRouter.load({ modelUrl, threads: 1, maxCacheBytes });
    const before = await other.memoryBytes();
    const held = [];
    for (let i = 0; i < 10; i++) {
      const tool = (k: number) => ({ name: `tool_${i}_${k}`, description: `Does thing number ${k} of ${i} `.repeat(8 + (k % 3)) });
      held.push(await other.tools(Array.from({ length: 200 }, (_, k) => tool(k))));
    }
    // Their encodings, 100 kB each, would be 200 MB in all.
    expect(await other.memoryBytes()).toBeLessThan(before + 2 * maxCacheBytes);
    for (const toolset of held) toolset.dispose();
    await other.dispose();
  });

  test(`${soak.loads} loads and disposals`, { timeout }, async () => {
    const handles = process.getActiveResourcesInfo().length;
    const marks = await quarters(soak.loads, async () => {
      const other = await ToolRouter.load({ modelUrl });
      expect((await other.route('switch', tools, soakOptions)).type).not.toBe('none');
      await other.dispose();
    });
    const [, second, , last] = marks;
    // A thread's memory goes back some time after its end: 100 kB each would be a leak, an engine is 32 MB.
    expect(last!.rss - second!.rss).toBeLessThan(128 * megabyte + soak.loads * 100_000);
    await new Promise((resolve) => setTimeout(resolve, 2_000)); // threads end on their own time
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(handles + 2);
  });
});
