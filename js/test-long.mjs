// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// `npm run test:long`: npm test with numbers for a night. Each can be set beforehand, to other values.
const numbers = {
  NEEDLE_LONG: 1, // groups of tests that only run here look at this
  NEEDLE_FUZZ_MUTATIONS: 1_000_000, // of each target of tests/fuzz
  NEEDLE_PROPERTY_CASES: 5_000, // random tool sets and requests
  NEEDLE_SOAK_ROUTES: 100_000, // in Node and in Chromium each, as the next two
  NEEDLE_SOAK_TOOL_SETS: 1_000,
  NEEDLE_SOAK_LOADS: 1_000,
};
for (const [name, number] of Object.entries(numbers)) process.env[name] ??= String(number);
await import('./test.mjs');
