// SPDX-License-Identifier: Apache-2.0
// The tools as JSON, coloured, with faults marked where they stand. A plain text area over a coloured copy of its text,
// like the request box; of the copy there are only the lines in sight, because a hundred tools have nine hundred. Says
// when the text changes; whoever compiles it says back what is wrong with it.
import { byId, h } from '../dom.js';
import { locate, placeOfSyntaxError, tidy, tokensOf, type Place, type Token } from './json-text.js';

const restMs = 250;
/** As in editor.css. */
const lineHeight = 20;
const linesBeyond = 8;

const template = {
  name: 'call_taxi',
  description: 'Call a taxi to an address.',
  parameters: { type: 'object', properties: { address: { type: 'string', description: 'Where to be picked up' } }, required: ['address'] },
};

export class ToolEditor {
  readonly #field = h('textarea', { class: 'code-field', id: 'tools-text', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', wrap: 'off', 'aria-label': 'The tools as JSON', 'aria-describedby': 'tools-hint tools-fault' });
  readonly #mirror = h('pre', { class: 'code-mirror', 'aria-hidden': 'true' });
  readonly #gutter = h('pre', { class: 'code-gutter', 'aria-hidden': 'true' });
  readonly #fault = h('div', { class: 'fault', id: 'tools-fault', role: 'status' });
  readonly #reset = byId<HTMLButtonElement>('tools-reset');
  readonly #onChange: (tools: unknown) => void;
  #original = '';
  #tokens: Token[] = [];
  #lineStarts: number[] = [0];
  #place: Place | undefined;
  #resting: ReturnType<typeof setTimeout> | undefined;

  /** `onChange` hears of text that is JSON; text that is not is marked here. */
  constructor(onChange: (tools: unknown) => void) {
    this.#onChange = onChange;
    byId('tools-editor').append(h('div', { class: 'code' }, this.#gutter, h('div', { class: 'code-box' }, this.#mirror, this.#field)), this.#fault);
    this.#field.addEventListener('input', () => this.#typed());
    this.#field.addEventListener('scroll', () => this.#paint());
    new ResizeObserver(() => this.#paint()).observe(this.#field);
    // Tab leaves the box, as everywhere on the page; two spaces are soon typed.
    byId('tools-add').addEventListener('click', () => this.#add());
    byId('tools-format').addEventListener('click', () => this.#format());
    this.#reset.addEventListener('click', () => this.#replace(this.#original));
  }

  get text(): string {
    return this.#field.value;
  }
  /** Whether the text is still the preset's. */
  get isOriginal(): boolean {
    return this.text === this.#original;
  }

  setTools(tools: unknown): void {
    this.#original = tidy(tools);
    this.#replace(this.#original, true);
  }

  /** Text that stands for tools of the visitor's own; "Put back" returns to the preset's. */
  setText(text: string): void {
    this.#replace(text, true);
  }

  markFault({ code, message, path }: { code: string; message: string; path: string }): void {
    this.#mark(locate(this.text, path), message, path || code);
  }

  clearFault(): void {
    this.#place = undefined;
    this.#field.removeAttribute('aria-invalid');
    this.#fault.replaceChildren();
    this.#render();
  }

  #typed(): void {
    this.#place = undefined;
    this.#render();
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.#check(), restMs);
  }

  #replace(text: string, atOnce = false): void {
    this.#field.value = text;
    clearTimeout(this.#resting);
    this.#place = undefined;
    this.#render();
    if (atOnce) this.#check();
    else this.#typed();
  }

  #check(): void {
    let tools: unknown;
    try {
      tools = JSON.parse(this.text);
    } catch (error) {
      const { message } = error as SyntaxError;
      return this.#mark(placeOfSyntaxError(this.text), `This is not JSON yet: ${message.replace(/^JSON\.parse: /, '')}`, 'invalid_json');
    }
    this.#onChange(tools);
  }

  #mark(place: Place, message: string, where: string): void {
    this.#place = place;
    this.#field.setAttribute('aria-invalid', 'true');
    const line = this.text.slice(0, place.start).split('\n').length;
    const jump = h('button', { type: 'button', class: 'fault-jump' }, `Line ${line}`);
    jump.addEventListener('click', () => this.#jump(place, line));
    this.#fault.replaceChildren(jump, h('span', { class: 'fault-text' }, message), h('code', { class: 'fault-path' }, where));
    this.#render();
  }

  #jump({ start, end }: Place, line: number): void {
    this.#field.focus();
    this.#field.setSelectionRange(start, end);
    this.#field.scrollTop = Math.max(0, (line - 5) * lineHeight);
  }

  /** After a change of the text or of its fault. */
  #render(): void {
    const { text } = this;
    this.#tokens = tokensOf(text);
    this.#lineStarts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
    this.#reset.disabled = this.isOriginal;
    this.#paint();
  }

  /** Draws the lines in sight, and some beyond, where the text area has them. */
  #paint(): void {
    const { text } = this;
    const { scrollTop, scrollLeft, clientHeight } = this.#field;
    const starts = this.#lineStarts;
    const first = Math.max(0, Math.floor(scrollTop / lineHeight) - linesBeyond);
    const last = Math.min(starts.length, Math.ceil((scrollTop + clientHeight) / lineHeight) + linesBeyond);
    const from = starts[first] ?? text.length;
    const to = starts[last] ?? text.length;
    const bad = this.#place;
    const parts = this.#tokens.filter(({ start, end }) => start < to && end > from).map(({ kind, start, end }) => {
      const piece = text.slice(Math.max(start, from), Math.min(end, to));
      const isBad = bad !== undefined && start < bad.end && end > bad.start;
      return kind === 'space' && !isBad ? document.createTextNode(piece) : h('span', { class: `code-${kind}${isBad ? ' is-bad' : ''}` }, piece);
    });
    const badLine = bad ? starts.findLastIndex((start) => start <= bad.start) : -1;
    const numbers = Array.from({ length: last - first }, (_, index) => h('span', { class: first + index === badLine ? 'is-bad' : undefined }, `${first + index + 1}\n`));
    const top = first * lineHeight - scrollTop;
    this.#mirror.replaceChildren(h('div', {}, ...parts));
    this.#gutter.replaceChildren(h('div', {}, ...numbers));
    (this.#mirror.firstChild as HTMLElement).style.transform = `translate(${-scrollLeft}px, ${top}px)`;
    (this.#gutter.firstChild as HTMLElement).style.transform = `translateY(${top}px)`;
  }

  #add(): void {
    let tools: unknown;
    try {
      tools = JSON.parse(this.text);
    } catch {
      return this.#check(); // what is wrong comes first
    }
    if (!Array.isArray(tools)) tools = [tools];
    this.#replace(tidy([...(tools as unknown[]), template]), true);
    const start = this.text.lastIndexOf(template.name);
    this.#jump({ start, end: start + template.name.length }, this.text.slice(0, start).split('\n').length);
  }

  #format(): void {
    try {
      this.#replace(tidy(JSON.parse(this.text)), true);
    } catch {
      this.#check();
    }
  }
}
