// SPDX-License-Identifier: Apache-2.0
// Runs in: node (any version; started by lib/places.mjs)
// Runs one measurement in this Node: its module and options come as JSON on stdin; the last line of stdout is the outcome,
// as JSON.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

const root = new URL('../../../', import.meta.url);
const place = {
  now: () => performance.now(),
  ort: 'tests/bench/node_modules/onnxruntime-web/dist/ort.node.min.mjs',
  entry: 'dist/entry/node.js',
  urlOf: (path) => new URL(path, root).href,
  read: async (url) => new Uint8Array(await readFile(new URL(url))),
  variants: async () => (await import(place.urlOf('dist/loading/detect-variants.js'))).detectVariants(),
};

const { module, measure, options } = JSON.parse(readFileSync(0, 'utf8'));
/** Of this thread alone, whatever else the machine does; in milliseconds, as performance.now(). */
const cpuTime = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
if (options.clock === 'cpu') {
  if (!process.threadCpuUsage) throw new Error(`Node ${process.version} has no clock for one thread`);
  place.now = cpuTime;
}
const outcome = await (await import(place.urlOf(module)))[measure](place, options);
process.stdout.write(`${JSON.stringify(outcome)}\n`);
process.exit(0); // runtimes under test may leave threads behind
