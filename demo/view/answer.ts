// SPDX-License-Identifier: Apache-2.0
// A result as cards: what would be called, with what, taken from which words; or what is missing; or that no tool fits.
import { byId, h, icon, setVariables, svg } from '../dom.js';
import { percent, plainValue, words } from '../format.js';
import type { PartialResult, RouteResult } from 'needle-router';
import { numThreadColours, type Span } from './composer.js';

type Arguments = Record<string, unknown>;

/** An argument's row in a card and the words that it came from, to be tied together by a thread. */
export interface Tie {
  id: number;
  knot: Element;
}

export interface AnswerView {
  spans: Span[];
  ties: Tie[];
}

interface AnswerEvents {
  onHover(id: number | undefined): void;
  /** "Say it": back to the request box. */
  onAskBack(): void;
}

export class Answer {
  readonly #section = byId('answer');
  readonly #announcer = byId('announcer');
  readonly #events: AnswerEvents;
  #names: string[] = [];
  #announcing: ReturnType<typeof setTimeout> | undefined;

  constructor(events: AnswerEvents) {
    this.#events = events;
  }

  clear(text: string): void {
    this.#names = [];
    this.#section.replaceChildren(h('p', { class: 'answer-empty' }, text));
  }

  showError({ code, message, path }: { code: string; message: string; path: string }): void {
    this.#names = [];
    this.#section.replaceChildren(h('div', { class: 'card card-error' },
      h('h2', { class: 'card-name' }, 'That did not work'),
      h('p', {}, message),
      h('p', { class: 'card-note' }, h('code', {}, code), path && ' at ', path && h('code', {}, path))));
    this.#announce(`Error: ${message}`);
  }

  /** The calls as far as they are decided. */
  showPartial({ calls }: PartialResult): void {
    if (calls.length === 0) return;
    this.#section.replaceChildren(this.#head('Reading', undefined), h('div', { class: 'cards is-partial' }, ...calls.map((call, index) => this.#card(call.name, index, this.#rows(call.arguments)))));
  }

  show(result: RouteResult, query: string, numTools: number): AnswerView {
    const view: AnswerView = { spans: [], ties: [] };
    const cards = result.type === 'none' ? [this.#noneCard()]
      : result.type === 'incomplete' ? [this.#incompleteCard(result)]
      : result.calls.map((call, index) => this.#card(call.name, index, this.#rows(call.arguments, (key) => {
          const place = call.evidence[key];
          if (!place) return undefined;
          const id = view.spans.length;
          view.spans.push({ id, start: place[0], end: place[1] });
          return { id, said: query.slice(...place), tie: (knot) => view.ties.push({ id, knot }) };
        })));
    const title = result.type === 'none' ? 'No tool fits' : result.type === 'incomplete' ? 'Asks back' : result.calls.length === 1 ? 'One call' : `${result.calls.length} calls`;
    this.#section.replaceChildren(
      this.#head(title, result.confidence),
      h('div', { class: 'cards' }, ...cards),
      this.#considered(result, numTools),
      ...result.warnings.map((warning) => h('p', { class: 'answer-warning' }, icon('warning'), warning)),
    );
    this.#names = result.type === 'call' ? result.calls.map(({ name }) => name) : [result.type];
    this.#announce(spoken(result));
    return view;
  }

  #head(title: string, confidence: number | undefined): HTMLElement {
    return h('div', { class: 'answer-head' },
      h('h2', { class: 'answer-title' }, title),
      confidence !== undefined && h('p', { class: 'confidence', title: 'Calibrated: of the answers at 80%, about 80% are right' }, ring(confidence), h('span', {}, h('strong', {}, percent(confidence)), ' sure')));
  }

  #card(name: string, index: number, rows: HTMLElement[]): HTMLElement {
    return h('article', { class: `card${this.#names[index] === name ? '' : ' is-new'}`, 'aria-label': words(name) },
      h('h3', { class: 'card-name' }, name),
      rows.length > 0 ? h('dl', { class: 'rows' }, ...rows) : h('p', { class: 'card-note' }, 'takes no arguments'));
  }

  #rows(values: Arguments, evidence: (key: string) => { id: number; said: string; tie(knot: Element): void } | undefined = () => undefined): HTMLElement[] {
    return Object.entries(values).map(([key, value]) => {
      const found = evidence(key);
      const knot = h('span', { class: found ? 'knot' : 'knot is-loose', 'aria-hidden': 'true' });
      const row = h('div', { class: 'row' },
        h('dt', {}, knot, words(key)),
        h('dd', {}, h('span', { class: `value is-${typeof value}` }, plainValue(value)), h('span', { class: 'said' }, found ? `from “${found.said}”` : 'inferred')));
      if (!found) return row;
      setVariables(row, { thread: `var(--thread-${found.id % numThreadColours})` });
      found.tie(knot);
      row.addEventListener('pointerenter', () => this.#events.onHover(found.id));
      row.addEventListener('pointerleave', () => this.#events.onHover(undefined));
      return row;
    });
  }

  #noneCard(): HTMLElement {
    return h('article', { class: 'card card-none' },
      h('h3', { class: 'card-name' }, 'none'),
      h('p', {}, 'Nothing is called. That is an answer, too: hand the request to a person, a search, or a bigger model.'));
  }

  #incompleteCard({ partial, missing = [] }: RouteResult): HTMLElement {
    const { name = '', arguments: values = {} } = partial ?? {};
    const say = h('button', { type: 'button', class: 'button-second' }, 'Say it');
    say.addEventListener('click', () => this.#events.onAskBack());
    const blanks = missing.map((key) => h('div', { class: 'row row-missing' }, h('dt', {}, h('span', { class: 'knot is-loose', 'aria-hidden': 'true' }), words(key)), h('dd', {}, h('span', { class: 'blank' }, 'not said'))));
    return h('article', { class: 'card card-incomplete', 'aria-label': `${words(name)}, incomplete` },
      h('h3', { class: 'card-name' }, name),
      h('dl', { class: 'rows' }, ...this.#rows(values), ...blanks),
      h('p', { class: 'card-ask' }, h('span', {}, `asks back: ${missing.map(words).join(', ')}?`), say));
  }

  #considered({ considered, calls, partial }: RouteResult, numTools: number): HTMLElement {
    const chosen = new Set([...calls.map(({ name }) => name), ...(partial ? [partial.name] : [])]);
    const of = considered.length < numTools ? `${considered.length} of ${numTools} tools, the nearest` : considered.length === 1 ? 'the one tool' : `all ${considered.length} tools`;
    return h('details', { class: 'considered' },
      h('summary', {}, considered.length === 0 ? 'Looked at no tool' : `Looked at ${of}`),
      h('ul', {}, ...considered.map((name) => h('li', { class: chosen.has(name) ? 'is-chosen' : undefined }, h('code', {}, name)))));
  }

  /** Readers hear the answer once typing rests, not one for every key. */
  #announce(text: string): void {
    clearTimeout(this.#announcing);
    this.#announcing = setTimeout(() => (this.#announcer.textContent = text), 900);
  }
}

function ring(share: number): SVGSVGElement {
  const circle = (name: string, length: number) => svg('circle', { class: name, cx: 12, cy: 12, r: 9, pathLength: 100, 'stroke-dasharray': `${length} 100` });
  return svg('svg', { class: 'ring', viewBox: '0 0 24 24', 'aria-hidden': 'true' }, circle('ring-rest', 100), circle('ring-share', Math.round(share * 100)));
}

function spoken({ type, calls, confidence, missing = [], partial }: RouteResult): string {
  const sure = `${percent(confidence)} sure.`;
  if (type === 'none') return `No tool fits, ${sure}`;
  if (type === 'incomplete') return `${words(partial?.name ?? '')} asks back: ${missing.map(words).join(', ')}? ${sure}`;
  const said = calls.map(({ name, arguments: values }) => `${words(name)}${Object.entries(values).map(([key, value]) => `, ${words(key)} ${plainValue(value)}`).join('')}`);
  return `Calls ${said.join('; then ')}. ${sure}`;
}
