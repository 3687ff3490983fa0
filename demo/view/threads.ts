// SPDX-License-Identifier: Apache-2.0
// The threads: from the words of the request to the arguments that were made of them.
import { byId, setVariables, svg } from '../dom.js';
import type { Tie } from './answer.js';
import { numThreadColours, type Composer } from './composer.js';

// Threads run beside one another, not over one another.
const numLanes = 3;
const laneWidth = 4;
const firstLane = 6;

export class Threads {
  readonly #canvas = document.getElementById('threads') as unknown as SVGSVGElement;
  readonly #desk = byId('desk');
  readonly #composerBox = byId('composer');
  readonly #composer: Composer;
  #ties: readonly Tie[] = [];
  /** What was tied before, so that only new threads are drawn in. */
  #tied = '';

  constructor(composer: Composer) {
    this.#composer = composer;
    new ResizeObserver(() => this.#draw(false)).observe(this.#desk);
    byId('request').addEventListener('scroll', () => this.#draw(false));
  }

  tie(ties: readonly Tie[], key: string): void {
    this.#ties = ties;
    this.#draw(key !== this.#tied);
    this.#tied = key;
  }

  emphasise(id: number | undefined): void {
    for (const thread of this.#canvas.children) thread.classList.toggle('is-strong', (thread as SVGElement).dataset['id'] === String(id));
  }

  #draw(isNew: boolean): void {
    const origin = this.#desk.getBoundingClientRect();
    const gapTop = this.#composerBox.getBoundingClientRect().bottom - origin.top;
    this.#canvas.replaceChildren(...this.#ties.flatMap(({ id, knot }) => {
      const from = this.#composer.rectOf(id);
      const to = knot.getBoundingClientRect();
      const card = knot.closest('.card')?.getBoundingClientRect();
      if (!from || !card || to.width === 0) return [];
      const lane = id % numLanes;
      const path = svg('path', {
        d: route({
          x1: from.left + from.width / 2 - origin.left,
          y1: from.bottom - origin.top,
          gap: gapTop + firstLane + lane * laneWidth,
          gutter: card.left - origin.left - firstLane + 2 - lane * laneWidth,
          x2: to.left + to.width / 2 - origin.left,
          y2: to.top + to.height / 2 - origin.top,
        }),
        class: isNew ? 'thread is-new' : 'thread',
        pathLength: 1,
        'data-id': id,
      });
      setVariables(path, { thread: `var(--thread-${id % numThreadColours})`, nth: id });
      return [path];
    }));
  }
}

interface Way {
  x1: number;
  y1: number;
  gap: number;
  gutter: number;
  x2: number;
  y2: number;
}

/** Down to the gap under the request, along it to the gutter left of the card, down, and into the knot; bent, not cornered. */
function route({ x1, y1, gap, gutter, x2, y2 }: Way): string {
  const side = Math.sign(gutter - x1) || 1;
  const bend = Math.min(12, Math.abs(gutter - x1) / 2, Math.max(0, gap - y1), (y2 - gap) / 2);
  return `M${x1} ${y1}V${gap - bend}Q${x1} ${gap} ${x1 + side * bend} ${gap}H${gutter - side * bend}Q${gutter} ${gap} ${gutter} ${gap + bend}V${y2 - bend}Q${gutter} ${y2} ${gutter + bend} ${y2}H${x2}`;
}
