// SPDX-License-Identifier: Apache-2.0
// Runs in: node, browser
// From the model's bytes at hand to the first route, by the package's API, and what the engine then holds.
import { request, tools } from '../scenario.mjs';
import { summarizeFields } from './statistics.mjs';

async function loadOnce({ ToolRouter }, options) {
  const begin = performance.now();
  const router = await ToolRouter.load(options);
  const loaded = performance.now();
  await router.route(request, tools);
  const end = performance.now();
  return { router, times: { load: loaded - begin, firstRoute: end - loaded, total: end - begin } };
}

export async function measureLoading(place, { variants, models, catalogue, rounds }) {
  const api = await import(place.urlOf(place.entry));
  const outcome = [];
  for (const { key, path } of models) {
    const bytes = await place.read(place.urlOf(path));
    for (const variant of variants ?? (await place.variants())) {
      const records = [];
      let memory;
      for (let i = 0; i < rounds; i++) {
        const { router, times } = await loadOnce(api, { model: bytes.slice(), variant });
        records.push(times);
        if (i === rounds - 1) {
          const before = await router.memoryBytes();
          await router.tools(catalogue, { onUnsupported: 'warn' });
          memory = { tools8: before, [`tools${catalogue.length}`]: await router.memoryBytes() };
        }
        await router.dispose();
      }
      outcome.push({ model: key, variant, modelBytes: bytes.length, ms: summarizeFields(records), memoryBytes: memory });
    }
  }
  return outcome;
}
