// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// `npm run bench:route`: a route over eight tools on the 26M geometry, where its time goes, the tools' compilation, the
// kernels' share of what the machine can do, and onnxruntime-web beside it; in the first of the named places that is
// here. Options: --json (one object on stdout), --place name[,name], --rounds n, --variant name,
// --as-built (measures what is built, even where sources have changed since), --routes-only (no kernels, no competitor),
// --clock wall|cpu (with --routes-only, Node 24: time of the engine's thread alone, in ticks of some milliseconds, so
// that only means say something: for a busy machine).
import { parseArgs } from 'node:util';
import { setUpOrExplain } from '../../js/set-up.mjs';
import { aboutThisRun, warnOfLoad } from './lib/about.mjs';
import { buildKernels, installCompetitor } from './lib/build.mjs';
import { hasPlace, openPlace } from './lib/places.mjs';
import { models } from './model/widen.mjs';

const { values } = parseArgs({ options: {
  json: { type: 'boolean', default: false }, place: { type: 'string', default: 'chromium,node24,node20' },
  rounds: { type: 'string', default: '60' }, variant: { type: 'string' }, clock: { type: 'string', default: 'wall' },
  'as-built': { type: 'boolean', default: false }, 'routes-only': { type: 'boolean', default: false },
} });

const isaOf = (variant) => variant.replace('-mt', '');

/** The shares of the machine's limits that the issue of a route's speed is about. */
async function measureLimits(place, { variant, model, rounds }) {
  buildKernels();
  const kernels = await place.run({ module: 'tests/bench/runtime/kernels.mjs', measure: 'measureKernels', options: { isas: [isaOf(variant)], rounds: 15 } });
  const { encoder, decoder } = kernels[isaOf(variant)].matrices;
  const options = { variant, model, kinds: ['int8', 'f32'], rounds: Math.ceil(rounds / 3), warmUp: 5 };
  const against = installCompetitor() ? await place.run({ module: 'tests/bench/runtime/against-ort.mjs', measure: 'measureAgainstOrt', options }) : undefined;
  return {
    ortRatio: against?.ratios[against.best]?.route ?? null,
    ortEncoderRatio: against?.ratios[against.best]?.encoder ?? null,
    encoderPeakShare: encoder.gigaMacs.kernel.ofPeak,
    decoderBandwidthShare: decoder.gigaBytes.kernel.ofPeak,
    decoderPeakShare: decoder.gigaMacs.kernel.ofPeak,
    kernels, against,
  };
}

async function main() {
  const name = values.place.split(',').find(hasPlace);
  if (!name) throw new Error(`none of ${values.place} is here`);
  warnOfLoad();
  const about = aboutThisRun();
  const place = await openPlace(name);
  const rounds = Number(values.rounds);
  try {
    const options = { variants: values.variant && [values.variant], models: models(), rounds, warmUp: Math.min(15, rounds), clock: values.clock };
    const routes = await place.run({ module: 'tests/bench/runtime/routes.mjs', measure: 'measureRoutes', options });
    const main26m = routes.find(({ model }) => model === '26m');
    const { variant, routeMs, compileMs } = main26m;
    const limits = values['routes-only'] ? {} : await measureLimits(place, { variant, model: models()[1], rounds });
    return {
      p50Ms: routeMs.p50, p95Ms: routeMs.p95, compileMs: compileMs.total.p50, spreadMs: [routeMs.min, routeMs.max], ...limits,
      ...about, runtime: place.runtime, build: variant, model: '26m', routes,
    };
  } finally {
    await place.close();
  }
}

if (values['as-built'] || (await setUpOrExplain({ quiet: values.json && !process.stderr.isTTY }))) {
  const outcome = await main();
  process.stdout.write(`${JSON.stringify(outcome, null, values.json ? undefined : 1)}\n`);
} else {
  process.exitCode = 1;
}
