// SPDX-License-Identifier: Apache-2.0
// Runs in: node, browser, workerd
// Medians and spreads, and measuring several things in turn, so that what else the machine does hits all of them alike.

export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))];
}

export const round = (value, digits = 3) => Number(value.toPrecision(Math.max(digits, 1)));

/** Milliseconds of one thing: median, 95th percentile, mean, and from the fastest to the slowest. */
export function summarize(values) {
  return {
    p50: round(quantile(values, 0.5)), p95: round(quantile(values, 0.95)), mean: round(values.reduce((sum, value) => sum + value, 0) / values.length),
    min: round(Math.min(...values)), max: round(Math.max(...values)), runs: values.length,
  };
}

/**
 * Calls each of `subjects` once a round, in another order each round, and collects what they return: numbers, or objects
 * of numbers. The first `warmUp` rounds count for nothing: engines compile hot code better only after a while.
 */
export async function interleave(subjects, { rounds, warmUp }) {
  const names = Object.keys(subjects);
  const collected = Object.fromEntries(names.map((name) => [name, []]));
  for (let i = -warmUp; i < rounds; i++) {
    for (let j = 0; j < names.length; j++) {
      const name = names[(j + i + warmUp) % names.length];
      const value = await subjects[name]();
      if (i >= 0) collected[name].push(value);
    }
  }
  return collected;
}

/** [{a: 1}, {a: 2}] -> {a: {p50, ...}} */
export function summarizeFields(records) {
  return Object.fromEntries(Object.keys(records[0]).map((field) => [field, summarize(records.map((record) => record[field]))]));
}
