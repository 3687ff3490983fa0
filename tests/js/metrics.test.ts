// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { isEqual, percentile, scoreExample, type Call, type ExpectedCall } from '../../js/cli/metrics.js';

const call = (name: string, args: object = {}, acceptable?: object) => ({ name, arguments: args, ...(acceptable && { acceptable }) }) as ExpectedCall;
const isExact = (expected: ExpectedCall[], calls: Call[]) => scoreExample(expected, calls).exact;

describe('scoreExample', () => {
  test('calls match in any order', () => {
    expect(isExact([call('a', { x: 1 }), call('a', { x: 2 }), call('b')], [call('b'), call('a', { x: 2 }), call('a', { x: 1 })])).toBe(true);
  });

  test('names match exactly', () => {
    expect(scoreExample([call('getA')], [call('geta')])).toMatchObject({ exact: false, toolsRight: false });
  });

  test('no call where none is expected is exact; a call there is not', () => {
    expect(scoreExample([], [])).toMatchObject({ exact: true, toolsRight: true, argumentsExpected: 0 });
    expect(scoreExample([], [call('a')])).toMatchObject({ exact: false, toolsRight: false });
  });

  test('a call too many or too few is not exact', () => {
    expect(isExact([call('a')], [call('a'), call('a')])).toBe(false);
    expect(isExact([call('a'), call('a')], [call('a')])).toBe(false);
  });

  test('numbers by value, strings exactly, objects in any key order', () => {
    expect(isExact([call('a', { n: 30.0, o: { x: 1, y: [1, 2] } })], [call('a', { o: { y: [1, 2], x: 1 }, n: 30 })])).toBe(true);
    expect(isExact([call('a', { s: 'Kitchen' })], [call('a', { s: 'kitchen' })])).toBe(false);
    expect(isEqual(1, '1')).toBe(false);
    expect(isEqual([1, 2], [2, 1])).toBe(false);
    expect(isEqual(null, {})).toBe(false);
  });

  test('an argument too many or too few is not exact', () => {
    expect(isExact([call('a', { x: 1 })], [call('a', { x: 1, y: 2 })])).toBe(false);
    expect(isExact([call('a', { x: 1, y: 2 })], [call('a', { x: 1 })])).toBe(false);
  });

  test('counts the right arguments of the expected ones', () => {
    expect(scoreExample([call('a', { x: 1, y: 2 }), call('b', { z: 1 })], [call('a', { x: 1, y: 3 })])).toMatchObject({ argumentsRight: 1, argumentsExpected: 3 });
  });
});

describe('acceptable', () => {
  test('any listed value is right, and an unlisted one is not', () => {
    const expected = [call('a', { x: 1 }, { x: [1, 5, 'five'] })];
    expect(isExact(expected, [call('a', { x: 5 })])).toBe(true);
    expect(isExact(expected, [call('a', { x: 6 })])).toBe(false);
  });

  test('"" in the list allows absence', () => {
    expect(isExact([call('a', {}, { x: ['m', ''] })], [call('a')])).toBe(true);
    expect(isExact([call('a', {}, { x: ['m', ''] })], [call('a', { x: 'm' })])).toBe(true);
    expect(isExact([call('a', {}, { x: ['m'] })], [call('a')])).toBe(false);
  });

  test('an argument that is not listed is one too many', () => {
    expect(isExact([call('a', {}, { x: [1] })], [call('a', { x: 1, y: 2 })])).toBe(false);
  });

  test('strings after lower-casing and dropping spaces and punctuation', () => {
    const expected = [call('a', {}, { x: ["St. John's, N-L_*^/"] })];
    expect(isExact(expected, [call('a', { x: 'st johns nl' })])).toBe(false);
    expect(isExact(expected, [call('a', { x: 'ST JOHN"S NL' })])).toBe(true);
  });

  test('nested objects key by key, arrays item by item', () => {
    const expected = [call('a', {}, { o: [{ min: [1, 2], unit: ['km', ''] }], l: [['A', 'B']] })];
    expect(isExact(expected, [call('a', { o: { min: 2 }, l: ['a', 'b'] })])).toBe(true);
    expect(isExact(expected, [call('a', { o: { min: 2, unit: 'm' }, l: ['a', 'b'] })])).toBe(false);
    expect(isExact(expected, [call('a', { o: { min: 2, more: 1 }, l: ['a', 'b'] })])).toBe(false);
    expect(isExact(expected, [call('a', { o: { min: 2 }, l: ['b', 'a'] })])).toBe(false);
  });

  test('finds the assignment that suits all calls', () => {
    const expected = [call('a', {}, { x: [1, 2] }), call('a', {}, { x: [1] })];
    expect(isExact(expected, [call('a', { x: 1 }), call('a', { x: 2 })])).toBe(true);
  });
});

test('percentile is the nearest rank, and 0 of nothing', () => {
  expect(percentile([], 0.5)).toBe(0);
  expect(percentile([1, 2, 3, 4], 0.5)).toBe(2);
  expect(percentile([1, 2, 3, 4], 0.95)).toBe(4);
});
