// SPDX-License-Identifier: Apache-2.0
// The README's numbers are drawn from the results that are kept, and from nothing else.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { numbersIn, numbersTable, readResults, withNumbers } from '../bench/lib/report.mjs';
import { root } from '../e2e/built.js';

test("the README's numbers are those of tests/bench/results", () => {
  expect(numbersIn(readFileSync(`${root}/README.md`, 'utf8'))).toBe(numbersTable(readResults()));
});

test('every result says its machine, its runtime, its builds and its commit', () => {
  for (const { machine, runtime, commit, routes } of readResults()) {
    for (const fact of [machine, runtime, commit, ...routes.map(({ variant }: { variant: string }) => variant)]) expect(fact).toMatch(/\S/);
  }
});

test('numbers go between the marks and leave the rest as it is', () => {
  const readme = 'before\n<!-- numbers: npm run bench -->\nold\n<!-- /numbers -->\nafter\n';
  const written = withNumbers(readme, 'new');
  expect(numbersIn(written)).toBe('new');
  expect(written.replace('new', 'old')).toBe(readme);
});
