// SPDX-License-Identifier: Apache-2.0
// Runs in: node, browser
// The kernels at the shapes of the 26M network, beside what this runtime reaches at best: measured in turn, so that the
// share of the peak holds on a busy machine, too. Weights are as many as a network has, so that they come from where
// they come from in a route, and not from the first cache.
import { quantile, round } from './statistics.mjs';

const width = 512;
/** Matrices of 512 x 512: those of 12 encoder layers are 9.4 MB, of 8 decoder layers 10.5 MB. */
const shapes = {
  encoder: { rows: 48, out: width, matrices: 36, is: 'a tool of 48 tokens through the encoder' },
  request: { rows: 12, out: width, matrices: 36, is: 'a request of 12 tokens through the encoder' },
  forced: { rows: 3, out: width, matrices: 40, is: '3 forced tokens through the decoder' },
  decoder: { rows: 1, out: width, matrices: 40, is: 'one token through the decoder' },
  logits: { rows: 1, out: 8192, matrices: 1, is: 'one row of logits, whole' },
};

async function instantiate(place, isa) {
  const { instance } = await WebAssembly.instantiate(await place.read(place.urlOf(`build/bench/bench-${isa}.wasm`)), {});
  instance.exports._initialize();
  return instance.exports;
}

const warmUpMs = 40; // engines make code fast in the background, after it has run for a while

/** A function of no arguments that runs `work(repeats)` for some milliseconds and answers units of work a nanosecond. */
function rateOf(now, work, units) {
  let repeats = 1;
  for (const begin = now(); now() - begin < warmUpMs;) work(1);
  for (;;) {
    const begin = now();
    work(repeats);
    if (now() - begin > 4) break;
    repeats *= 2;
  }
  return () => {
    const begin = now();
    work(repeats);
    return (units * repeats) / ((now() - begin) * 1e6);
  };
}

const spread = (rates) => ({ median: round(quantile(rates, 0.5)), min: round(Math.min(...rates)), max: round(Math.max(...rates)) });

/** Runs functions in turn -> for each its rates, and its share of the `peak` beside it in the same round. */
function inTurn(rates, peak, rounds) {
  const seen = Object.fromEntries(Object.keys(rates).map((name) => [name, []]));
  for (let i = 0; i < rounds; i++) for (const name of Object.keys(rates)) seen[name].push(rates[name]());
  return Object.fromEntries(Object.entries(seen).map(([name, values]) => {
    const shares = values.map((value, i) => value / seen[peak][i]);
    return [name, { ...spread(values), ofPeak: round(quantile(shares, 0.5)), fastestOfPeak: round(Math.max(...values) / Math.max(...seen[peak])) }];
  }));
}

export async function measureKernels(place, { isas, rounds }) {
  const outcome = {};
  for (const isa of isas) {
    const bench = await instantiate(place, isa);
    const { now } = place;
    const matrices = {};
    for (const [name, { rows, out, matrices: count, is }] of Object.entries(shapes)) {
      // Logits come of the embedding, which is kept for the other kernel; layers are as the engine has them here.
      const asTheEngine = name === 'logits' ? 0 : bench.pair_sums_pay();
      for (const pairSums of [1 - asTheEngine, asTheEngine]) {
        bench.use_pair_sums(pairSums);
        bench.prepare(rows, out, width, count);
        if (!bench.is_right()) throw new Error(`${isa}: the kernel's result at the shape '${name}' is not the reference's`);
      }
      const macs = rows * out * width * count;
      const operations = inTurn({
        'peak dot': rateOf(now, bench.peak_dot, bench.peak_dot_macs()), kernel: rateOf(now, bench.run_kernel, macs),
        quantize: rateOf(now, bench.run_quantize, rows * width),
      }, 'peak dot', rounds);
      const bytes = inTurn({ read: rateOf(now, bench.peak_read, bench.peak_read_bytes()), kernel: rateOf(now, bench.run_kernel, bench.peak_read_bytes()) }, 'read', rounds);
      matrices[name] = { is, gigaMacs: operations, gigaBytes: bytes };
    }
    bench.prepare(12, width, width, 1);
    const macs = 12 * width * width;
    const without = inTurn({
      kernel: rateOf(now, bench.run_kernel, macs), reference: rateOf(now, bench.run_reference, macs), 'plain loop': rateOf(now, bench.run_plain, macs),
    }, 'kernel', Math.min(rounds, 9));
    const attention = {};
    for (const rows of [1, 12]) {
      bench.prepare_attention(rows, 8);
      const macs = 2 * rows * 8 * 384 * 64; // scores and values, 8 heads
      attention[`${rows} tokens over 384 keys`] = spread(Array.from({ length: rounds }, rateOf(now, bench.run_attention, macs)));
    }
    outcome[isa] = { matrices, without, attention };
  }
  return outcome;
}
