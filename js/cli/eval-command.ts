// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// `eval`: routes every example of a file and prints the scores. A line that is no example, or that the engine refuses,
// is wrong and counted in `errors`; nothing stops the run.
import { ToolRouter, type RouteResult } from '../entry/node.js';
import { plainTools, readTools } from '../api/tool-formats.js';
import { isObject } from '../api/unknown.js';
import { readExample, type Example } from './example.js';
import { makeError } from '../protocol/errors.js';
import { percentile, scoreExample, type ExampleScore } from './metrics.js';
import { readText, writeText } from './route-command.js';
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
  add({ answers, tools }: Example, result: RouteResult | undefined, ms: number): ExampleScore {
    const calls = result?.calls ?? [];
    const score = scoreExample(answers, calls);
    const isRefusal = result !== undefined && calls.length === 0;
    const shouldRefuse = answers.length === 0;
    this.#argumentsExpected += score.argumentsExpected;
    this.#argumentsRight += score.argumentsRight;
    this.#shouldRefuse += Number(shouldRefuse);
    if (result === undefined) return score;
    this.#exact += Number(score.exact);
    this.#toolsRight += Number(score.toolsRight);
    this.#refused += Number(isRefusal);
    this.#rightlyRefused += Number(isRefusal && shouldRefuse);
    this.#times.push(ms);
    if (calls.length === 0) return score;
    const schemas = schemasOf(tools);
    this.#calls += calls.length;
    this.#validCalls += calls.filter((call) => schemas.has(call.name) && isValid(call.arguments, schemas.get(call.name))).length;
    return score;
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

export interface EvalOptions {
  model?: string;
  /** A file of results to score in place of the engine's: `batch` writes such, and anything else may. */
  results?: string;
  /** Where to write what became of each example. */
  details?: string;
}

export async function evalCommand(file: string, { model, results, details }: EvalOptions): Promise<void> {
  const lines = nonEmptyLines(await readText(file));
  const rows: string[] = [];
  const hooks: EvaluateHooks = { onProgress: showProgress, ...(details && { onRow: (row) => void rows.push(`${JSON.stringify(row)}\n`) }) };
  const scores = results === undefined ? await evaluateEngine(lines, model, hooks) : await evaluate(given(nonEmptyLines(await readText(results))), lines, hooks);
  if (details) await writeText(details, rows.join(''));
  process.stdout.write(`${JSON.stringify(scores)}\n`);
}

async function evaluateEngine(lines: string[], model: string | undefined, hooks: EvaluateHooks): Promise<Scores> {
  const router = await ToolRouter.load({ modelUrl: model });
  try {
    return await evaluate(routed(router), lines, hooks);
  } finally {
    await router.dispose();
  }
}

/** Answers an example, or throws where it refuses to. */
export type Answerer = (example: Example, index: number) => Promise<{ result: RouteResult; ms: number }>;

/** The engine's answers; `ms` is route() with its tools compiled. */
export function routed(router: Pick<ToolRouter, 'tools'>): Answerer {
  return async ({ tools, query }) => {
    const toolset = await router.tools(tools);
    try {
      const begin = performance.now();
      const result = await toolset.route(query);
      return { result, ms: performance.now() - begin };
    } finally {
      toolset.dispose();
    }
  };
}

/** Answers that stand in a file: the n-th line is the n-th example's result, or at least its {"calls": [...]}. */
function given(lines: string[]): Answerer {
  return async (_, index) => {
    const result = JSON.parse(lines[index] ?? 'null') as RouteResult | null;
    if (!Array.isArray(result?.calls)) throw makeError('invalid_json', 'a result needs calls', { path: `[${index}].calls` });
    const wrong = result.calls.findIndex((call: unknown) => !isObject(call) || typeof call['name'] !== 'string' || !isObject(call['arguments']));
    if (wrong >= 0) throw makeError('invalid_json', 'a call needs a name and arguments', { path: `[${index}].calls[${wrong}]` });
    return { result, ms: 0 };
  };
}

/** What became of one example. */
export interface EvaluatedRow extends ExampleScore {
  /** undefined where it was refused. */
  result: RouteResult | undefined;
}

export interface EvaluateHooks {
  onProgress?: (done: number, all: number) => void;
  onRow?: (row: EvaluatedRow | { error: string }) => void;
}

export async function evaluate(answer: Answerer, lines: string[], { onProgress, onRow }: EvaluateHooks = {}): Promise<Scores> {
  const tally = new Tally();
  const start = performance.now();
  for (const [index, line] of lines.entries()) {
    tally.examples++;
    let example: Example | undefined;
    let answered: Awaited<ReturnType<Answerer>> | undefined;
    let error = '';
    try {
      example = readExample(line);
      answered = await answer(example, index);
    } catch (cause) {
      tally.errors++; // counted, whatever was refused; the details say why
      error = String((cause as Error).message);
    }
    const score = example && tally.add(example, answered?.result, answered?.ms ?? 0);
    onRow?.(score && !error ? { ...score, result: answered?.result } : { error });
    onProgress?.(tally.examples, lines.length);
  }
  return tally.scores((performance.now() - start) / 1000);
}

/** By tool; none of tools that cannot be read, which answers from elsewhere may be for. */
function schemasOf(tools: unknown): Map<string, object | undefined> {
  try {
    return new Map(plainTools(readTools(tools)).map(({ name, parameters }) => [name, parameters]));
  } catch {
    return new Map();
  }
}

function nonEmptyLines(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

/** A counter that overwrites itself; only for a person who is watching. */
function showProgress(done: number, all: number): void {
  if (process.stderr.isTTY && (done % 10 === 0 || done === all)) process.stderr.write(`\r${done} / ${all}${done === all ? '\n' : ''}`);
}
