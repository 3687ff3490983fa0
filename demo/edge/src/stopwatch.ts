// SPDX-License-Identifier: Apache-2.0
// What took how long, for the header Server-Timing. In workerd clocks stand still while a worker computes and go on when
// it has waited for something outside of it, so a lap ends with a wait for nothing (setTimeout is no such wait: its clock
// shows when the timer was due).
declare const scheduler: { wait(ms: number): Promise<void> };

export class Stopwatch {
  #last = performance.now();
  readonly #laps: string[] = [];

  async lap(name: string): Promise<void> {
    await scheduler.wait(0);
    const now = performance.now();
    this.#laps.push(`${name};dur=${(now - this.#last).toFixed(1)}`);
    this.#last = now;
  }

  get header(): string {
    return this.#laps.join(', ');
  }
}
