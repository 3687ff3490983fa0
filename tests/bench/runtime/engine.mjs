// SPDX-License-Identifier: Apache-2.0
// Runs in: node, browser, workerd
// The engine without the package around it, driven step by step with a clock beside it: what a route's milliseconds are
// made of. The package itself is measured elsewhere, by its public API. `place` is what differs between runtimes
// (node-main.mjs, page.html): its files, and its clock.

/** One engine of a build with a model in it. */
export async function openEngine(place, variant, modelPath, threads) {
  const { createEngine } = await import(place.urlOf('dist/loading/builds.js'));
  const engine = await createEngine(variant, threads, async (url) => WebAssembly.compile(await place.read(url)));
  const file = await place.read(place.urlOf(modelPath));
  engine.reserveModel(file.length).set(file);
  unwrap(engine.loadModel());
  return engine;
}

function unwrap(text) {
  const result = JSON.parse(text);
  if (result.error) throw new Error(`${result.error.code} ${result.error.path}: ${result.error.message}`);
  return result.ok;
}

/** Compiles tools -> { handle, tokens, times: { total, grammars, encode } } */
export function compileTools({ now }, engine, tools) {
  const begin = now();
  const handle = unwrap(engine.beginToolSet(JSON.stringify(tools), '{}'));
  const parsed = now();
  while (unwrap(engine.stepToolSet(handle)) > 0);
  const end = now();
  const { tokens } = JSON.parse(engine.toolSetInfo(handle));
  return { handle, tokens, times: { total: end - begin, grammars: parsed - begin, encode: end - parsed } };
}

/**
 * One route -> { result, times }. `begin` reads the request, tokenises it and scores the tools by their vectors; `encode`
 * is the request's block; `decode` the answer; of it `steps`, one by one.
 */
export function route({ now: clock }, engine, toolset, query, options = {}) {
  const begin = clock();
  const session = unwrap(engine.beginRoute(toolset, JSON.stringify({ query, ...options })));
  const begun = clock();
  let encoded;
  let last = begun;
  const steps = [];
  for (let isDone = false; !isDone;) {
    isDone = unwrap(engine.stepRoute(session));
    const now = clock();
    if (encoded !== undefined) steps.push(now - last);
    else if (engine.isEncoded(session)) encoded = now;
    last = now;
  }
  const result = unwrap(engine.finishRoute(session));
  const end = clock();
  encoded ??= last;
  const times = { total: end - begin, begin: begun - begin, encode: encoded - begun, decode: last - encoded, finish: end - last };
  return { result, times, steps };
}

/** Only reads a request: milliseconds until the first token could be chosen. */
export function readRequest({ now }, engine, toolset, query) {
  const begin = now();
  const session = unwrap(engine.beginRoute(toolset, JSON.stringify({ query })));
  while (!engine.isEncoded(session)) unwrap(engine.stepRoute(session));
  const end = now();
  engine.abortRoute(session);
  return end - begin;
}
