// SPDX-License-Identifier: Apache-2.0
// Where the milliseconds go: once a visit (engine, weights, compiling the tools), then for every request (encode,
// decode token by token). Bars share one scale within a row, never across rows: a load is a hundred requests long.
import { byId, h, setVariables } from '../dom.js';
import { bytes, millions, ms } from '../format.js';
import type { Timed, LoadTimes } from '../engine.js';
import type { ModelInfo, RouteResult, Variant } from 'needle-router';

interface Part {
  name: string;
  kind: string;
  value: number;
  note?: string;
}

const maxHistory = 48;

export class Timings {
  readonly #once = h('div', { class: 'bar-row' });
  readonly #each = h('div', { class: 'bar-row' });
  readonly #tokens = h('div', { class: 'tokens' });
  readonly #history = h('div', { class: 'history', role: 'img' });
  readonly #facts = h('dl', { class: 'facts' });
  #load: LoadTimes | undefined;
  #compileMs = 0;
  #numTools = 0;
  #recent: number[] = [];
  #known: Record<string, string> = {};

  constructor() {
    byId('timings').append(
      h('div', { class: 'bars' }, this.#once, this.#each, this.#tokens),
      h('div', { class: 'time-side' }, h('div', {}, h('h3', { class: 'small-title' }, 'The last requests'), this.#history), this.#facts));
    this.#draw(this.#once, 'Once', []);
    this.#draw(this.#each, 'This request', []);
  }

  loaded(load: LoadTimes, model: ModelInfo, variant: Variant): void {
    this.#load = load;
    this.#fact('Build', variant);
    this.#fact('Network', `${millions(model.parameters)} parameters`);
    this.#fact('Weights', `${bytes(model.sizeBytes)}${load.fromCache ? ', kept here' : ''}`);
    this.#drawOnce();
  }

  compiled(milliseconds: number, numTools: number): void {
    this.#compileMs = milliseconds;
    this.#numTools = numTools;
    this.#drawOnce();
  }

  routed({ value: { timings, tokens }, wallMs }: Timed<RouteResult>): void {
    const { engineMs, encodeMs, decodeMs } = timings;
    this.#draw(this.#each, 'This request', [
      { name: 'Encode', kind: 'encode', value: encodeMs, note: `${tokens.query} tokens read` },
      { name: 'Decode', kind: 'decode', value: decodeMs, note: `${tokens.decoded + tokens.forced} written` },
      { name: 'There and back', kind: 'travel', value: Math.max(0, wallMs - engineMs) },
    ]);
    this.#tokens.replaceChildren(
      h('span', { class: 'token-row', 'aria-hidden': 'true' }, ...Array.from({ length: tokens.decoded }, () => h('i', { class: 'token is-chosen' })), ...Array.from({ length: tokens.forced }, () => h('i', { class: 'token' }))),
      h('span', {}, `${tokens.decoded} chosen by the network, ${tokens.forced} forced by the grammar`));
    const perSecond = decodeMs > 0 ? Math.round(((tokens.decoded + tokens.forced) / decodeMs) * 1000) : 0;
    this.#fact('Tokens a second', perSecond > 0 ? perSecond.toLocaleString('en') : '—');
    this.#recent = [...this.#recent, wallMs].slice(-maxHistory);
    this.#drawHistory();
  }

  memory(text: string): void {
    this.#fact('Memory', text);
  }

  #drawOnce(): void {
    if (!this.#load) return;
    const { engineMs, weightsMs, fromCache } = this.#load;
    this.#draw(this.#once, 'Once', [
      { name: 'Engine', kind: 'engine', value: engineMs },
      { name: 'Weights', kind: 'weights', value: weightsMs, note: fromCache ? 'from this device' : 'downloaded' },
      { name: 'Compile', kind: 'compile', value: this.#compileMs, note: `${this.#numTools} tools` },
    ]);
  }

  #draw(row: HTMLElement, title: string, parts: Part[]): void {
    const whole = parts.reduce((sum, { value }) => sum + value, 0);
    const pieces = parts.map(({ kind, value }) => {
      const piece = h('span', { class: `piece piece-${kind}` });
      setVariables(piece, { share: whole > 0 ? value / whole : 0 });
      return piece;
    });
    row.replaceChildren(
      h('h3', { class: 'bar-title' }, title, h('span', { class: 'bar-whole' }, parts.length > 0 ? ms(whole) : '—')),
      h('div', { class: 'bar', 'aria-hidden': 'true' }, ...pieces),
      h('ul', { class: 'legend' }, ...parts.map(({ name, kind, value, note }) => h('li', {}, h('span', { class: `swatch piece-${kind}`, 'aria-hidden': 'true' }), `${name} `, h('b', {}, ms(value)), note && h('span', { class: 'legend-note' }, note)))));
  }

  #drawHistory(): void {
    const highest = Math.max(...this.#recent);
    const sorted = [...this.#recent].sort((a, b) => a - b);
    this.#history.replaceChildren(...this.#recent.map((value) => {
      const bar = h('i', {});
      setVariables(bar, { share: value / highest });
      return bar;
    }));
    const median = sorted[sorted.length >> 1]!;
    this.#history.setAttribute('aria-label', `The last ${sorted.length} requests: median ${ms(median)}, slowest ${ms(highest)}`);
    this.#fact('Median', ms(median));
  }

  #fact(name: string, value: string): void {
    this.#known[name] = value;
    this.#facts.replaceChildren(...Object.entries(this.#known).map(([term, text]) => h('div', {}, h('dt', {}, term), h('dd', {}, text))));
  }
}
