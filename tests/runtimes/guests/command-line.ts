// SPDX-License-Identifier: Apache-2.0
// Node, Deno, Bun: prints the report of the build named first, with the model of the URL named second.
import * as needle from 'needle-router';
import { reportOf } from '../../e2e/behaviours.js';

const [variant, modelUrl, sha256] = process.argv.slice(2) as ['simd' | 'relaxed', string, string];
console.log(`\n${JSON.stringify(await reportOf({ needle, options: { variant }, download: { modelUrl, sha256 } }))}`);
