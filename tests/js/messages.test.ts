// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { readQuery } from '../../js/api/messages.js';

const user = (content: unknown) => ({ role: 'user', content });

describe('readQuery', () => {
  test('the last user turn is the request, up to two before it are context', () => {
    const messages = [user('one'), { role: 'assistant', content: 'hm' }, user('two'), user('three'), user('four')];
    expect(readQuery(messages)).toEqual({ query: 'four', context: ['two', 'three'], warnings: [] });
  });

  test('reads the text parts of OpenAI, Anthropic and Gemini', () => {
    expect(readQuery([user([{ type: 'text', text: 'a' }, { type: 'image' }, { type: 'input_text', text: 'b' }])]).query).toBe('a\nb');
    expect(readQuery([{ role: 'user', parts: [{ text: 'c' }] }]).query).toBe('c');
  });

  test.each([
    [{ role: 'tool', content: '{}' }],
    [user([{ type: 'tool_result', content: 'x' }])],
    [{ role: 'user', parts: [{ functionResponse: {} }] }],
  ])('leaves tool results out with a warning: %o', (message) => {
    const { query, warnings } = readQuery([user('go'), message]);
    expect(query).toBe('go');
    expect(warnings).toHaveLength(1);
  });

  test.each([[[{ type: 'image' }]], [''], [undefined], [[]]])('a last user turn without text (%o) is an error, and no repetition of the one before', (content) => {
    expect(() => readQuery([user('open the door'), { role: 'assistant', content: 'done' }, user(content)])).toThrow(expect.objectContaining({ code: 'invalid_argument', path: 'query[2]' }));
  });

  test('text within a tool’s result is no request of its own', () => {
    expect(readQuery([user('go'), user([{ type: 'tool_result', content: 'x' }])]).query).toBe('go');
    expect(() => readQuery([user([{ type: 'tool_result', text: 'x' }])])).not.toThrow();
  });

  test('an empty request is a request', () => {
    expect(readQuery('').query).toBe('');
  });

  test('what a sparse list lacks is an error, as are messages that cannot be read', () => {
    const thrower = { get role() { throw null; } };
    const revoked = Proxy.revocable({}, {});
    const list = Proxy.revocable([], {});
    revoked.revoke();
    list.revoke();
    const refused = (path: string) => expect.objectContaining({ code: 'invalid_argument', path });
    const sparse = [user('x')];
    sparse.length = 2;
    expect(() => readQuery(sparse)).toThrow(refused('query[1]'));
    expect(() => readQuery([user('x'), thrower] as never)).toThrow(refused('query[1]'));
    expect(() => readQuery([revoked.proxy] as never)).toThrow(refused('query[0]'));
    expect(() => readQuery([user([{ get text() { throw 'word'; } }])])).toThrow(refused('query[0]'));
    expect(() => readQuery([user([{ get type() { throw new TypeError('no'); } }])])).toThrow(refused('query[0]'));
    expect(() => readQuery(list.proxy)).toThrow(refused('query'));
  });

  test.each([[[]], [[{ role: 'system', content: 'x' }]], [[user('')]], [[7]], [7], [[{ content: 'x' }]]])('refuses %o', (query) => {
    expect(() => readQuery(query as string)).toThrow(expect.objectContaining({ code: 'invalid_argument', path: expect.stringMatching(/^query/) }));
  });
});
