// SPDX-License-Identifier: Apache-2.0
// The last result as JSON, as a program would get it: for readers of the page, and for tests of it.
import { byId, h } from '../dom.js';
import { tidy, tokensOf } from './json-text.js';

export function showResult(result: object, query: string): void {
  const text = tidy(result);
  const element = byId('result');
  element.dataset['request'] = query;
  element.replaceChildren(...tokensOf(text).map(({ kind, start, end }) => (kind === 'space' ? document.createTextNode(text.slice(start, end)) : h('span', { class: `code-${kind}` }, text.slice(start, end)))));
}
