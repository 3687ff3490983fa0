// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// `npm run bench:route`: a route over eight tools, where its time goes, and the tools' compilation; in the first of the
// named places that is here, Chromium by default. Options: --json (one object on stdout), --place name[,name],
// --rounds n, --variant name, --clock wall|cpu (cpu: of the engine's thread alone, Node 24 only, in ticks of some
// milliseconds, so that only means say something: for a busy machine),
// --as-built (measures what is built, even where sources have changed since).
import { parseArgs } from 'node:util';
import { setUpOrExplain } from '../../js/set-up.mjs';
import { aboutThisRun, warnOfLoad } from './lib/about.mjs';
import { hasPlace, openPlace } from './lib/places.mjs';
import { models } from './model/widen.mjs';

const { values } = parseArgs({ options: {
  json: { type: 'boolean', default: false }, place: { type: 'string', default: 'chromium,node24,node20' },
  rounds: { type: 'string', default: '60' }, variant: { type: 'string' },
  clock: { type: 'string', default: 'wall' }, 'as-built': { type: 'boolean', default: false },
} });

async function main() {
  const name = values.place.split(',').find(hasPlace);
  if (!name) throw new Error(`none of ${values.place} is here`);
  const { variants } = await import('../../dist/protocol/messages.js');
  const relaxedRuns = name !== 'node20'; // there it is behind a flag, and wrong
  const wanted = values.variant ? [values.variant] : variants.filter((variant) => !variant.endsWith('-mt') && (relaxedRuns || !variant.startsWith('relaxed')));
  warnOfLoad();
  const about = aboutThisRun();
  const place = await openPlace(name);
  try {
    const options = { variants: wanted, models: models(), rounds: Number(values.rounds), warmUp: 15, clock: values.clock };
    const routes = await place.run({ module: 'tests/bench/runtime/routes.mjs', measure: 'measureRoutes', options });
    return { ...about, runtime: place.runtime, routes };
  } finally {
    await place.close();
  }
}

if (values['as-built'] || (await setUpOrExplain({ quiet: values.json && !process.stderr.isTTY }))) {
  const outcome = await main();
  process.stdout.write(`${values.json ? JSON.stringify(outcome) : JSON.stringify(outcome, null, 1)}\n`);
} else {
  process.exitCode = 1;
}
