// SPDX-License-Identifier: Apache-2.0
// Runs in: node, browser
// How a route and the compilation grow with the number of tools and with the length of the request, by the bare engine.
import { request, tools } from '../scenario.mjs';
import { compileTools, openEngine, readRequest, route } from './engine.mjs';
import { interleave, quantile, round, summarize } from './statistics.mjs';

const compilations = 5;
const sentence = ' and it should be calm and not too loud because the children are asleep';

/** The scenario's request, made longer by so many sentences. */
const requestOf = (sentences) => request + sentence.repeat(sentences);

/** Over other tools the answer may be another: the time to read the request and that of a choice are comparable. */
function timesOf({ times, result }) {
  const { decoded, forced } = result.tokens;
  return { total: times.total, encode: times.begin + times.encode, perChoice: decoded > 0 ? times.decode / decoded : 0, decoded, forced };
}

/**
 * Milliseconds of compiling a catalogue, once for each of `numbers`, which its descriptions end in: catalogues share tools,
 * and the engine keeps what it has compiled.
 */
function* compilationsOf(place, engine, catalogue, numbers) {
  for (const n of numbers) {
    const { handle, times } = compileTools(place, engine, catalogue.map((tool) => ({ ...tool, description: `${tool.description} ${n}` })));
    engine.releaseToolSet(handle);
    yield times.total;
  }
}

const mediansOf = (records) => Object.fromEntries(Object.keys(records[0]).map((field) => [field, summarize(records.map((record) => record[field])).p50]));

export async function measureGrowth(place, { variant, models, catalogues, sentences, rounds, warmUp }) {
  const outcome = [];
  for (const { key, path } of models) {
    const engine = await openEngine(place, variant, path, 1);
    const subjects = {};
    const facts = {};
    for (const [i, [count, catalogue]] of Object.entries(catalogues).entries()) {
      const numbers = Array.from({ length: compilations }, (_, j) => 10 + i * compilations + j); // of two digits: as many tokens each
      const compileMs = quantile([...compilationsOf(place, engine, catalogue, numbers)], 0.5);
      const { handle, tokens } = compileTools(place, engine, catalogue);
      facts[`tools ${count}`] = { tools: Number(count), toolTokens: tokens, compileMs: round(compileMs) };
      // No answer longer than this one, so that what differs is the number of tools.
      subjects[`tools ${count}`] = () => timesOf(route(place, engine, handle, request, { toolChoice: 'required', maxCalls: 1 }));
    }
    const { handle } = compileTools(place, engine, tools);
    for (const n of sentences) {
      const query = requestOf(n);
      const { result } = route(place, engine, handle, query, { toolChoice: 'none' });
      facts[`length ${n}`] = { tokens: result.tokens.query };
      subjects[`length ${n}`] = () => ({ encode: readRequest(place, engine, handle, query) });
    }
    const collected = await interleave(subjects, { rounds, warmUp });
    const all = Object.keys(subjects).map((name) => ({ name, ...facts[name], ms: mediansOf(collected[name]) }));
    const strip = (kind) => all.filter(({ name }) => name.startsWith(kind)).map(({ name: _, ...rest }) => rest);
    outcome.push({ model: key, variant, tools: strip('tools'), length: strip('length') });
  }
  return outcome;
}
