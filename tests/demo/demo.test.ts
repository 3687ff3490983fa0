// SPDX-License-Identifier: Apache-2.0
// The built demo, clicked through in Chromium. What the model answers is its own matter: these tests hold the page to
// what the shown result says, whatever it is. Screenshots are left in build/screenshots/demo/.
import { describe, expect, test } from 'vitest';
import { presets } from '../../demo/presets/presets.js';
import { ask, chromiumPath, resultOf, shoot, untilReady, useDemo, type ShownResult, type Visit } from './setting.js';

const home = presets[0]!;

/** The room of the house as the page draws it. */
const lightOf = (page: Visit['page'], room: string) =>
  page.evaluate((name) => {
    const style = document.querySelector<SVGElement>(`[data-room="${name}"]`)!.style;
    return { level: Number(style.getPropertyValue('--level')), lamp: style.getPropertyValue('--lamp'), blind: style.getPropertyValue('--blind') };
  }, room);

/** Replaces the editor's text as typing does. */
const edit = (page: Visit['page'], text: string) => page.fill('#tools-text', text);

describe.skipIf(!chromiumPath)('the demo in Chromium', { timeout: 240_000 }, () => {
  const demo = useDemo();

  const open = async (options: Parameters<typeof demo.visit>[0] = {}, hash = ''): Promise<Visit> => {
    const visit = await demo.visit(options);
    await visit.page.goto(demo.host.url + hash);
    await untilReady(visit.page);
    return visit;
  };

  test('shows the bytes of the first load as they come, and takes requests meanwhile', async () => {
    const { page, problems } = await demo.visit();
    demo.host.bytesPerSecond = 1_500_000;
    await page.goto(demo.host.url);
    await page.waitForFunction(() => /[0-4]\.\d MB of 4\.\d MB|\d+ kB of/.test(document.querySelector('#loading')!.textContent!));
    const now = () => page.getAttribute('[role="progressbar"]', 'aria-valuenow').then(Number);
    const before = await now();
    await page.fill('[data-testid="request"]', 'play some jazz');
    await shoot(page, 'first-load');
    demo.host.bytesPerSecond = 0;
    const after = await now().catch(() => 100);
    expect(after).toBeGreaterThan(before);
    expect((await resultOf(page, 'play some jazz')).type).toMatch(/^(call|none|incomplete)$/);
    expect(await page.isVisible('#loading')).toBe(false);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('routes while one types, marks the words, and ties them to their arguments', async () => {
    const { page, problems, requests } = await open();
    await page.fill('[data-testid="request"]', '');
    await page.locator('[data-testid="request"]').pressSequentially('dim the kitchen to 30%', { delay: 15 });
    const { calls, type } = await resultOf(page, 'dim the kitchen to 30%');
    const spans = calls.flatMap(({ evidence }) => Object.values(evidence)).map(([start, end]) => 'dim the kitchen to 30%'.slice(start, end));
    if (type === 'call') {
      expect(await page.locator('.card .card-name').allTextContents()).toEqual(calls.map(({ name }) => name));
      const said = (await page.locator('.card .said').allTextContents()).filter((text) => text.startsWith('from'));
      expect(said.sort()).toEqual(spans.map((span) => `from “${span}”`).sort());
    }
    expect(await page.locator('.thread').count()).toBe(spans.length);
    const marked = await page.locator('.request-mirror .span').allTextContents();
    for (const span of spans) expect(marked.join('')).toContain(span);
    // The copy behind the text area has to be the same text, or the marks would stand under other words.
    expect((await page.textContent('.request-mirror'))!.replace('\u200b', '')).toBe('dim the kitchen to 30%');
    await page.fill('[data-testid="request"]', 'dim the k');
    expect((await page.locator('.request-mirror .span').allTextContents()).join('')).not.toContain('kitchen');
    expect(problems).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(demo.host.url) && !url.startsWith('data:'))).toEqual([]);
    await page.context().close();
  });

  test('answers the last of many requests typed over one another', async () => {
    const { page, problems } = await open();
    for (let i = 0; i < 30; i++) await page.fill('[data-testid="request"]', `set a timer for ${i} minutes`);
    await resultOf(page, 'set a timer for 29 minutes');
    await page.waitForTimeout(500);
    expect(await page.getAttribute('[data-testid="result"]', 'data-request')).toBe('set a timer for 29 minutes');
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('carries calls out in the house, as the result says them', async () => {
    const { page, problems } = await open();
    let acted = 0;
    for (const example of home.examples) {
      await page.click(`.example:text-is("${example}")`);
      const { type, calls } = await resultOf(page, example);
      await page.waitForTimeout(100);
      if (type !== 'call') continue;
      for (const { name, arguments: values } of calls) {
        const room = ['bedroom', 'office', 'living room', 'kitchen'].find((each) => each === values['room']);
        const light = room && (await lightOf(page, room));
        if (light && name === 'turn_off_lights') expect([name, light.level]).toEqual([name, 0]);
        else if (light && name === 'set_light_brightness') expect([name, light.level]).toEqual([name, Number(values['brightness']) / 100]);
        else if (light && name === 'close_blinds') expect([name, light.blind]).toEqual([name, '1']);
        else if (name === 'play_music') expect(await page.textContent('.now-playing')).toContain(String(values['query']));
        else if (name === 'set_timer' && /minute/.test(String(values['duration']))) expect(await page.textContent('.oven-clock')).toMatch(/^\d\d:\d\d$/);
        else continue;
        acted++;
      }
    }
    expect(acted).toBeGreaterThan(2);
    expect(await page.textContent('#stage-announcer')).not.toBe('');
    await page.evaluate(() => scrollTo(0, 0));
    await shoot(page, 'desktop-light');
    await shoot(page, 'desktop-light-whole', true);
    await page.emulateMedia({ colorScheme: 'dark' });
    await shoot(page, 'desktop-dark');
    await shoot(page, 'desktop-dark-whole', true);
    await page.click('.stage-foot button');
    expect(await lightOf(page, 'living room')).toMatchObject({ level: 0.7, blind: '0' });
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('asks back, refuses and fails in words of their own', async () => {
    const { page } = await open();
    const seen = new Map<string, ShownResult>();
    for (const request of ['set a timer', 'turn on the lights', 'set the volume', 'tell me a joke', 'who wrote Faust?', 'what is the capital of Peru?']) {
      const result = await ask(page, request);
      if (seen.has(result.type)) continue;
      seen.set(result.type, result);
      if (result.type === 'none') expect(await page.textContent('.answer')).toContain('No tool fits');
      if (result.type === 'incomplete') {
        expect(await page.textContent('.card-ask')).toContain(`asks back: ${result.missing!.join(', ')}?`);
        await page.click('.card-ask button');
        expect(await page.evaluate(() => document.activeElement!.id)).toBe('request');
      }
      if (result.type !== 'call') await shoot(page, `answer-${result.type}`);
    }
    expect([...seen.keys()]).toEqual(expect.arrayContaining(['none']));
    await page.fill('[data-testid="request"]', 'word '.repeat(780));
    await page.waitForSelector('.card-error');
    expect(await page.textContent('.card-error')).toContain('query_too_long');
    expect(await page.textContent('[data-testid="result"]')).toContain('query_too_long');
    await page.click('#clear');
    expect(await page.textContent('.answer')).toContain('Type a request');
    await page.context().close();
  });

  test('checks the tools as they are edited, and marks faults where they stand', async () => {
    const { page } = await open();
    const text = await page.inputValue('#tools-text');
    const bad = () => page.locator('.code-mirror .is-bad').allTextContents();

    await edit(page, text.replace(/"brightness": \{/, '"brightness": { "not": {},'));
    await page.waitForSelector('.fault-path');
    expect(await page.textContent('.fault-path')).toMatch(/^tools\[2\]\.parameters\.properties\.brightness/);
    expect(await page.getAttribute('#tools-text', 'aria-invalid')).toBe('true');
    const line = text.slice(0, text.indexOf('"brightness": {')).split('\n').length;
    expect(await page.textContent('.fault-jump')).toBe(`Line ${line}`);
    await page.click('.fault-jump');
    await page.waitForFunction(() => document.querySelector('.code-mirror .is-bad'));
    expect((await bad()).join('')).toMatch(/not|brightness/);
    await page.locator('.workshop').scrollIntoViewIfNeeded();
    await shoot(page, 'tools-fault');

    await edit(page, text.replace('"parameters"', '"parameters" oops'));
    await page.waitForFunction(() => document.querySelector('.fault')!.textContent!.includes('not JSON yet'));
    await page.click('.fault-jump'); // only lines in sight are drawn
    await page.waitForFunction(() => document.querySelector('.code-mirror .is-bad')?.textContent === 'oops');

    await edit(page, '[{"name": "call_taxi"}, {"name": "call_taxi"}]');
    await page.waitForFunction(() => document.querySelector('.fault')!.textContent!.includes('tools[1]'));

    await edit(page, '{"tools": [{"name": "call_taxi", "inputSchema": {"type": "object", "properties": {"address": {"type": "string"}}}}]}');
    await page.waitForFunction(() => document.querySelector('#tools-count')!.textContent === '1');
    expect(await page.textContent('.fault')).toBe('');
    expect((await ask(page, 'call me a taxi')).considered).toEqual(['call_taxi']);

    await page.click('#tools-reset');
    await page.waitForFunction((count) => document.querySelector('#tools-count')!.textContent === String(count), home.tools.length);
    await page.click('#tools-add');
    await page.waitForFunction((count) => document.querySelector('#tools-count')!.textContent === String(count), home.tools.length + 1);
    await page.context().close();
  });

  test.each(presets.map(({ id, examples }) => ({ id, examples })))('answers every example of the preset $id', async ({ id, examples }) => {
    const { page, problems } = await open();
    await page.click(`[data-preset="${id}"]`);
    const numTools = presets.find((each) => each.id === id)!.tools.length;
    await page.waitForFunction((count) => document.querySelector('#tools-count')!.textContent === String(count), numTools);
    for (const example of examples) {
      await page.click(`.example:text-is("${example}")`);
      const { type, considered } = await resultOf(page, example);
      expect(type).toMatch(/^(call|none|incomplete)$/);
      expect(considered).toHaveLength(Math.min(numTools, Math.max(8, Math.floor(numTools / 8)))); // and 16 at most, of more than any preset has
    }
    await page.click(`.example:text-is("${examples[0]}")`);
    await resultOf(page, examples[0]!);
    await page.evaluate(() => scrollTo(0, 0));
    await shoot(page, `preset-${id}`);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('says where the milliseconds went, the build and the memory', async () => {
    const { page } = await open();
    await ask(page, 'play some jazz');
    await page.waitForFunction(() => /Memory\d+(\.\d)? MB/.test(document.querySelector('.facts')!.textContent!));
    const text = (await page.textContent('#timings'))!;
    for (const part of ['Engine', 'Weights', 'Compile', 'Encode', 'Decode', 'chosen by the network', 'Tokens a second', 'Build']) expect(text).toContain(part);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    await page.context().close();
  });

  test('races the builds in one click, and they agree', async () => {
    const { page, problems } = await open();
    await page.click('#compare');
    await page.waitForFunction(() => /same answer|disagree|One build|No build/.test(document.querySelector('.verdict')!.textContent!), null, { timeout: 180_000 });
    expect(await page.textContent('.verdict')).toContain('same answer, byte for byte');
    const races = await page.locator('.race').allTextContents();
    expect(races.length).toBeGreaterThanOrEqual(2);
    expect(races.filter((race) => /tokens\/s/.test(race)).length).toBeGreaterThanOrEqual(2);
    await page.locator('.workshop').scrollIntoViewIfNeeded();
    await shoot(page, 'builds');
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('shares what is there by a link: request and preset, or request and tools', async () => {
    const { page } = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
    await page.click('[data-preset="shop"]');
    await ask(page, 'cancel order 7731');
    await page.click('#share');
    await page.waitForFunction(() => document.querySelector('#share')!.textContent!.includes('copied'));
    const first = await page.evaluate(() => navigator.clipboard.readText());
    const again = await open({}, new URL(first).hash);
    expect((await resultOf(again.page, 'cancel order 7731')).considered).toContain('cancel_order');
    expect(await again.page.getAttribute('[data-preset="shop"]', 'aria-pressed')).toBe('true');

    await edit(again.page, '[{"name": "ring_bell"}]');
    await again.page.waitForFunction(() => document.querySelector('#tools-count')!.textContent === '1');
    await again.page.click('#share');
    await again.page.waitForFunction(() => location.hash.includes('t='));
    const second = await open({}, new URL(again.page.url()).hash);
    expect((await resultOf(second.page, 'cancel order 7731')).considered).toEqual(['ring_bell']);
    for (const { page: each } of [again, second]) await each.context().close();
    await page.context().close();
  });
});
