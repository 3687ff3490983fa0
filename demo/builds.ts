// SPDX-License-Identifier: Apache-2.0
// The same request on every build of the engine that runs here, one after the other, each in a router of its own.
import { ToolRouter, type RouteResult, type Variant } from 'needle-router';
import { explain } from './engine.js';
import { localDate } from './format.js';

/** What sets the builds apart, the best first. Which of them there are, the package says. */
const known: Record<string, string> = {
  'relaxed-mt': 'relaxed SIMD and threads',
  relaxed: 'relaxed SIMD',
  'simd-mt': 'SIMD and threads',
  simd: 'SIMD',
};

export interface Build {
  variant: Variant;
  about: string;
}

/** The builds that the package has: it refuses the name of one that it lacks. */
export async function listBuilds(): Promise<Build[]> {
  const all = Object.entries(known).map(([variant, about]) => ({ variant: variant as Variant, about }));
  const isThere = await Promise.all(all.map(({ variant }) => ToolRouter.status({ variant }).then(() => true, () => false)));
  return all.filter((_, index) => isThere[index]);
}

export interface BuildRun {
  variant: Variant;
  loadMs: number;
  compileMs: number;
  /** Of one request in the engine. */
  medianMs: number;
  slowestMs: number;
  tokensPerSecond: number;
  /** The result without timings: builds must agree on it to the letter. */
  answer: string;
}

export type BuildOutcome = BuildRun | { variant: Variant; failure: string };

const numWarmUps = 3;
const numRuns = 25;
const maxMsPerBuild = 4000;

/** Reports each build as it ends; ends early when the signal does. */
export async function compareBuilds(builds: readonly Build[], query: string, tools: unknown, report: (outcome: BuildOutcome) => void, signal: AbortSignal): Promise<void> {
  for (const { variant } of builds) {
    if (signal.aborted) return;
    try {
      report(await runBuild(variant, query, tools, signal));
    } catch (error) {
      if (signal.aborted) return;
      report({ variant, failure: explain(error).message });
    }
  }
}

async function runBuild(variant: Variant, query: string, tools: unknown, signal: AbortSignal): Promise<BuildRun> {
  const start = performance.now();
  const router = await ToolRouter.load({ variant, signal });
  try {
    const loaded = performance.now();
    const toolset = await router.tools(tools, { signal });
    const compiled = performance.now();
    const options = { signal, facts: { date: localDate() } };
    for (let i = 0; i < numWarmUps; i++) await toolset.route(query, options);
    const results: RouteResult[] = [];
    const begin = performance.now();
    while (results.length < numRuns && performance.now() - begin < maxMsPerBuild) results.push(await toolset.route(query, options));
    const times = results.map(({ timings }) => timings.engineMs).sort((a, b) => a - b);
    const decodeMs = results.reduce((sum, { timings }) => sum + timings.decodeMs, 0);
    const numTokens = results.reduce((sum, { tokens }) => sum + tokens.decoded + tokens.forced, 0);
    const { timings: _, ...answer } = results[0]!;
    return {
      variant,
      loadMs: loaded - start,
      compileMs: compiled - loaded,
      medianMs: times[times.length >> 1]!,
      slowestMs: times.at(-1)!,
      tokensPerSecond: decodeMs > 0 ? (numTokens / decodeMs) * 1000 : 0,
      answer: JSON.stringify(answer),
    };
  } finally {
    await router.dispose();
  }
}
