// SPDX-License-Identifier: Apache-2.0
// The same request on every build of the engine that runs here, each in a router of its own. The builds take turns,
// request by request: whatever else the machine does then slows them all alike.
import { ToolRouter, type RouteResult, type ToolSet, type Variant } from 'needle-router';
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

export type BuildOutcome = BuildRun | { variant: Variant; failure: string } | { variant: Variant; isLoaded: true };

interface Racer {
  variant: Variant;
  router: ToolRouter;
  toolset: ToolSet;
  loadMs: number;
  compileMs: number;
  results: RouteResult[];
}

const numWarmUps = 3;
const numRuns = 25;
const maxMs = 12_000;

/** Reports what is known of each build whenever there is more of it; ends early when the signal does. */
export async function compareBuilds(builds: readonly Build[], query: string, tools: unknown, report: (outcomes: BuildOutcome[]) => void, signal: AbortSignal): Promise<void> {
  const racers: Racer[] = [];
  const failures: BuildOutcome[] = [];
  const tell = () => report([...racers.map(outcomeOf), ...failures]);
  try {
    for (const { variant } of builds) {
      try {
        racers.push(await prepare(variant, tools, signal));
      } catch (error) {
        if (signal.aborted) return;
        failures.push({ variant, failure: explain(error).message });
      }
      tell();
    }
    const options = { signal, facts: { date: localDate() } };
    for (const { toolset } of racers) for (let i = 0; i < numWarmUps; i++) await toolset.route(query, options);
    const begin = performance.now();
    for (let i = 0; i < numRuns && performance.now() - begin < maxMs; i++) {
      for (const { toolset, results } of racers) results.push(await toolset.route(query, options));
      tell();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    for (const { router } of racers) await router.dispose();
  }
}

async function prepare(variant: Variant, tools: unknown, signal: AbortSignal): Promise<Racer> {
  const start = performance.now();
  const router = await ToolRouter.load({ variant, signal });
  try {
    const loaded = performance.now();
    const toolset = await router.tools(tools, { signal });
    return { variant, router, toolset, loadMs: loaded - start, compileMs: performance.now() - loaded, results: [] };
  } catch (error) {
    await router.dispose();
    throw error;
  }
}

function outcomeOf({ variant, loadMs, compileMs, results }: Racer): BuildOutcome {
  if (results.length === 0) return { variant, isLoaded: true };
  const times = results.map(({ timings }) => timings.engineMs).sort((a, b) => a - b);
  const decodeMs = results.reduce((sum, { timings }) => sum + timings.decodeMs, 0);
  const numTokens = results.reduce((sum, { tokens }) => sum + tokens.decoded + tokens.forced, 0);
  const { timings: _, ...answer } = results[0]!;
  return {
    variant,
    loadMs,
    compileMs,
    medianMs: times[times.length >> 1]!,
    slowestMs: times.at(-1)!,
    tokensPerSecond: decodeMs > 0 ? (numTokens / decodeMs) * 1000 : 0,
    answer: JSON.stringify(answer),
  };
}
