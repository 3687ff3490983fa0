// SPDX-License-Identifier: Apache-2.0
// Speed that a busy machine cannot blur: instructions of the native engine beside the committed counts.
import { describe, expect, test } from 'vitest';
import { canCount, countInstructions, readCommitted, regressions } from '../bench/count.mjs';

interface Counted {
  compiler: string;
  counts: Record<string, number>;
}

test('a count that grew by more than the tolerance is a regression, and one that shrank is none', () => {
  expect(regressions({ gemm: 106, gemv: 104, route: 50 }, { gemm: 100, gemv: 100, route: 100 })).toEqual(['gemm: 106 instructions, 6.0% more than 100']);
});

describe.skipIf(!canCount())('instruction counts', () => {
  test('are within 5% of the committed ones', { timeout: 900_000 }, ({ skip }) => {
    const { compiler, counts } = countInstructions() as Counted;
    const committed = (readCommitted() as Record<string, Record<string, number>>)[compiler];
    if (!committed) return skip(`no counts are committed for ${compiler}`);
    expect(regressions(counts, committed)).toEqual([]);
  });
});
