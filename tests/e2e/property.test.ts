// SPDX-License-Identifier: Apache-2.0
// What the package guarantees whatever the network says: random tools and requests, asked of the released model and of
// one whose weights are random, judged by Ajv. The random weights choose among all that the grammar allows, which the
// released model would never come to.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RouteResult, Tool } from '../../js/api/types.js';
import { hasModel, hasNode24, node24, root } from './built.js';
import { Random, randomQuery, randomTools } from './random-tools.js';
import { withoutTimings } from './suite.js';

type Package = typeof import('../../js/entry/node.js');
type Router = Awaited<ReturnType<Package['ToolRouter']['load']>>;
type Outcome = RouteResult | { code: string; path: string };

const count = Number(process.env['NEEDLE_PROPERTY_CASES'] ?? 40);
const timeout = 600_000 + 1_000 * count; // a case is a handful of routes, some of them long, on a machine that may be busy
const date = '2026-11-21T08:30:00+01:00';
const tiny = `${root}/tests/golden/model_tiny.safetensors`;

const ajv = new Ajv2020({ strict: false, allErrors: true, ownProperties: true });
(formats as unknown as (judge: Ajv2020) => void)(ajv);

interface Case {
  tools: Tool[];
  query: string;
  judges: Map<string, ValidateFunction>;
}

function caseOf(seed: number): Case {
  const random = new Random(seed);
  const tools = randomTools(random);
  return { tools, query: randomQuery(random), judges: new Map(tools.map(({ name, parameters }) => [name, ajv.compile(parameters!)])) };
}

/** The result, or the code and path of a typed error. */
async function ask(router: Router, tools: Tool[], query: string, options = {}): Promise<Outcome> {
  try {
    return await router.route(query, tools, { facts: { date }, ...options });
  } catch (error) {
    const { code, path } = error as { code: string; path: string };
    expect(code, String(error)).toMatch(/^(invalid_schema|unsupported_schema|truncated)$/);
    if (code !== 'truncated') expect(path).toMatch(/^tools\[\d\]\.parameters/);
    return { code, path };
  }
}

function checkCalls({ tools, query, judges }: Case, { calls, type, partial, missing = [] }: RouteResult): void {
  expect(calls.length > 0).toBe(type === 'call');
  for (const { name, arguments: values, evidence } of calls) {
    const judge = judges.get(name)!;
    expect(judge(values), `${JSON.stringify(values)} for ${JSON.stringify(tools)}: ${ajv.errorsText(judge.errors)}`).toBe(true);
    for (const [key, [start, end]] of Object.entries(evidence)) {
      expect(Object.hasOwn(values, key)).toBe(true);
      expect(query.slice(start, end)).not.toBe('');
    }
  }
  if (type !== 'incomplete') return;
  const { properties, required } = tools.find(({ name }) => name === partial!.name)!.parameters as { properties: object; required: string[] };
  expect(missing.length).toBeGreaterThan(0);
  for (const key of missing) expect(Object.hasOwn(partial!.arguments, key)).toBe(false);
  // What is there is valid: with the missing keys no longer required, the whole is.
  const judge = ajv.compile({ type: 'object', properties, required: required.filter((key) => !missing.includes(key)) });
  expect(judge(partial!.arguments), `${JSON.stringify(partial)}: ${ajv.errorsText(judge.errors)}`).toBe(true);
}

const decided = (outcome: Outcome) => ('code' in outcome ? outcome : { type: outcome.type, calls: outcome.calls, confidence: outcome.confidence, missing: outcome.missing });
const isAnswer = (outcome: Outcome): outcome is RouteResult => !('code' in outcome);

