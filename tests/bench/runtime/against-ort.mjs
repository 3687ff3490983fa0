// SPDX-License-Identifier: Apache-2.0
// Runs in: node, browser
// The engine and onnxruntime-web side by side in one process, on the same weights and tokens: first that both choose the
// same tokens, then their routes, their encoders and their compilation in turn. onnxruntime gets what the engine gets
// beyond the network for nothing: tokenizer, grammar, masks, and which tools fit.
import { OrtRouter, scriptOf } from '../ort/router.mjs';
import { request, tools } from '../scenario.mjs';
import { compileTools, openEngine, route } from './engine.mjs';
import { interleave, quantile, round, summarizeFields } from './statistics.mjs';

async function loadOrt(place, threads) {
  const ort = await import(place.urlOf(place.ort));
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = 'error';
  return ort;
}

const ratio = (theirs, ours) => round(quantile(theirs.map((value, i) => value / ours[i]), 0.5));

/** Compares the tokens chosen -> the network's script and how clear the least clear choice was. */
async function checkTokens(router, compiled, script, kind) {
  const { chosen, margins } = await router.route(compiled, script);
  const wanted = script.steps.map((step) => step.chosen);
  const isSame = chosen.every((token, i) => token === wanted[i] || !script.steps[i].isLikeliest); // where the whole answer spoke for another
  return { kind, isSame, tokens: wanted.length, leastMargin: round(Math.min(...margins)), ...(!isSame && { chosen, wanted }) };
}

/** The fastest form of those that chose the engine's tokens: another way through the network takes other times. Or null. */
export function fastestOf(checks, times) {
  const same = checks.filter(({ isSame }) => isSame).map(({ kind }) => kind);
  return same.sort((a, b) => times[a].total.p50 - times[b].total.p50)[0] ?? null;
}

export async function measureAgainstOrt(place, { variant, model, kinds, threads = 1, rounds, warmUp }) {
  const { now } = place;
  const engine = await openEngine(place, variant, model.path, threads);
  const { handle } = compileTools(place, engine, tools);
  const { result } = route(place, engine, handle, request, { explain: true });
  const script = scriptOf(result.explanation);
  const ort = await loadOrt(place, threads);
  const file = await place.read(place.urlOf(model.path));
  let n = 0;
  const subjects = {
    engine: () => {
      const { times } = route(place, engine, handle, request);
      return { total: times.total, encode: times.encode, decode: times.decode };
    },
    'engine compile': () => {
      const { handle: fresh, times } = compileTools(place, engine, tools.map((tool) => ({ ...tool, description: `${tool.description} ${10 + (n++ % 90)}` })));
      engine.releaseToolSet(fresh);
      return { total: times.encode };
    },
  };
  const checks = [];
  const routers = [];
  for (const kind of kinds) {
    const router = await OrtRouter.load(ort, file, kind);
    routers.push(router);
    const compiled = await router.compile(script.tools);
    checks.push(await checkTokens(router, compiled, script, kind));
    subjects[kind] = async () => (await router.route(compiled, script, now)).times;
    subjects[`${kind} compile`] = async () => {
      const begin = now();
      await router.compile(script.tools);
      return { total: now() - begin };
    };
  }
  const collected = await interleave(subjects, { rounds, warmUp });
  for (const router of routers) await router.release();
  const column = (name, field) => collected[name].map((times) => times[field]);
  const ratios = Object.fromEntries(kinds.map((kind) => [kind, {
    route: ratio(column(kind, 'total'), column('engine', 'total')),
    encoder: ratio(column(kind, 'encode'), column('engine', 'encode')),
    decoder: ratio(column(kind, 'decode'), column('engine', 'decode')),
    compile: ratio(column(`${kind} compile`, 'total'), column('engine compile', 'total')),
  }]));
  const times = Object.fromEntries(Object.entries(collected).map(([name, records]) => [name, summarizeFields(records)]));
  const best = fastestOf(checks, times);
  return { variant, model: model.key, threads, onnxruntime: ort.env.versions?.web, checks, best, ratios, times };
}
