// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// `eval`: routes every example of a file and prints the scores. A line that is no example, or that the engine refuses,
// is wrong and counted in `errors`; nothing stops the run.
import { ToolRouter, type RouteResult, type ToolSet } from '../entry/node.js';
import { readTools } from '../api/tool-formats.js';
import { readExample, type Example } from './example.js';
import { percentile, scoreExample } from './metrics.js';
import { readText } from './route-command.js';
import { isValid } from './schema-validator.js';

export interface Scores {
  examples: number;
  errors: number;
  /** Of the examples: all calls right, or none where none is right. */
  exactMatch: number;
  /** Of the examples: the right tools, whatever their arguments. */
  toolAccuracy: number;
  /** Of the arguments expected: the right value. */
  argumentAccuracy: number;
  /** Of the answers without a call: none was expected. */
  refusalPrecision: number;
  /** Of the examples where no call is expected: there was none. */
  refusalRecall: number;
  /** Of the calls made: arguments that validate against the tool's schema. */
  schemaValid: number;
  /** Of route() with its tools compiled, over the examples that were answered. */
  p50Ms: number;
  p95Ms: number;
  /** All in all, compiling each example's tools included. */
  examplesPerSecond: number;
}

/** Sums; the scores are their quotients. */
class Tally {
  examples = 0;
  errors = 0;
  #exact = 0;
  #toolsRight = 0;
  #argumentsRight = 0;
  #argumentsExpected = 0;
  #refused = 0;
  #shouldRefuse = 0;
  #rightlyRefused = 0;
  #calls = 0;
  #validCalls = 0;
  readonly #times: number[] = [];

  /** `result` is undefined for an example that the engine refused. */
  add({ answers, tools }: Example, result: RouteResult | undefined, ms: number): void {
    const calls = result?.calls ?? [];
    const score = scoreExample(answers, calls);
    const isRefusal = result !== undefined && calls.length === 0;
    const shouldRefuse = answers.length === 0;
    this.#argumentsExpected += score.argumentsExpected;
    this.#argumentsRight += score.argumentsRight;
    this.#shouldRefuse += Number(shouldRefuse);
    if (result === undefined) return;
    this.#exact += Number(score.exact);
    this.#toolsRight += Number(score.toolsRight);
    this.#refused += Number(isRefusal);
    this.#rightlyRefused += Number(isRefusal && shouldRefuse);
    this.#times.push(ms);
    if (calls.length === 0) return;
    const schemas = new Map(readTools(tools).map(({ name, parameters }) => [name, parameters]));
    this.#calls += calls.length;
    this.#validCalls += calls.filter((call) => schemas.has(call.name) && isValid(call.arguments, schemas.get(call.name))).length;
  }

  scores(seconds: number): Scores {
    const { examples, errors } = this;
    const times = this.#times.sort((a, b) => a - b);
    // A share of nothing is 1: nothing was wrong.
    const share = (part: number, whole: number) => (whole === 0 ? 1 : round(part / whole, 4));
    return {
      examples,
      errors,
      exactMatch: share(this.#exact, examples),
      toolAccuracy: share(this.#toolsRight, examples),
      argumentAccuracy: share(this.#argumentsRight, this.#argumentsExpected),
      refusalPrecision: share(this.#rightlyRefused, this.#refused),
      refusalRecall: share(this.#rightlyRefused, this.#shouldRefuse),
      schemaValid: share(this.#validCalls, this.#calls),
      p50Ms: round(percentile(times, 0.5), 2),
      p95Ms: round(percentile(times, 0.95), 2),
      examplesPerSecond: round(examples / seconds, 2),
    };
  }
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

export async function evalCommand(file: string, { model }: { model?: string }): Promise<void> {
  const lines = (await readText(file)).split('\n').filter((line) => line.trim() !== '');
  const router = await ToolRouter.load({ modelUrl: model });
  try {
    process.stdout.write(`${JSON.stringify(await evaluate(router, lines, showProgress))}\n`);
  } finally {
    await router.dispose();
  }
}

/** The part of ToolRouter that an evaluation uses. */
export type EvaluatedRouter = Pick<ToolRouter, 'tools'>;

export async function evaluate(router: EvaluatedRouter, lines: string[], onProgress: (done: number, all: number) => void): Promise<Scores> {
  const tally = new Tally();
  const start = performance.now();
  for (const line of lines) {
    tally.examples++;
    let example: Example | undefined;
    let result: RouteResult | undefined;
    let toolset: ToolSet | undefined;
    let ms = 0;
    try {
      example = readExample(line);
      toolset = await router.tools(example.tools);
      const begin = performance.now();
      result = await toolset.route(example.query);
      ms = performance.now() - begin;
    } catch {
      tally.errors++; // what was refused, and why, is not this command's business: it counts
    } finally {
      toolset?.dispose();
    }
    if (example) tally.add(example, result, ms);
    onProgress(tally.examples, lines.length);
  }
  return tally.scores((performance.now() - start) / 1000);
}

/** A counter that overwrites itself; only for a person who is watching. */
function showProgress(done: number, all: number): void {
  if (process.stderr.isTTY && (done % 10 === 0 || done === all)) process.stderr.write(`\r${done} / ${all}${done === all ? '\n' : ''}`);
}
