// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const hasHosts = existsSync(new URL('adapters/node_modules/.package-lock.json', import.meta.url));
const adapters = { include: [hasHosts ? 'tests/adapters/*.test.ts' : 'tests/adapters/not-installed.ts'], globalSetup: hasHosts ? ['tests/adapters/set-up.ts'] : [] };

// What takes minutes and hundreds of megabytes runs in `npm run test:long` only.
const isLong = Boolean(process.env.NEEDLE_LONG);

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks', // worker threads are what we test; they start cleaner from a process of their own
    projects: [
      { extends: true, test: { name: 'package', include: ['tests/*.test.ts', 'tests/{js,e2e,package}/**/*.test.ts', 'tests/runtimes/*.test.ts'], maxWorkers: 2 } },
      { extends: true, test: { name: 'adapters', ...adapters, maxWorkers: 2 } },
      // Afterwards and one at a time: frame rates are measured, and a browser is several processes.
      { extends: true, test: { name: 'browser', include: ['tests/{browser,demo}/**/*.test.ts', 'tests/runtimes/browser/*.test.ts', `tests/bundlers/${isLong ? '*' : 'light'}.test.ts`], maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
