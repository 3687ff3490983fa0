// SPDX-License-Identifier: Apache-2.0
// The request box. Behind the text area lies a mirror of the same text in the same type; it gives the box its height,
// and its spans are the highlights. The text area itself stays a plain text area, for keyboards, phones and readers.
import { byId, h, setVariables } from '../dom.js';

/** A stretch of the request that an argument was taken from; `thread` is its colour, 0 to 5, and its id. */
export interface Span {
  id: number;
  start: number;
  end: number;
}

export const numThreadColours = 6;

interface ComposerEvents {
  onInput(text: string): void;
  /** Enter, the button, or an example: the calls are to be carried out. */
  onAct(): void;
}

export class Composer {
  readonly #field = byId<HTMLTextAreaElement>('request');
  readonly #mirror = byId('request-mirror');
  readonly #examples = byId('examples');
  readonly #events: ComposerEvents;
  #shown = '';
  #spans: readonly Span[] = [];

  constructor(events: ComposerEvents) {
    this.#events = events;
    this.#field.addEventListener('input', () => this.#changed());
    this.#field.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      events.onAct();
    });
    byId('act').addEventListener('click', () => events.onAct());
    byId('clear').addEventListener('click', () => {
      this.setText('');
      this.focusAtEnd();
    });
  }

  get text(): string {
    return this.#field.value;
  }

  setText(text: string): void {
    this.#field.value = text;
    this.#changed();
  }

  focusAtEnd(): void {
    this.#field.focus();
    this.#field.setSelectionRange(this.text.length, this.text.length);
  }

  setExamples(examples: readonly string[]): void {
    this.#examples.replaceChildren(...examples.map((example) => {
      const button = h('button', { type: 'button', class: 'example' }, example);
      button.addEventListener('click', () => {
        this.setText(example);
        this.#events.onAct();
      });
      return h('li', {}, button);
    }));
  }

  /** Marks the spans in the request, for as long as the text under them stays. */
  setSpans(spans: readonly Span[]): void {
    this.#spans = spans;
    this.#render();
  }

  /** Where a span stands on the screen: its last line, where a thread leaves it. */
  rectOf(id: number): DOMRect | undefined {
    const parts = [...this.#mirror.querySelectorAll<HTMLElement>('.span')].filter((part) => part.dataset['ids']!.split(' ').includes(String(id)));
    return [...(parts.at(-1)?.getClientRects() ?? [])].at(-1);
  }

  emphasise(id: number | undefined): void {
    for (const part of this.#mirror.querySelectorAll<HTMLElement>('.span')) {
      part.classList.toggle('is-strong', id !== undefined && part.dataset['ids']!.split(' ').includes(String(id)));
    }
  }

  #changed(): void {
    const text = this.text;
    let same = 0;
    while (same < text.length && text[same] === this.#shown[same]) same++;
    this.#spans = this.#spans.filter(({ end }) => end <= same);
    this.#render();
    this.#events.onInput(text);
  }

  #render(): void {
    const text = this.text;
    this.#shown = text;
    const cuts = [...new Set([0, text.length, ...this.#spans.flatMap(({ start, end }) => [start, end])])]
      .filter((cut) => cut <= text.length).sort((a, b) => a - b);
    const parts = cuts.slice(0, -1).map((from, index) => {
      const to = cuts[index + 1]!;
      const ids = this.#spans.filter(({ start, end }) => start <= from && end >= to).map(({ id }) => id);
      if (ids.length === 0) return text.slice(from, to);
      const part = h('span', { class: 'span', 'data-ids': ids.join(' ') }, text.slice(from, to));
      setVariables(part, { thread: `var(--thread-${ids[0]! % numThreadColours})` });
      return part;
    });
    this.#mirror.replaceChildren(...parts, '\u200b'); // a last line that is empty still has its height
  }
}
