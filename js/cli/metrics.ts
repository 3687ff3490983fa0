// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// The scores of `eval`: one example compared with one answer. Pure functions.
import type { JsonValue } from '../entry/node.js';

export interface Call {
  name: string;
  arguments: Record<string, JsonValue>;
}

/** An expected call; `acceptable` lists, for each argument, the values that count as right ("" = may be absent). */
export interface ExpectedCall extends Call {
  acceptable?: Record<string, JsonValue>;
}

export interface ExampleScore {
  exact: boolean;
  /** The same tools, each as often, whatever the arguments. */
  toolsRight: boolean;
  argumentsRight: number;
  argumentsExpected: number;
}

/** Calls match in any order: each expected call is compared with the call of its name that suits all of them best. */
export function scoreExample(expected: ExpectedCall[], calls: Call[]): ExampleScore {
  const names = new Set([...expected, ...calls].map(({ name }) => name));
  const score: ExampleScore = { exact: true, toolsRight: true, argumentsRight: 0, argumentsExpected: 0 };
  for (const name of names) {
    const wanted = expected.filter((call) => call.name === name);
    const got = calls.filter((call) => call.name === name);
    const best = bestAssignment(wanted, got);
    score.argumentsExpected += wanted.reduce((sum, call) => sum + comparedKeys(call).length, 0);
    score.argumentsRight += best.argumentsRight;
    if (wanted.length !== got.length) score.exact = score.toolsRight = false;
    if (best.callsRight < wanted.length) score.exact = false;
  }
  return score;
}

interface Assignment {
  callsRight: number;
  argumentsRight: number;
}

/** The assignment of calls to expectations with the most right calls, then the most right arguments. */
function bestAssignment(wanted: ExpectedCall[], calls: Call[]): Assignment {
  const known = new Map<string, Assignment>();
  const from = (index: number, taken: bigint): Assignment => {
    const want = wanted[index];
    if (want === undefined) return { callsRight: 0, argumentsRight: 0 };
    const key = `${index} ${taken}`;
    let best = known.get(key);
    if (best) return best;
    best = from(index + 1, taken); // this expectation is met by no call
    calls.forEach((call, c) => {
      const bit = 1n << BigInt(c);
      if (taken & bit) return;
      const rest = from(index + 1, taken | bit);
      const callsRight = rest.callsRight + (callIsRight(want, call) ? 1 : 0);
      const argumentsRight = rest.argumentsRight + countRight(want, call);
      if (callsRight > best!.callsRight || (callsRight === best!.callsRight && argumentsRight > best!.argumentsRight)) {
        best = { callsRight, argumentsRight };
      }
    });
    known.set(key, best);
    return best;
  };
  return from(0, 0n);
}

function comparedKeys(wanted: ExpectedCall): string[] {
  return [...new Set([...Object.keys(wanted.arguments), ...Object.keys(wanted.acceptable ?? {})])];
}

function countRight(wanted: ExpectedCall, call: Call): number {
  return comparedKeys(wanted).filter((key) => argumentIsRight(wanted, key, call.arguments)).length;
}

function callIsRight(wanted: ExpectedCall, call: Call): boolean {
  const keys = comparedKeys(wanted);
  return keys.every((key) => argumentIsRight(wanted, key, call.arguments)) && Object.keys(call.arguments).every((key) => keys.includes(key));
}

function argumentIsRight({ acceptable, arguments: wanted }: ExpectedCall, key: string, got: Record<string, JsonValue>): boolean {
  const value = Object.hasOwn(got, key) ? got[key] : undefined;
  if (acceptable && Object.hasOwn(acceptable, key)) return matchesAcceptable(acceptable[key]!, value);
  return value !== undefined && isEqual(wanted[key]!, value);
}

/** Equal by value: numbers as numbers, objects in any key order, strings exactly. */
export function isEqual(a: JsonValue, b: JsonValue): boolean {
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => isEqual(item, b[i]!));
  }
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key]!, b[key]!));
  }
  return a === b;
}

/**
 * BFCL's rule. `accepted` is a list of values, each of which is right; "" among them allows the argument to be absent.
 * An object among them is compared key by key, each key with a list of its own.
 */
function matchesAcceptable(accepted: JsonValue, got: JsonValue | undefined): boolean {
  const values = Array.isArray(accepted) ? accepted : [accepted];
  if (got === undefined) return values.includes('');
  return values.some((value) => matchesValue(value, got));
}

function matchesValue(value: JsonValue, got: JsonValue): boolean {
  if (isObject(value) && isObject(got)) {
    return Object.keys(got).every((key) => Object.hasOwn(value, key)) && Object.keys(value).every((key) => matchesAcceptable(value[key]!, got[key]));
  }
  if (Array.isArray(value) && Array.isArray(got)) {
    return value.length === got.length && value.every((item, i) => matchesValue(item, got[i]!));
  }
  return isEqual(standardise(value), standardise(got));
}

/** Strings as BFCL compares them: lower case, without spaces and `,./-_*^`, with " for '. */
function standardise(value: JsonValue): JsonValue {
  return typeof value === 'string' ? value.replaceAll(/[ ,./\-_*^]/g, '').toLowerCase().replaceAll("'", '"') : value;
}

function isObject(value: JsonValue | undefined): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value below which a share of the sorted values lies; 0 of none. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
}
