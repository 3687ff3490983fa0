// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { toWireJson } from '../../js/api/wire-json.js';

const written = (value: unknown) => JSON.parse(toWireJson(value, 'tools')) as unknown;
const tool = (parameters: object) => [{ name: 'a' }, { name: 'b', parameters }];

describe('toWireJson', () => {
  test('makes lone surrogates U+FFFD, in keys as in values, and nothing else', () => {
    expect(written({ 'a\ud800': 'b\udfff', c: ['\udc00\ud800'] })).toEqual({ 'a\ufffd': 'b\ufffd', c: ['\ufffd\ufffd'] });
    expect(toWireJson({ 'a\ud800': 1 }, 'tools').isWellFormed()).toBe(true);
    const sound = { '😀\\ud800': ['\\\\ud800', '\\', '"\n\u0001\u2028', '\ud7ff\ue000'], __proto__: null, 7: 1e21 };
    expect(toWireJson(sound, 'tools')).toBe(JSON.stringify(sound));
    expect(written([sound, '\ud800'])).toEqual([sound, '\ufffd']);
  });

  test.each([
    ['keys that become one', tool({ properties: { 'a\ud800': {}, 'a\ud801': {} } }), 'tools[1].parameters'],
    ['a key that becomes one that is there', { facts: { 'a\ud800': 'x', 'a\ufffd': 'y' } }, 'tools.facts'],
    ['a toJSON() that throws null', tool({ toJSON() { throw null; } }), 'tools[1].parameters'],
    ['a toJSON() that throws a word', tool({ properties: { toJSON() { throw 'word'; } } }), 'tools[1].parameters'],
    ['a getter that throws', tool({ get type() { throw new Error('no'); } }), 'tools[1].parameters'],
    ['a number that JSON has not', { facts: { 'the date': 1n } }, 'tools.facts["the date"]'],
  ])('refuses %s', (_, value, path) => {
    expect(() => toWireJson(value, 'tools')).toThrow(expect.objectContaining({ code: 'invalid_argument', path }));
  });

  test('a fault that is in no member, or not there the second time, is at the place of the whole', () => {
    let calls = 0;
    const once = { toJSON() { if (calls++ === 0) throw 'word'; } };
    expect(() => toWireJson([once], 'tools')).toThrow(expect.objectContaining({ code: 'invalid_argument', path: 'tools', message: 'cannot be read: word' }));
    const circular: object[] = [];
    circular.push(circular);
    expect(() => toWireJson(circular, 'tools')).toThrow(expect.objectContaining({ code: 'invalid_argument', path: 'tools[0][0]' }));
  });
});
