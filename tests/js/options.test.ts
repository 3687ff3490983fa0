// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { checkEscalated, checkLoadOptions, checkRouteOptions, checkRunOptions, checkToolsOptions, combineSignals } from '../../js/api/options.js';

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe('options', () => {
  test.each([
    [checkRouteOptions, { minConfidance: 0.5 }, 'options.minConfidance'],
    [checkRouteOptions, { maxCalls: 0 }, 'options.maxCalls'],
    [checkRouteOptions, { maxCalls: 1.5 }, 'options.maxCalls'],
    [checkRouteOptions, { minConfidence: 2 }, 'options.minConfidence'],
    [checkRouteOptions, { toolChoice: 7 }, 'options.toolChoice'],
    [checkRouteOptions, { signal: {} }, 'options.signal'],
    [checkRouteOptions, { timeoutMs: -1 }, 'options.timeoutMs'],
    [checkRouteOptions, { facts: { date: 7 } }, 'options.facts'],
    [checkRouteOptions, { constructor: 1 }, 'options.constructor'],
    [checkToolsOptions, { onUnsupported: 'ignore' }, 'options.onUnsupported'],
    [checkToolsOptions, { maxTools: 0 }, 'options.maxTools'],
    [checkToolsOptions, { maxBytes: 9 << 20 }, 'options.maxBytes'],
    [checkLoadOptions, { modelUrl: '' }, 'options.modelUrl'],
    [checkLoadOptions, { variant: 'fast' }, 'options.variant'],
    [checkLoadOptions, { model: new Uint8Array(1), modelUrl: 'x' }, 'options.model'],
    [checkLoadOptions, { modelUrl: 'x', sha256: 'ab' }, 'options.sha256'],
    [checkLoadOptions, { sha256: 'ab'.repeat(32) }, 'options.sha256'],
    [checkLoadOptions, { workerUrl: 7 }, 'options.workerUrl'],
    [checkLoadOptions, { threads: 0 }, 'options.threads'],
    [checkLoadOptions, null, 'options'],
  ] as const)('%o refuses %o at %s', (check, options, path) => {
    expect(() => check(options as object)).toThrow(expect.objectContaining({ code: 'invalid_argument', path }));
  });

  test('an unknown option is named, with those that there are', () => {
    expect(() => checkToolsOptions({ strict: true })).toThrow(/unknown option 'strict'; there are signal, timeoutMs, onUnsupported/);
  });

  test.each([0.01, 1.5, 1e300, Infinity])('a timeout of %d ms does not end at once, nor throw', async (timeoutMs) => {
    const signal = combineSignals({ timeoutMs });
    expect(signal?.aborted).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(signal?.aborted).toBe(timeoutMs < 10);
  });

  test.each([
    ['a function with a name', checkRouteOptions, () => ({ toolChoice: function set_light() {} }), 'options.toolChoice'],
    ['a name that JSON leaves out', checkRouteOptions, () => ({ toolChoice: Object.create({ name: 'set_light' }) as object }), 'options.toolChoice'],
    ['a tool choice that is another in JSON', checkRouteOptions, () => ({ toolChoice: { name: 'set_light', toJSON() {} } }), 'options.toolChoice'],
    ['a map of facts', checkRouteOptions, () => ({ facts: new Map([['date', '2026-11-21']]) }), 'options.facts'],
    ['facts that JSON leaves out', checkRouteOptions, () => ({ facts: Object.create({ date: '2026-11-21' }) as object }), 'options.facts'],
    ['a list of facts', checkRouteOptions, () => ({ facts: ['2026-11-21'] }), 'options.facts'],
    ['the mere prototype of a signal', checkRouteOptions, () => ({ signal: Object.create(AbortSignal.prototype) as object }), 'options.signal'],
    ['the mere prototype of a URL', checkLoadOptions, () => ({ workerUrl: Object.create(URL.prototype) as object }), 'options.workerUrl'],
    ['an inherited option', checkToolsOptions, () => Object.create({ timeoutMs: 'soon' }) as object, 'options.timeoutMs'],
    ['an inherited option that there is not', checkToolsOptions, () => Object.create({ timeoutMz: 1 }) as object, 'options.timeoutMz'],
    ['an option that is not enumerable', checkToolsOptions, () => Object.defineProperty({}, 'timeoutMs', { value: 'soon' }), 'options.timeoutMs'],
    ['an option that throws null', checkRunOptions, () => ({ get inOrder() { throw null; } }), 'options.inOrder'],
    ['an option that throws what cannot be read', checkRunOptions, () => ({ get inOrder() { throw revoked(); } }), 'options.inOrder'],
    ['a proxy that throws', checkRunOptions, () => new Proxy({}, { ownKeys() { throw new Error('no'); } }), 'options'],
    ['a revoked proxy', checkRouteOptions, revoked, 'options'],
    ['a list', checkLoadOptions, () => [], 'options'],
  ])('%s is refused', (_, check, options, path) => {
    expect(() => check(options() as object)).toThrow(expect.objectContaining({ code: 'invalid_argument', path }));
  });

  test.each([[NaN, 'NaN'], [Infinity, 'Infinity'], [-Infinity, '-Infinity'], ['1', '"1"'], [null, 'null'], [1n, 'bigint']])('the message names %o', (maxCalls, name) => {
    expect(() => checkRouteOptions({ maxCalls })).toThrow(new RegExp(`, not ${name}$`));
  });

  test('what is returned is what was checked, of a prototype, too', () => {
    let reads = 0;
    const defaults = { get maxCalls() { return ++reads > 1 ? 'many' : 3; } };
    const read = checkRouteOptions(Object.create(defaults) as { maxCalls: unknown; facts?: object });
    expect([read.maxCalls, read.maxCalls, read.facts]).toEqual([3, 3, undefined]);
  });

  test('what a page adds to all objects is no option', () => {
    Object.defineProperty(Object.prototype, 'extend', { value: 1, enumerable: true, configurable: true });
    try {
      checkRouteOptions({ maxCalls: 1 });
    } finally {
      Reflect.deleteProperty(Object.prototype, 'extend');
    }
  });

  test.each([
    5, 'none', {}, [], { type: 'call', calls: null, confidence: 1 }, { calls: [], confidence: 1 }, { type: 'none', calls: [] },
    { type: 'none', calls: [], confidence: NaN }, { type: 'call', calls: [null], confidence: 1 }, { type: 'call', calls: [{}], confidence: 1 },
  ])('onEscalate may not answer what is no result (%#)', (answer) => {
    expect(() => checkEscalated(answer)).toThrow(expect.objectContaining({ code: 'invalid_argument', path: 'options.onEscalate' }));
  });

  test('nor what throws', () => {
    expect(() => checkEscalated({ get type() { throw 'word'; } })).toThrow(expect.objectContaining({ code: 'invalid_argument', path: 'options.onEscalate' }));
  });

  test.each([undefined, null, { type: 'none', calls: [], confidence: 0 }, { type: 'call', calls: [{ name: 'a', arguments: {} }], confidence: 1 }])('onEscalate may answer %o', (answer) => {
    expect(checkEscalated(answer)).toBe(answer);
  });

  test('undefined is as good as absent', () => {
    expect(() => checkRouteOptions({ maxCalls: undefined, toolChoice: { name: 'a' }, facts: { date: '2026-11-21' } })).not.toThrow();
  });
});
