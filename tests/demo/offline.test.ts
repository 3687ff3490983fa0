// SPDX-License-Identifier: Apache-2.0
// The built demo without a network, isolated by its own service worker, and installed.
import { availableParallelism, loadavg } from 'node:os';
import { describe, expect, test } from 'vitest';
import { ask, chromiumPath, headersOfHost, resultOf, shoot, untilReady, useDemo, type Visit } from './setting.js';

const flightReady = (page: Visit['page']) => page.waitForFunction(() => document.querySelectorAll('.check.is-done').length === 2);
const isIsolated = (page: Visit['page']) => page.evaluate(() => crossOriginIsolated);

describe.skipIf(!chromiumPath)('the demo without a network', { timeout: 240_000 }, () => {
  const demo = useDemo();

  const open = async (): Promise<Visit> => {
    const visit = await demo.visit();
    await visit.page.goto(demo.host.url);
    await untilReady(visit.page);
    return visit;
  };

  test('opens a second time without the host, from what it kept, and answers within a second', async () => {
    const { page, problems } = await open();
    await flightReady(page);
    expect(demo.host.seen.filter((path) => path.endsWith('.safetensors'))).toHaveLength(1);
    demo.host.isOffline = true;
    const times: { wallMs: number; cpuMs: number }[] = [];
    for (let i = 0; i < 5; i++) {
      await page.goto('about:blank');
      const before = await demo.rendererMs();
      await page.goto(demo.host.url);
      await untilReady(page);
      // In the page's own time: how long after it began did the answer stand there?
      times.push({ wallMs: await page.evaluate(() => performance.now()), cpuMs: (await demo.rendererMs()) - before });
    }
    expect(await page.textContent('#timings')).toContain('from this device');
    const { type } = await ask(page, 'close the blinds in the bedroom');
    expect(type).toMatch(/^(call|none|incomplete)$/);
    await page.click('#compare'); // the other builds are here, too
    await page.waitForFunction(() => document.querySelector('.verdict')!.textContent!.includes('same answer'), null, { timeout: 120_000 });
    await shoot(page, 'offline');
    demo.host.isOffline = false;
    expect(problems).toEqual([]);
    // Where other programs hold the processors, a clock says how busy they are; then the page's own share counts, of two
    // threads that work side by side.
    const isQuiet = loadavg()[0]! < availableParallelism();
    if (isQuiet) expect(Math.min(...times.map(({ wallMs }) => wallMs))).toBeLessThan(1000);
    expect(Math.min(...times.map(({ cpuMs }) => cpuMs))).toBeLessThan(1500);
    await page.context().close();
  });

  test('isolates itself on a plain host when asked, and back', async () => {
    const { page, problems } = await open();
    expect(await isIsolated(page)).toBe(false);
    await flightReady(page);
    for (const isOn of [true, false]) {
      const loaded = page.waitForEvent('load');
      await page.click('#isolate');
      await loaded;
      await untilReady(page);
      expect(await isIsolated(page)).toBe(isOn);
      expect((await ask(page, 'play some jazz')).considered).toContain('play_music');
    }
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('is isolated from the start where the host reads _headers, and works under its policy', async () => {
    demo.host.headers = headersOfHost();
    const { page, problems } = await open();
    expect(await isIsolated(page)).toBe(true);
    expect(await page.textContent('#foot')).toContain('This host sends the headers');
    await resultOf(page, (await page.inputValue('[data-testid="request"]'))!);
    demo.host.headers = {};
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('can be installed: its manifest has what browsers ask for, and every file it names is there', async () => {
    const { page } = await open();
    const devtools = await page.context().newCDPSession(page);
    const { errors, url } = await devtools.send('Page.getAppManifest');
    expect(errors).toEqual([]);
    const manifest = (await (await fetch(url)).json()) as { icons: { src: string; sizes: string }[]; display: string; start_url: string };
    expect(manifest.display).toBe('standalone');
    expect(manifest.icons.map(({ sizes }) => sizes)).toEqual(expect.arrayContaining(['192x192', '512x512']));
    for (const { src } of manifest.icons) expect((await fetch(new URL(src, url))).status).toBe(200);
    const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
    // A private window is where tests run, and the only thing that stands in the way.
    expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
    await page.context().close();
  });

  test('says why when the network cannot be fetched, and goes on when asked again', async () => {
    const { page } = await demo.visit();
    await page.route('**/*.safetensors', (route) => route.abort());
    await page.context().route('**/*.safetensors', (route) => route.abort());
    await page.goto(demo.host.url);
    await page.waitForSelector('[role="alert"]');
    expect(await page.textContent('#loading')).toContain('model_unreachable');
    await page.context().unroute('**/*.safetensors');
    await page.unroute('**/*.safetensors');
    await page.click('#loading button');
    await untilReady(page);
    expect(await page.isVisible('#loading')).toBe(false);
    await page.context().close();
  });
});
