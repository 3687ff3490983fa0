// SPDX-License-Identifier: Apache-2.0
// The few assertions that the behaviours need, in plain JavaScript: they run in places where no test runner does.

/** A text that is the same for equal values; the order of keys counts for nothing. */
function textOf(value: unknown): string {
  const sorted = (_: string, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part;
  return JSON.stringify(value, sorted) ?? 'undefined';
}

export function isTrue(value: boolean, what: string): void {
  if (!value) throw new Error(`expected ${what}`);
}

export function isEqual(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [textOf(actual), textOf(expected)];
  if (a !== b) throw new Error(`expected ${what} to be ${b}, not ${a}`);
}

export function isOneOf(actual: string | undefined, expected: readonly string[], what: string): void {
  isTrue(expected.includes(actual as string), `${what} to be one of ${expected.join(', ')}, not ${actual}`);
}

/** Waits for a rejection and answers its reason, which must have these properties. */
export async function rejection(promise: Promise<unknown>, properties: Record<string, string | RegExp>): Promise<unknown> {
  const outcome = await promise.then((value) => ({ value }), (reason: unknown) => ({ reason }));
  if (!('reason' in outcome)) throw new Error(`expected a rejection with ${textOf(properties)}, not ${textOf(outcome.value)}`);
  for (const [name, expected] of Object.entries(properties)) {
    const actual = String((outcome.reason as Record<string, unknown>)[name]);
    const matches = typeof expected === 'string' ? actual === expected : expected.test(actual);
    isTrue(matches, `the rejection's ${name} to be ${String(expected)}, not ${actual}: ${String(outcome.reason)}`);
  }
  return outcome.reason;
}
