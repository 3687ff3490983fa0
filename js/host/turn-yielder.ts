// SPDX-License-Identifier: Apache-2.0
// Runs in: both

/** Waits for one turn of the event loop by a message to itself: timers would wait 4 ms, and longer in hidden pages. */
export function turnYielder(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      port2.postMessage(null);
    });
}