describe.skipIf(!hasModel).each([['the released model', undefined], ['random weights', tiny]])('%s', (_, modelUrl) => {
  let router: Router;
  let refused = 0;
  beforeAll(async () => {
    const { ToolRouter } = (await import(`${root}/dist/entry/node.js`)) as Package;
    router = await ToolRouter.load({ modelUrl });
  });
  afterAll(() => router.dispose());

  test(`every answer to ${count} random questions validates, and keeps to what toolChoice asks`, { timeout }, async () => {
    let calls = 0;
    for (let seed = 0; seed < count; seed++) {
      const one = caseOf(seed);
      const auto = await ask(router, one.tools, one.query);
      if (isAnswer(auto)) checkCalls(one, auto);
      else if (auto.code !== 'truncated') refused++;
      const required = await ask(router, one.tools, one.query, { toolChoice: 'required', maxCalls: 2 });
      if (isAnswer(required)) {
        checkCalls(one, required);
        expect(required.type).not.toBe('none');
        expect(required.calls.length).toBeLessThanOrEqual(2);
        calls += required.calls.length;
      }
      const none = await ask(router, one.tools, one.query, { toolChoice: 'none' });
      if (isAnswer(none)) expect(none).toMatchObject({ type: 'none', calls: [], confidence: 1 });
      const { name } = one.tools[0]!;
      const named = await ask(router, one.tools, one.query, { toolChoice: { name } });
      if (isAnswer(named)) {
        checkCalls(one, named);
        expect(new Set([name, ...named.calls.map((call) => call.name), named.partial?.name ?? name]).size).toBe(1);
      }
    }
    expect(refused).toBeLessThan(count / 2); // random schemas contradict themselves, most do not
    expect(calls).toBeGreaterThan(count / 5);
  });

  test('the order of tools and of keys changes nothing', { timeout }, async () => {
    const reordered = (random: Random, value: unknown): unknown => {
      if (Array.isArray(value)) return value.map((item) => reordered(random, item));
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(random.shuffled(Object.entries(value)).map(([key, member]) => [key, reordered(random, member)]));
    };
    for (let seed = 0; seed < count / 3; seed++) {
      const { tools, query } = caseOf(seed);
      const random = new Random(seed + 1e6);
      const other = random.shuffled(tools).map((tool) => reordered(random, tool)) as Tool[];
      const [a, b] = [await ask(router, tools, query), await ask(router, other, query)];
      if (isAnswer(a) || isAnswer(b)) expect(decided(b), JSON.stringify({ tools, query })).toEqual(decided(a));
    }
  });

  test('50 concurrent routes answer as they do alone', { timeout }, async () => {
    const cases = Array.from({ length: 50 }, (_unused, seed) => caseOf(seed));
    const together = await Promise.all(cases.map(({ tools, query }) => ask(router, tools, query)));
    for (const [seed, { tools, query }] of cases.entries()) {
      const alone = await ask(router, tools, query);
      const plain = (outcome: Outcome) => (isAnswer(outcome) ? withoutTimings(outcome) : outcome);
      expect(plain(together[seed]!)).toEqual(plain(alone));
    }
  });
});

describe.skipIf(!hasModel)('every build', () => {
  const folder = mkdtempSync(join(tmpdir(), 'needle-property-'));
  const file = join(folder, 'cases.jsonl');
  const linesOf = (program: string, args: string[], input?: string) => {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: 'utf8', input, maxBuffer: 1 << 28 });
    expect(status, stderr).toBe(0);
    return stdout.split('\n').filter(Boolean);
  };
  let natively: string[];
  beforeAll(() => {
    const cases = Array.from({ length: count }, (_, seed) => caseOf(seed));
    writeFileSync(file, cases.map(({ tools, query }) => JSON.stringify({ query, tools })).join('\n'));
    natively = linesOf(`${root}/build/release/route_lines`, [tiny], readFileSync(file, 'utf8')).map((line) => {
      const { error, ...result } = JSON.parse(line) as { error?: { code: string; path: string } };
      return JSON.stringify(error ? { code: error.code, path: error.path } : result);
    });
  }, timeout);
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(['simd', 'simd-mt'])('answers with the same bytes natively and in %s', { timeout }, (variant) => {
    expect(natively).toHaveLength(count);
    expect(linesOf(process.execPath, ['tests/e2e/route-all.mjs', variant, file, tiny])).toEqual(natively);
  });

  test.skipIf(!hasNode24).each(['relaxed', 'relaxed-mt'])('and in %s', { timeout }, (variant) => {
    expect(linesOf(node24, ['tests/e2e/route-all.mjs', variant, file, tiny])).toEqual(natively);
  });
});
