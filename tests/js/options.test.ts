// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { checkLoadOptions, checkRouteOptions, checkToolsOptions, combineSignals } from '../../js/api/options.js';

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

  test('undefined is as good as absent', () => {
    expect(() => checkRouteOptions({ maxCalls: undefined, toolChoice: { name: 'a' }, facts: { date: '2026-11-21' } })).not.toThrow();
  });
});
