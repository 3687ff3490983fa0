// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// The table of numbers in the README, made of results/*.json and of nothing else; a test compares the two.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './places.mjs';

const resultsFolder = join(root, 'tests/bench/results');
const [beginMark, endMark] = ['<!-- numbers: npm run bench -->', '<!-- /numbers -->'];

/** The results of all places, as `npm run bench` left them, fastest runtime for users first. */
export function readResults() {
  const order = ['chromium', 'firefox', 'node24', 'node20', 'workerd'];
  const names = existsSync(resultsFolder) ? readdirSync(resultsFolder).filter((name) => name.endsWith('.json') && order.includes(name.slice(0, -5))) : [];
  const byOrder = (a, b) => order.indexOf(a.slice(0, -5)) - order.indexOf(b.slice(0, -5));
  return names.sort(byOrder).map((name) => JSON.parse(readFileSync(join(resultsFolder, name), 'utf8')));
}

const ms = (value) => (value >= 100 ? value.toFixed(0) : value.toFixed(1));
const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(0);

function routeRows({ runtime, routes, loading = [] }) {
  return routes.map(({ model, variant, routeMs, compileMs }) => {
    const load = loading.find((entry) => entry.model === model && entry.variant === variant);
    const first = load ? ms(load.ms.total.p50) : '';
    const memory = load ? megabytes(Object.values(load.memoryBytes).at(-1)) : '';
    return `| ${runtime} | ${model} | ${variant} | ${ms(routeMs.p50)} (${ms(routeMs.p95)}) | ${ms(compileMs.total.p50)} | ${first} | ${memory} |`;
  });
}

function ortRows({ runtime, against = [] }) {
  return against.filter(({ best }) => best !== null).map(({ model, variant, threads, best, ratios }) =>
    `| ${runtime} | ${model} | ${variant}, ${threads === 1 ? 'one thread' : `${threads} threads`} | ${best} | ${ratios[best].route.toFixed(1)} | ${ratios[best].encoder.toFixed(1)} |`);
}

/** Places may have been measured on different days, machines and commits. */
function placeLine({ runtime, machine, commit, date, load, tokens, routes: [{ lot }] }) {
  const what = lot ? `of a route means of ${lot}, of compiling means of two` : `${tokens.tools} tokens of tools, ${tokens.query} of the request`;
  return `- ${runtime}: ${machine}, ${date}, commit ${commit}, load ${load}; ${what}`;
}

/** Markdown, or an empty text when nothing has been measured. */
export function numbersTable(results) {
  if (results.length === 0) return '';
  const ort = results.flatMap(ortRows);
  return [
    'Eight tools, a short request, one call with two arguments. "26m" is the geometry of the standard network with the released',
    'weights in it (`tests/bench/README.md`).', '',
    ...results.map(placeLine), '',
    '| | network | build | route, ms: median (95%) | compiling 8 tools, ms | from bytes to first route, ms | memory with 100 tools, MB |', '|---|---|---|---|---|---|---|',
    ...results.flatMap(routeRows),
    ...(ort.length === 0 ? [] : ['', 'As many times faster than onnxruntime-web with the same weights, in its fastest form that chooses the same tokens:', '',
      '| | network | build | its form | route | reading the request |', '|---|---|---|---|---|---|', ...ort]),
  ].join('\n');
}

/** What stands between the marks; undefined where there are none. */
export function numbersIn(readme) {
  const begin = readme.indexOf(beginMark);
  const end = readme.indexOf(endMark);
  return begin < 0 || end < begin ? undefined : readme.slice(begin + beginMark.length, end).trim();
}

export function withNumbers(readme, table) {
  const begin = readme.indexOf(beginMark);
  if (numbersIn(readme) === undefined) throw new Error('the README has no place for the numbers');
  return `${readme.slice(0, begin + beginMark.length)}\n${table}\n${readme.slice(readme.indexOf(endMark))}`;
}

/** Writes the numbers of the results into the README. */
export function updateReadme() {
  const path = join(root, 'README.md');
  writeFileSync(path, withNumbers(readFileSync(path, 'utf8'), numbersTable(readResults())));
}
