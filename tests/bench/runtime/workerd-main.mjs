// SPDX-License-Identifier: Apache-2.0
// Runs in: workerd
// Routes and loading by the package's API in a worker. There clocks tell whole milliseconds, stand still while a worker
// computes, and go on when it has waited for something outside of it: so a number is the mean of a lot of routes.
import { ToolRouter } from 'needle-router';
import simd from 'needle-router/needle-simd.wasm';
import { freshTools, request, tools } from '../scenario.mjs';
import { interleave, summarize, summarizeFields } from './statistics.mjs';

const lot = 10;
const allVariants = ['relaxed', 'simd']; // those without threads

async function clock() {
  await scheduler.wait(0);
  return performance.now();
}

/** Milliseconds that `work` takes, once, when done so many times. */
async function timed(times, work) {
  const begin = await clock();
  for (let i = 0; i < times; i++) await work(i);
  return ((await clock()) - begin) / times;
}

const load = (model, variant) => ToolRouter.load({ model, variant, ...(variant === 'simd' && { wasmModule: simd }) });

async function measureRoutes(read, { models, rounds, warmUp, variants = allVariants, clock: wanted = 'wall' }) {
  if (wanted !== 'wall') throw new Error(`a worker has no clock '${wanted}'`);
  const subjects = {};
  const about = {};
  const routers = [];
  for (const variant of variants) {
    for (const { key, path } of models) {
      const name = `${key} ${variant}`;
      const router = await load(await read(path), variant);
      routers.push(router);
      const toolset = await router.tools(tools);
      const { calls, tokens } = await toolset.route(request);
      about[name] = { variant, model: key, tokens, calls: calls.map(({ name: tool, arguments: values }) => ({ tool, values })) };
      let n = 0;
      subjects[name] = async () => ({
        route: await timed(lot, () => toolset.route(request)),
        compile: await timed(2, async () => (await router.tools(freshTools(n++))).dispose()),
      });
    }
  }
  const collected = await interleave(subjects, { rounds: Math.ceil(rounds / 4), warmUp: Math.ceil(warmUp / 4) });
  for (const router of routers) await router.dispose();
  return Object.entries(about).map(([name, facts]) => {
    const { route, compile } = summarizeFields(collected[name]);
    return { ...facts, lot, routeMs: route, compileMs: { total: compile } };
  });
}

async function measureLoading(read, { models, catalogue, rounds, variants = allVariants }) {
  const outcome = [];
  for (const { key, path } of models) {
    const model = await read(path);
    for (const variant of variants) {
      const totals = [];
      let memoryBytes;
      for (let i = 0; i < rounds; i++) {
        let router;
        const bytes = model.slice();
        totals.push(await timed(1, async () => {
          router = await load(bytes, variant);
          await router.route(request, tools);
        }));
        if (i === rounds - 1) {
          const before = await router.memoryBytes();
          await router.tools(catalogue, { onUnsupported: 'warn' });
          memoryBytes = { tools8: before, [`tools${catalogue.length}`]: await router.memoryBytes() };
        }
        await router.dispose();
      }
      outcome.push({ model: key, variant, modelBytes: model.length, ms: { total: summarize(totals) }, memoryBytes });
    }
  }
  return outcome;
}

export default {
  async fetch(job, { FILES }) {
    const { measure, options } = await job.json();
    const measures = { measureRoutes, measureLoading };
    if (!Object.hasOwn(measures, measure)) return new Response(`${measure} is not measured in a worker`, { status: 400 });
    const read = async (path) => new Uint8Array(await (await FILES.fetch(`https://files/${path}`)).arrayBuffer());
    return Response.json(await measures[measure](read, options));
  },
};
