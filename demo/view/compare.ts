// SPDX-License-Identifier: Apache-2.0
// The builds side by side: a bar for each, the fastest marked, and whether all said the same.
import { byId, h, icon, setVariables } from '../dom.js';
import { ms } from '../format.js';
import { compareBuilds, listBuilds, type Build, type BuildOutcome, type BuildRun } from '../builds.js';
import { explain } from '../engine.js';
import type { Variant } from 'needle-router';

interface Question {
  query: string;
  tools: unknown;
}

export class Compare {
  readonly #list = h('ol', { class: 'races' });
  readonly #verdict = h('p', { class: 'verdict', role: 'status' });
  readonly #button = byId<HTMLButtonElement>('compare');
  #running: AbortController | undefined;
  #builds: Build[] = [];
  #current: Variant | undefined;

  constructor(question: () => Question | undefined) {
    byId('builds').append(this.#list, this.#verdict);
    this.#verdict.textContent = 'Runs the request above on every build of the engine that this browser runs, 25 times each.';
    this.#button.addEventListener('click', () => {
      if (this.#running) this.#running.abort();
      else void this.#run(question());
    });
  }

  /** The build that the page itself runs; from then on there is something to compare it with. */
  async setCurrent(variant: Variant): Promise<void> {
    this.#current = variant;
    this.#builds = await listBuilds();
    this.#show([]);
  }

  async #run(question: Question | undefined): Promise<void> {
    if (!question || this.#builds.length === 0) {
      this.#verdict.textContent = question ? 'Wait for the network to load.' : 'Type a request first.';
      return;
    }
    let outcomes: BuildOutcome[] = [];
    const { signal } = (this.#running = new AbortController());
    this.#button.textContent = 'Stop';
    this.#verdict.textContent = 'Running…';
    this.#show(outcomes, true);
    try {
      await compareBuilds(this.#builds, question.query, question.tools, (latest) => this.#show((outcomes = latest), true), signal);
    } catch (error) {
      this.#verdict.textContent = `It ended early: ${explain(error).message}.`;
      return;
    } finally {
      this.#button.textContent = 'Race them';
      this.#running = undefined;
    }
    this.#show(outcomes);
    this.#verdict.textContent = signal.aborted ? 'Stopped.' : verdict(outcomes);
  }

  #show(outcomes: readonly BuildOutcome[], isRunning = false): void {
    const runs = outcomes.filter((outcome) => 'medianMs' in outcome);
    const slowest = Math.max(...runs.map(({ medianMs }) => medianMs));
    const fastest = Math.min(...runs.map(({ medianMs }) => medianMs));
    this.#list.replaceChildren(...this.#builds.map(({ variant, about }) => {
      const outcome = outcomes.find((each) => each.variant === variant);
      const head = h('p', { class: 'race-name' }, h('code', {}, variant), h('span', { class: 'muted' }, about), variant === this.#current && h('span', { class: 'tag' }, 'this page'));
      if (!outcome || 'isLoaded' in outcome) return h('li', { class: 'race' }, head, h('p', { class: 'race-note' }, outcome ? 'ready' : isRunning ? 'loading…' : 'not run yet'));
      if ('failure' in outcome) return h('li', { class: 'race' }, head, h('p', { class: 'race-note is-bad' }, icon('warning'), outcome.failure));
      const bar = h('span', { class: 'race-bar', 'aria-hidden': 'true' });
      setVariables(bar, { share: outcome.medianMs / slowest });
      return h('li', { class: `race${runs.length > 1 && outcome.medianMs === fastest ? ' is-fastest' : ''}` }, head,
        h('div', { class: 'race-track' }, bar, h('b', {}, ms(outcome.medianMs))),
        h('p', { class: 'race-note' }, `${Math.round(outcome.tokensPerSecond).toLocaleString('en')} tokens/s · slowest ${ms(outcome.slowestMs)} · load ${ms(outcome.loadMs)} · compile ${ms(outcome.compileMs)}`));
    }));
  }
}

function verdict(outcomes: readonly BuildOutcome[]): string {
  const runs = outcomes.filter((outcome): outcome is BuildRun => 'medianMs' in outcome);
  if (runs.length === 0) return 'No build ran.';
  const agree = new Set(runs.map(({ answer }) => answer)).size === 1;
  if (runs.length === 1) return 'One build runs here.';
  const sorted = [...runs].sort((a, b) => a.medianMs - b.medianMs);
  const [first, last] = [sorted[0]!, sorted.at(-1)!];
  const factor = last.medianMs / first.medianMs;
  const pace = factor < 1.05 ? 'They are equally fast here.' : `${first.variant} is ${factor.toFixed(1)} times as fast as ${last.variant}.`;
  return `${agree ? 'All gave the same answer, byte for byte.' : 'They disagree: please report this.'} ${pace}`;
}
