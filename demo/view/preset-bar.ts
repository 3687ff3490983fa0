// SPDX-License-Identifier: Apache-2.0
import { byId, h, icon } from '../dom.js';
import type { Preset } from '../presets/presets.js';

export class PresetBar {
  readonly #buttons = new Map<string, HTMLButtonElement>();

  constructor(presets: readonly Preset[], onOpen: (preset: Preset) => void) {
    byId('presets').append(...presets.map((preset) => {
      const button = h('button', { type: 'button', class: 'preset', 'data-preset': preset.id }, icon(preset.icon), preset.title);
      button.addEventListener('click', () => onOpen(preset));
      this.#buttons.set(preset.id, button);
      return h('li', {}, button);
    }));
  }

  select(id: string): void {
    for (const [each, button] of this.#buttons) button.setAttribute('aria-pressed', String(each === id));
    this.#buttons.get(id)?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' });
  }
}
