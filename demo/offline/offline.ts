// SPDX-License-Identifier: Apache-2.0
// The page without a network: registers the service worker, says when everything is here, offers to install, and lets
// the visitor switch isolation on where the host does not send the headers for it.
import { byId, h } from '../dom.js';

const isolateKey = 'isolate';

function wantsIsolation(): boolean {
  try {
    return localStorage.getItem(isolateKey) === 'yes';
  } catch {
    return false;
  }
}

interface InstallEvent extends Event {
  prompt(): Promise<unknown>;
}

export class Offline {
  readonly #page = h('li', { class: 'check' }, 'the page');
  readonly #weights = h('li', { class: 'check' }, 'the network’s weights');
  readonly #isolation = h('p', { class: 'foot-note' });
  readonly #install = h('button', { type: 'button', class: 'button-second', hidden: true }, 'Install');

  constructor() {
    byId('foot').append(
      h('section', {}, h('h2', { class: 'small-title' }, 'In flight mode'), h('ul', { class: 'checks' }, this.#page, this.#weights), this.#install),
      h('section', {}, h('h2', { class: 'small-title' }, 'Threads'), this.#isolation),
      h('section', {}, h('h2', { class: 'small-title' }, 'Privacy'), h('p', { class: 'foot-note' }, 'No request leaves for anywhere but this page’s host, and none carries what you type. A link that you share holds your request behind its #, which is not sent.')));
    addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault();
      this.#install.hidden = false;
      this.#install.onclick = () => void (event as InstallEvent).prompt();
    });
    addEventListener('appinstalled', () => (this.#install.hidden = true));
    this.#showIsolation();
  }

  /** After the load, so that the first load's bytes are the network's. */
  async start(): Promise<void> {
    if (!('serviceWorker' in navigator)) {
      this.#page.textContent = 'not on this host: it needs https';
      return;
    }
    try {
      await register();
      await navigator.serviceWorker.ready;
      this.#page.classList.add('is-done');
    } catch (error) {
      this.#page.textContent = `the page could not be kept: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  /** Whether a load would find the weights on this device. */
  weightsKept(isKept: boolean): void {
    this.#weights.classList.toggle('is-done', isKept);
  }

  #showIsolation(): void {
    if (crossOriginIsolated && !wantsIsolation()) {
      this.#isolation.replaceChildren('This host sends the headers that threads need: the page is cross-origin isolated.');
      return;
    }
    const box = h('input', { type: 'checkbox', id: 'isolate', checked: wantsIsolation() });
    const label = h('label', { for: 'isolate' }, box, 'Isolate this page by a service worker');
    box.addEventListener('change', () => void this.#isolate(box.checked));
    this.#isolation.replaceChildren(label, h('span', {}, crossOriginIsolated ? 'On: memory can be shared.' : 'This host does not send the headers that threads need; a service worker can add them. Reloads the page.'));
    if (!('serviceWorker' in navigator)) box.disabled = true;
  }

  async #isolate(isOn: boolean): Promise<void> {
    try {
      localStorage.setItem(isolateKey, isOn ? 'yes' : 'no');
    } catch {
      return; // storage is switched off: after the reload nobody would know
    }
    const registration = await register();
    const waiting = registration.installing ?? registration.waiting;
    if (waiting) await takeOver(waiting);
    location.reload();
  }
}

function register(): Promise<ServiceWorkerRegistration> {
  return navigator.serviceWorker.register(wantsIsolation() ? './sw.js?isolate' : './sw.js');
}

/** Until that worker has become the active one. */
function takeOver(worker: ServiceWorker): Promise<void> {
  return new Promise((resolve) => {
    const step = () => {
      if (worker.state === 'installed') worker.postMessage('take over');
      if (worker.state === 'activated' || worker.state === 'redundant') resolve();
    };
    worker.addEventListener('statechange', step);
    step();
  });
}
