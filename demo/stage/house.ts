// SPDX-License-Identifier: Apache-2.0
// The house on the page: house-state.ts decides what a call changes, this shows it. The light itself is CSS.
import { h, icon, setVariables } from '../dom.js';
import { clock, percent } from '../format.js';
import type { RouteResult } from 'needle-router';
import liveMarkup from './house-live.svg?raw';
import houseMarkup from './house.svg?raw';
import { applyCall, newHouse, roomNames, type House, type Timer } from './house-state.js';
import type { Stage } from './stage.js';

const parseSvg = (markup: string) => document.importNode(new DOMParser().parseFromString(markup, 'image/svg+xml').documentElement, true);
const isColour = (css: string) => CSS.supports('color', css);

export class HouseStage implements Stage {
  readonly element = h('div', { class: 'house-stage' });
  readonly #art = parseSvg(houseMarkup);
  readonly #frame = h('div', { class: 'house-frame' }, this.#art, parseSvg(liveMarkup));
  readonly #said = h('p', { class: 'stage-said' }, 'Press Enter, and the house does it.');
  readonly #state = h('ul', { class: 'visually-hidden', 'aria-label': 'The house' });
  readonly #music = h('div', { class: 'now-playing', hidden: true });
  readonly #timers = h('ul', { class: 'timers', 'aria-label': 'Timers' });
  readonly #onSaid: (text: string) => void;
  #house = newHouse();
  #ticking: ReturnType<typeof setInterval> | undefined;

  /** `onSaid` hears of what happens without a call: a timer that rings. */
  constructor(onSaid: (text: string) => void) {
    this.#onSaid = onSaid;
    const reset = h('button', { type: 'button', class: 'button-quiet' }, 'Tidy up');
    reset.addEventListener('click', () => {
      this.#house = newHouse();
      this.#say('All as it was.');
      this.#show();
    });
    this.element.append(this.#frame, h('div', { class: 'stage-foot' }, this.#said, reset), this.#music, this.#timers, this.#state);
    this.#show();
  }

  act({ type, calls, missing = [] }: RouteResult): string {
    if (type !== 'call') return this.#say(type === 'none' ? 'Nothing to do here.' : `Waiting to hear: ${missing.join(', ')}.`);
    const said = calls.map((call) => {
      const effect = applyCall(this.#house, call, { now: Date.now(), isColour });
      this.#house = effect.house;
      return effect.said;
    });
    this.#show();
    return this.#say(said.join(' '));
  }

  close(): void {
    clearInterval(this.#ticking);
  }

  #say(text: string): string {
    this.#said.textContent = text;
    return text;
  }

  #show(): void {
    const { rooms, music, timers } = this.#house;
    for (const name of roomNames) {
      const room = rooms[name];
      const element = this.#art.querySelector<SVGElement>(`[data-room="${name}"]`)!;
      element.querySelector('.degrees')!.textContent = `${room.targetTemperature}°`;
      setVariables(element, { level: room.level, lamp: room.colour, blind: room.blindsClosed ? 1 : 0, heat: Math.min(1, Math.max(-1, (room.targetTemperature - 20) / 5)) });
    }
    this.#frame.classList.toggle('is-playing', music.isPlaying);
    this.#frame.classList.toggle('is-heating', roomNames.some((name) => rooms[name].targetTemperature > 20));
    setVariables(this.#frame, { volume: music.volume });
    this.#music.hidden = !music.isPlaying;
    this.#music.replaceChildren(icon('note'), h('span', {}, music.title), h('span', { class: 'muted' }, `volume ${percent(music.volume)}`));
    this.#state.replaceChildren(...roomNames.map((name) => h('li', {}, describe(name, this.#house))), h('li', {}, music.isPlaying ? `Playing ${music.title}` : 'No music'));
    clearInterval(this.#ticking);
    this.#tick();
    if (timers.length > 0) this.#ticking = setInterval(() => this.#tick(), 500);
  }

  #tick(): void {
    const now = Date.now();
    for (const timer of this.#house.timers.filter(({ endsAt }) => endsAt <= now)) this.#onSaid(this.#say(`The timer “${timer.label}” rings.`));
    this.#house.timers = this.#house.timers.filter(({ endsAt }) => endsAt > now);
    const { timers } = this.#house;
    const next = timers.reduce<Timer | undefined>((soonest, timer) => (soonest && soonest.endsAt < timer.endsAt ? soonest : timer), undefined);
    const face = next ? clock(next.endsAt - now) : '--:--';
    const shown = this.#art.querySelector('.oven-clock')!;
    if (shown.textContent !== face) shown.textContent = face; // a new text redraws the house
    this.#frame.classList.toggle('is-timing', next !== undefined);
    this.#timers.replaceChildren(...timers.map((timer) => {
      const item = h('li', {}, icon('timer'), h('span', {}, timer.label), h('b', {}, clock(timer.endsAt - now)));
      setVariables(item, { share: (timer.endsAt - now) / timer.durationMs });
      return item;
    }));
    if (!next) clearInterval(this.#ticking);
  }
}

function describe(name: (typeof roomNames)[number], { rooms }: House): string {
  const { level, colour, blindsClosed, targetTemperature } = rooms[name];
  return `${name}: light ${level > 0 ? `${percent(level)}, ${colour}` : 'off'}; blinds ${blindsClosed ? 'down' : 'up'}; ${targetTemperature}°`;
}
