// SPDX-License-Identifier: Apache-2.0
// The built demo for everybody: by keyboard, by screen reader, on a narrow phone, without motion. axe-core looks for
// what a machine can find; what it cannot, is clicked through here.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { ask, chromiumPath, resultOf, shoot, untilReady, useDemo, type Visit } from './setting.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResults {
  violations: { id: string; help: string; nodes: { target: string[]; failureSummary?: string }[] }[];
}

async function violationsOf(page: Visit['page']): Promise<string[]> {
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary = '' }) => `${id}: ${target.join(' ')}: ${failureSummary.split('\n')[1] ?? ''}`));
}

describe.skipIf(!chromiumPath)('the demo for everybody', { timeout: 240_000 }, () => {
  const demo = useDemo();

  const open = async (options: Parameters<typeof demo.visit>[0] = {}): Promise<Visit> => {
    const visit = await demo.visit({ bypassCSP: true, ...options }); // axe is put into the page as a script
    await visit.page.goto(demo.host.url);
    await untilReady(visit.page);
    return visit;
  };

  test.each(['light', 'dark'] as const)('has no fault that axe-core finds, in %s', async (colorScheme) => {
    const { page } = await open({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(axe);
    expect(await violationsOf(page)).toEqual([]);
    await page.fill('[data-testid="request"]', 'set a timer for 10 minutes and play some jazz');
    await page.press('[data-testid="request"]', 'Enter');
    await resultOf(page, 'set a timer for 10 minutes and play some jazz');
    await page.click('.considered summary');
    await page.fill('#tools-text', '[{"name": 1}]');
    await page.waitForSelector('.fault-jump');
    expect(await violationsOf(page)).toEqual([]);
    for (const preset of ['form', 'shop']) {
      await page.click(`[data-preset="${preset}"]`);
      await page.waitForTimeout(1000);
      await page.press('[data-testid="request"]', 'Enter');
      await page.waitForTimeout(1000);
      expect(await violationsOf(page)).toEqual([]);
    }
    await page.context().close();
  });

  test('is used by keyboard alone, and the focus is always seen', async () => {
    const { page } = await open();
    const focused = () => page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      const { outlineStyle } = getComputedStyle(element);
      const field = element.closest('.composer, .code');
      return { id: element.id || element.className, isSeen: outlineStyle !== 'none' || field !== null, isPage: element === document.body };
    });
    const order: string[] = [];
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      const { id, isSeen, isPage } = await focused();
      if (isPage) break; // past the last
      expect([id, isSeen]).toEqual([id, true]);
      order.push(id);
    }
    expect(order[0]).toBe('skip-link');
    const steps = ['share', 'theme', 'preset', 'example', 'request', 'clear', 'act', 'result', 'tools-text', 'compare'];
    const places = steps.map((step) => order.indexOf(step));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    await page.focus('[data-testid="request"]');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('set the volume to 20');
    await page.keyboard.press('Enter');
    await resultOf(page, 'set the volume to 20');
    await page.waitForFunction(() => document.querySelector('#stage-announcer')!.textContent !== '');
    await page.context().close();
  });

  test('tells a screen reader the answer once typing rests, and what was done', async () => {
    const { page } = await open();
    const { type } = await ask(page, 'play some jazz');
    const opening = { call: /^Calls play music, query jazz|^Calls /, none: /^No tool fits/, incomplete: /asks back/ }[type]!;
    await page.waitForFunction(() => document.querySelector('#announcer')!.textContent!.includes('sure.'));
    await page.waitForTimeout(1200);
    expect(await page.textContent('#announcer')).toMatch(opening);
    expect(await page.getAttribute('#announcer', 'role')).toBe('status');
    await page.context().close();
  });

  test.each([
    { name: 'phone-light', colorScheme: 'light', width: 390 },
    { name: 'phone-dark', colorScheme: 'dark', width: 390 },
    { name: 'phone-narrow', colorScheme: 'light', width: 360 },
  ] as const)('fits a phone of $width px: $name', async ({ name, colorScheme, width }) => {
    const { page } = await open({ viewport: { width, height: 800 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, colorScheme });
    for (const request of ['make the living room lights blue', 'turn off the bedroom lights and play some jazz']) {
      await page.fill('[data-testid="request"]', request);
      await page.tap('#act');
      await resultOf(page, request);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    }
    const small = await page.evaluate(() => [...document.querySelectorAll('button, summary')].filter((element) => {
      const { width, height } = element.getBoundingClientRect();
      return width > 0 && (height < 24 || width < 24);
    }).map((element) => element.id || element.className));
    expect(small).toEqual([]);
    await shoot(page, name);
    await shoot(page, `${name}-whole`, true);
    await page.context().close();
  });

  test('keeps still when asked to', async () => {
    const { page } = await open({ reducedMotion: 'reduce' });
    await page.fill('[data-testid="request"]', 'play some jazz');
    await page.press('[data-testid="request"]', 'Enter');
    await resultOf(page, 'play some jazz');
    await page.waitForTimeout(500);
    expect(await page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === 'running').length)).toBe(0);
    await page.context().close();
  });

  test('is dark, light, or as the system has it, and remembers', async () => {
    const { page } = await open({ colorScheme: 'dark' });
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await paper();
    await page.click('#theme');
    expect(await page.textContent('#theme')).toContain('Light');
    const light = await paper();
    expect(light).not.toBe(dark);
    await page.reload();
    expect(await paper()).toBe(light);
    await page.click('#theme');
    expect(await paper()).toBe(dark);
    await page.context().close();
  });
});
