// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// `npm run bench`: everything, in every runtime that is here, one after the other; results/<place>.json, results/growth.svg
// and the README's numbers are written anew. `--place name[,name]` only some; `--quick` few rounds; `--as-built` as in
// route.mjs; `--dry` prints and writes nothing.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setUpOrExplain } from '../../js/set-up.mjs';
import { aboutThisRun, warnOfLoad } from './lib/about.mjs';
import { buildKernels, installCompetitor } from './lib/build.mjs';
import { catalogueOf } from './lib/catalogue.mjs';
import { hasPlace, openPlace, placeNames, root } from './lib/places.mjs';
import { growthPlot } from './lib/plot.mjs';
import { models } from './model/widen.mjs';

const { values } = parseArgs({ options: {
  place: { type: 'string', default: placeNames.join(',') }, quick: { type: 'boolean', default: false },
  'as-built': { type: 'boolean', default: false }, dry: { type: 'boolean', default: false },
} });
const rounds = values.quick ? 10 : 60;
const say = (text) => process.stderr.write(`bench: ${text}\n`);

/** All that is measured in one place. The competitor only where the targets are, in a browser, and in the newest Node. */
async function measurePlace(name, hasCompetitor) {
  const place = await openPlace(name);
  const ask = async (module, measure, options) => {
    say(`${place.runtime}: ${measure}`);
    return place.run({ module: `tests/bench/runtime/${module}.mjs`, measure, options });
  };
  try {
    const all = models();
    const about = aboutThisRun();
    const routes = await ask('routes', 'measureRoutes', { models: all, rounds, warmUp: values.quick ? 3 : 15 });
    const [{ toolTokens, tokens }] = routes;
    const head = { ...about, place: name, runtime: place.runtime, tokens: { tools: toolTokens, ...tokens }, routes };
    if (place.isWorker) return { ...head, loading: await ask('loading', 'measureLoading', { models: all, catalogue: catalogueOf(100), rounds: 5 }) };
    const variants = [...new Set(routes.map(({ variant }) => variant))];
    const single = variants.find((variant) => !variant.endsWith('-mt'));
    const isas = variants.filter((variant) => !variant.endsWith('-mt'));
    const kernels = await ask('kernels', 'measureKernels', { isas, rounds: values.quick ? 5 : 15 });
    const catalogues = Object.fromEntries([5, 20, 100, 500].map((count) => [count, catalogueOf(count)]));
    const growth = await ask('growth', 'measureGrowth', { variant: single, models: all, catalogues, sentences: [0, 2, 5, 10, 20], rounds: Math.ceil(rounds / 3), warmUp: 3 });
    const loading = await ask('loading', 'measureLoading', { models: all, variants, catalogue: catalogueOf(100), rounds: 5 });
    const against = [];
    if (hasCompetitor && ['chromium', 'node24'].includes(name)) {
      const options = { variant: single, kinds: ['int8', 'f32', 'q4'], rounds: Math.ceil(rounds / 3), warmUp: 5 };
      for (const model of all) against.push(await ask('against-ort', 'measureAgainstOrt', { ...options, model }));
    }
    return { ...head, kernels, growth, loading, against };
  } finally {
    await place.close();
  }
}

async function main() {
  buildKernels();
  const hasCompetitor = installCompetitor();
  for (const name of values.place.split(',')) {
    if (!hasPlace(name)) {
      say(`${name} is not here`);
      continue;
    }
    warnOfLoad();
    const result = await measurePlace(name, hasCompetitor);
    if (values.dry) {
      process.stdout.write(`${JSON.stringify(result)}\n`);
      continue;
    }
    const folder = join(root, 'tests/bench/results');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, null, 1)}\n`);
    if (name === 'chromium') writeFileSync(join(folder, 'growth.svg'), growthPlot(result));
  }
  if (!values.dry) await import('./lib/report.mjs').then(({ updateReadme }) => updateReadme());
}

if (values['as-built'] || (await setUpOrExplain())) await main();
else process.exitCode = 1;
