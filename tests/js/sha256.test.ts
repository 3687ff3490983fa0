// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { sha256Of } from '../../js/loading/sha256.js';

afterEach(() => vi.unstubAllGlobals());

test.each([0, 1, 3, 55, 56, 63, 64, 65, 119, 120, 128, 100_003])('SHA-256 of %i bytes, without crypto.subtle as with it', async (length) => {
  // An offset of one: the bytes need not start where their buffer does.
  const bytes = Uint8Array.from({ length: length + 1 }, (_, i) => i * 31 + (i >> 8)).subarray(1);
  const expected = createHash('sha256').update(bytes).digest('hex');
  expect(await sha256Of(bytes)).toBe(expected);
  vi.stubGlobal('crypto', {});
  expect(await sha256Of(bytes)).toBe(expected);
});

test('hashes memory that threads share', async () => {
  const shared = new Uint8Array(new SharedArrayBuffer(10)).fill(7);
  expect(await sha256Of(shared)).toBe(createHash('sha256').update(Uint8Array.from(shared)).digest('hex'));
});
