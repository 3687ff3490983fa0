// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// The glue whose threads are Node's worker threads. Apart, because it imports Node's modules, which bundlers for pages
// would look for; those for servers are to leave it alone, because it names a .wasm of its own name, which nobody needs.
// Where it is not found, for having been left behind, the build without threads runs.
import createSingle from '../generated/needle-simd.mjs';
import type { Glue } from './builds.js';

export const nodeGlue: Glue = {
  single: createSingle,
  async threaded(options) {
    const { default: createThreaded } = await import(/* webpackIgnore: true */ /* turbopackIgnore: true */ '../generated/needle-simd-mt-node.mjs');
    return createThreaded(options);
  },
};
