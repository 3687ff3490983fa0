// SPDX-License-Identifier: Apache-2.0
// node route-all.mjs VARIANT FILE [MODEL]: routes every {"query","tools"} line of the file, and prints each result without its
// timings, or the code of its error.
import { readFileSync } from 'node:fs';
import { ToolRouter } from '../../dist/entry/node.js';

const [variant, file, modelUrl] = process.argv.slice(2);
const router = await ToolRouter.load({ variant, modelUrl });
for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
  const { query, tools } = JSON.parse(line);
  const result = await router.route(query, tools).catch(({ code, path }) => ({ code, path }));
  delete result.timings;
  console.log(JSON.stringify(result));
}
await router.dispose();
