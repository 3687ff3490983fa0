// SPDX-License-Identifier: Apache-2.0
// The stage that fills a form: the form of whichever tool the request means, drawn from its schema, filled as it is
// said; what was not said stays empty and is marked when it is required.
import { h } from '../dom.js';
import { plainValue, words } from '../format.js';
import type { RouteResult, Tool } from 'needle-router';
import type { Stage } from './stage.js';

interface Property {
  type?: string;
  enum?: unknown[];
  description?: string;
}

export class FormStage implements Stage {
  readonly element = h('div', { class: 'form-stage' });
  #tools: readonly Tool[] = [];
  #shown = '';

  setTools(tools: readonly Tool[]): void {
    this.#tools = tools;
    this.#draw(tools[0]?.name, {}, []);
  }

  preview(result: RouteResult | undefined): void {
    const call = result?.calls[0] ?? result?.partial;
    if (call) this.#draw(call.name, call.arguments, result?.missing ?? []);
    else this.#draw(this.#shown || this.#tools[0]?.name, {}, []);
  }

  act(result: RouteResult): string {
    this.preview(result);
    const { type, calls, missing = [] } = result;
    if (type === 'none') return 'No form fits.';
    this.element.querySelector('.form-sheet')?.classList.toggle('is-sent', type === 'call');
    return type === 'call' ? `${words(calls[0]!.name)}: filled in.` : `Still to fill in: ${missing.map(words).join(', ')}.`;
  }

  #draw(name: string | undefined, values: Record<string, unknown>, missing: readonly string[]): void {
    const tool = this.#tools.find((each) => each.name === name);
    if (!tool) return;
    this.#shown = tool.name;
    const { properties = {}, required = [] } = (tool.parameters ?? {}) as { properties?: Record<string, Property>; required?: string[] };
    const fields = Object.entries(properties).map(([key, property]) => field(key, property, values[key], required.includes(key), missing.includes(key)));
    this.element.replaceChildren(
      h('div', { class: 'form-tabs', 'aria-hidden': 'true' }, ...this.#tools.slice(0, 6).map((each) => h('span', { class: each === tool ? 'is-on' : undefined }, words(each.name)))),
      h('div', { class: 'form-sheet', role: 'group', 'aria-label': words(tool.name) }, h('p', { class: 'form-title' }, words(tool.name)), ...fields, h('span', { class: 'form-stamp', 'aria-hidden': 'true' }, 'filled in')));
  }
}

function field(key: string, property: Property, value: unknown, isRequired: boolean, isMissing: boolean): HTMLElement {
  const label = h('span', { class: 'field-label' }, words(key), isRequired && h('i', { title: 'required' }, '*'));
  const isSaid = value !== undefined;
  const box = Array.isArray(property.enum)
    ? h('span', { class: 'field-choices' }, ...property.enum.map((choice) => h('span', { class: choice === value ? 'is-on' : undefined }, String(choice))))
    : h('span', { class: 'field-value' }, isSaid ? plainValue(value) : isMissing ? 'not said' : '\u00a0');
  return h('p', { class: `field${isSaid ? ' is-said' : ''}${isMissing ? ' is-missing' : ''}` }, label, box);
}
