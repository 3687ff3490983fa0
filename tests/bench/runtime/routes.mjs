// SPDX-License-Identifier: Apache-2.0
// Runs in: node, browser
// Routes over the eight tools of the scenario: by the package's API, as a user has it, and by the bare engine, phase by
// phase; all builds (all that run here, unless named) and models in turn.
import { freshTools, request, tools } from '../scenario.mjs';
import { compileTools, openEngine, route } from './engine.mjs';
import { interleave, quantile, round, summarize, summarizeFields } from './statistics.mjs';

export async function measureRoutes(place, { variants, models, rounds, warmUp, threads }) {
  const { ToolRouter } = await import(place.urlOf(place.entry));
  const subjects = {};
  const compilations = {};
  const about = {};
  const routers = [];
  for (const variant of variants ?? (await place.variants())) {
    for (const { key, path } of models) {
      const name = `${key} ${variant}`;
      const router = await ToolRouter.load({ model: await place.read(place.urlOf(path)), variant, threads });
      routers.push(router);
      const toolset = await router.tools(tools);
      const engine = await openEngine(place, variant, path, threads);
      const { handle, tokens } = compileTools(place, engine, tools);
      const { calls, tokens: counts } = await toolset.route(request);
      about[name] = { variant, model: key, toolTokens: tokens, tokens: counts, calls: calls.map(({ name: tool, arguments: values }) => ({ tool, values })) };
      let n = 0;
      subjects[`${name} api`] = async () => {
        const begin = performance.now(); // by the clock on the wall: the engine is in another thread
        await toolset.route(request);
        return performance.now() - begin;
      };
      subjects[`${name} engine`] = () => {
        const { times, steps } = route(place, engine, handle, request);
        return { ...times, step: quantile(steps, 0.5) };
      };
      compilations[name] = () => {
        const { handle: fresh, times } = compileTools(place, engine, freshTools(n++));
        engine.releaseToolSet(fresh);
        return times;
      };
    }
  }
  const collected = await interleave(subjects, { rounds, warmUp });
  const compiled = await interleave(compilations, { rounds: Math.ceil(rounds / 4), warmUp: Math.ceil(warmUp / 4) });
  for (const router of routers) await router.dispose();
  return Object.entries(about).map(([name, facts]) => {
    const engine = summarizeFields(collected[`${name} engine`]);
    const compile = summarizeFields(compiled[name]);
    return {
      ...facts,
      routeMs: summarize(collected[`${name} api`]),
      engineMs: engine,
      compileMs: compile,
      compileTokensPerSecond: round((facts.toolTokens / compile.encode.p50) * 1000),
      unforcedStepsPerSecond: round((facts.tokens.decoded / engine.decode.p50) * 1000),
    };
  });
}
