// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// The glue whose threads are Node's worker threads. Apart, because it imports Node's modules, which bundlers for pages
// would look for.
import createThreaded from '../generated/needle-simd-mt-node.mjs';
import createSingle from '../generated/needle-simd.mjs';
import type { Glue } from './builds.js';

export const nodeGlue: Glue = { single: createSingle, threaded: createThreaded };
