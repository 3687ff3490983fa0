// SPDX-License-Identifier: Apache-2.0
// The first load: what is fetched, how much of it is here; and if it fails, why, and a way to go on.
import { byId, h, setVariables } from '../dom.js';
import { bytes } from '../format.js';
import type { LoadProgress } from 'needle-router';

export class Loading {
  readonly #section = byId('loading');
  readonly #text = h('p', { class: 'loading-text' });
  readonly #bar = h('div', { class: 'loading-bar', role: 'progressbar', 'aria-label': 'Loading the network', 'aria-valuemin': 0, 'aria-valuemax': 100 }, h('span', {}));
  readonly #pill = byId('engine-pill');
  readonly #pillText = byId('engine-text');

  progress({ phase, loaded, total, fromCache }: LoadProgress): void {
    this.#section.hidden = false;
    if (!this.#bar.isConnected) this.#section.replaceChildren(this.#text, this.#bar);
    const share = phase === 'model' && total > 0 ? loaded / total : 0;
    setVariables(this.#bar, { share });
    this.#bar.setAttribute('aria-valuenow', String(Math.round(share * 100)));
    this.#text.textContent = phase === 'engine' ? 'Starting the engine'
      : fromCache ? `Reading the network from this device: ${bytes(loaded)}`
      : `Fetching the network, once: ${bytes(loaded)} of ${bytes(total)}`;
    this.#say('loading', phase === 'engine' ? 'starting' : `${Math.round(share * 100)}%`);
  }

  done(text: string): void {
    this.#section.hidden = true;
    this.#say('ready', text);
  }

  failed({ code, message }: { code: string; message: string }, retry: () => void): void {
    const button = h('button', { type: 'button', class: 'button-second' }, 'Try again');
    button.addEventListener('click', retry);
    this.#section.hidden = false;
    this.#section.replaceChildren(h('p', { class: 'loading-text', role: 'alert' }, 'The network did not load: ', message), h('p', { class: 'card-note' }, h('code', {}, code)), button);
    this.#say('failed', 'not loaded');
  }

  #say(state: string, text: string): void {
    this.#pill.dataset['state'] = state;
    this.#pillText.textContent = text;
  }
}
