// SPDX-License-Identifier: Apache-2.0
// The behaviours as tests: asked here, or taken from the report of a place where no test runner runs.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Variant } from '../../js/protocol/messages.js';
import { answersOf, behaviours, type Report, type Router } from './behaviours.js';
import { root } from './built.js';

export { withoutTimings } from './behaviours.js';

type Package = typeof import('../../js/entry/node.js');

export function describeRouter(needle: Package, variant: Variant): void {
  describe(`the ${variant} build on Node ${process.version}`, () => {
    const options = { variant };
    let router: Router;
    beforeAll(async () => void (router = await needle.ToolRouter.load(options)));
    afterAll(() => router.dispose());

    test.each(Object.entries(behaviours))('%s', (_, behaviour) => behaviour({ needle, options, router }));
  });
}

/** What the built package answers in this Node: every other place must answer the same bytes. */
export async function answersHere(): Promise<unknown[]> {
  const { ToolRouter } = (await import(`${root}/dist/entry/node.js`)) as Package;
  const router = await ToolRouter.load({ variant: 'simd' });
  try {
    return await answersOf(router);
  } finally {
    await router.dispose();
  }
}

/** Registers the behaviours of another place; `ask` is called once. */
export function describeReport(ask: () => Promise<Report>, variant: string): void {
  let report: Report;
  let expected: unknown[];
  beforeAll(async () => {
    expected = await answersHere();
    report = await ask();
  }, 600_000);

  test(`runs the ${variant} build`, () => expect(report.variant).toBe(variant));
  test('answers the same bytes as Node', () => expect(report.answers).toEqual(expected));
  test.each(Object.keys(behaviours))('%s', (name) => expect(report.faults[name]).toBeNull());
}
