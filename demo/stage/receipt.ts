// SPDX-License-Identifier: Apache-2.0
// The stage of presets that have no picture: a till roll of the calls that were carried out, the newest on top.
import { h } from '../dom.js';
import { plainValue, words } from '../format.js';
import type { RouteResult, ToolCall } from 'needle-router';
import type { Stage } from './stage.js';

const maxLines = 12;

export class ReceiptStage implements Stage {
  readonly element = h('div', { class: 'receipt-stage' });
  readonly #roll = h('ol', { class: 'receipt', 'aria-label': 'Calls carried out' });

  constructor(title: string) {
    this.element.append(h('div', { class: 'printer' }, h('span', {}, title)), h('div', { class: 'paper' }, this.#roll, h('p', { class: 'paper-empty' }, 'Press Enter, and each call is printed here.')));
  }

  act({ type, calls, missing = [] }: RouteResult): string {
    const lines = type === 'call' ? calls.map(printed) : [h('li', { class: 'receipt-line is-note' }, type === 'none' ? 'nothing to call' : `waiting to hear: ${missing.map(words).join(', ')}`)];
    this.#roll.prepend(...lines);
    while (this.#roll.children.length > maxLines) this.#roll.lastElementChild!.remove();
    return type === 'call' ? `Carried out: ${calls.map(({ name }) => words(name)).join(', ')}.` : 'Nothing was called.';
  }
}

function printed({ name, arguments: values }: ToolCall): HTMLLIElement {
  const time = new Date().toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  return h('li', { class: 'receipt-line' },
    h('p', { class: 'receipt-name' }, h('span', {}, words(name)), h('time', {}, time)),
    ...Object.entries(values).map(([key, value]) => h('p', { class: 'receipt-item' }, h('span', {}, words(key)), h('span', { class: 'leader', 'aria-hidden': 'true' }), h('span', {}, plainValue(value)))));
}
