// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Work that reports steps through a callback, as an async iterable of the steps and then the result. Leaving the loop
// early aborts the work.

export async function* streamOf<Step, Result>(
  work: (onStep: (step: Step) => void, signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Step | Result, void, undefined> {
  const left = new AbortController();
  const steps: Step[] = [];
  let isSettled = false;
  let wake = () => {};
  const onStep = (step: Step) => {
    steps.push(step);
    wake();
  };
  const onSettled = () => {
    isSettled = true;
    wake();
  };
  const result = work(onStep, signal ? AbortSignal.any([signal, left.signal]) : left.signal);
  result.then(onSettled, onSettled);
  try {
    for (;;) {
      yield* steps.splice(0);
      if (isSettled && steps.length === 0) break;
      if (steps.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    }
    yield await result;
  } finally {
    left.abort();
  }
}
