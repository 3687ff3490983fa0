// SPDX-License-Identifier: Apache-2.0
// Random tools and requests by a seed, for the property tests: every keyword that the engine enforces, names of every
// style, and requests made of the tools' own words, numbers and whatever else people type.
import type { Tool } from '../../js/api/types.js';

/** Mulberry32: small, and the same everywhere. */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b1);
  }
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let z = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) % bound;
  }
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
  pick<Value>(list: readonly Value[]): Value {
    return list[this.below(list.length)]!;
  }
  shuffled<Value>(list: readonly Value[]): Value[] {
    const rest = [...list];
    return list.map(() => rest.splice(this.below(rest.length), 1)[0]!);
  }
}

type Schema = Record<string, unknown>;

const words = ['lamp', 'kitchen', 'Anna', 'Zürich', '30', '7.5', 'tomorrow', 'red', 'loud', 'x', '日本', '🎉', 'two', 'at noon', 'low', 'A1'];
const verbs = ['set', 'open', 'find', 'send', 'stop', 'book', 'play'];
const nouns = ['light', 'door', 'flight', 'message', 'timer', 'table', 'song'];
const keys = ['room', 'level', 'userId', 'x-y', 'date.of', 'été', 'is_on', 'n', '__proto__', 'constructor', ''];
const patterns = ['^[A-Z][0-9]{1,3}$', '^(low|high)$', '^[^x]*$', '^\\S+$', 'a', '^.{2,5}$', '^\\d+(\\.\\d+)?$', '^$|^none$'];
const formats = ['date', 'time', 'date-time', 'duration', 'email', 'uri', 'uuid', 'ipv4'];
const lists = [['low', 'high'], ['a', 'a b', 'ab'], [1, 2.5, 10], [true, null, 'x'], ['été', '🎉'], ['', ' x ']];

export function randomTools(random: Random): Tool[] {
  const tools = new Map<string, Tool>();
  for (let count = 1 + random.below(5); count > 0; count--) {
    const join = random.pick(['_', '-', '.', ' ', '']);
    const noun = random.pick(nouns);
    const name = `${random.pick(verbs)}${join}${join ? noun : noun[0]!.toUpperCase() + noun.slice(1)}`;
    tools.set(name, { name, description: random.chance(70) ? `To ${name}, ${random.pick(words)}` : '', parameters: objectOf(random, 0) });
  }
  return [...tools.values()];
}

export function randomQuery(random: Random): string {
  return Array.from({ length: 1 + random.below(8) }, () => random.pick(random.pick([verbs, nouns, words, words]))).join(' ');
}

function valueOf(random: Random, depth: number): Schema {
  const kind = random.below(depth < 2 ? 11 : 7);
  if (kind < 2) return stringOf(random);
  if (kind < 4) return numberOf(random);
  if (kind === 4) return { enum: random.pick(lists) };
  if (kind === 5) return random.pick<Schema>([{ type: 'boolean' }, { type: ['boolean', 'null'] }, { const: random.pick(['on', 3, false]) }]);
  if (kind === 6) return { type: ['string', 'integer'] };
  if (kind === 7) return arrayOf(random, depth);
  if (kind === 8) return objectOf(random, depth + 1);
  if (kind === 9) return { anyOf: [valueOf(random, depth + 1), valueOf(random, depth + 1)] };
  return { allOf: [stringOf(random), { minLength: 1, maxLength: 9 }] };
}

function stringOf(random: Random): Schema {
  const low = random.below(3);
  return {
    type: 'string',
    ...(random.chance(30) ? { pattern: random.pick(patterns) } : random.chance(30) ? { format: random.pick(formats) } : {}),
    ...(random.chance(25) && { minLength: low }),
    ...(random.chance(25) && { maxLength: low + random.below(12) }),
  };
}

function numberOf(random: Random): Schema {
  const isWhole = random.chance(50);
  const low = random.below(200) - 100 + (isWhole ? 0 : 0.25);
  return {
    type: isWhole ? 'integer' : 'number',
    ...(random.chance(40) && { [random.pick(['minimum', 'exclusiveMinimum'])]: low }),
    ...(random.chance(40) && { [random.pick(['maximum', 'exclusiveMaximum'])]: low + random.below(50) }),
    ...(random.chance(20) && { multipleOf: isWhole ? random.pick([1, 2, 7]) : 0.5 }),
  };
}

function arrayOf(random: Random, depth: number): Schema {
  const low = random.below(3);
  return {
    type: 'array',
    items: valueOf(random, depth + 1),
    ...(random.chance(30) && { minItems: low }),
    ...(random.chance(50) ? { maxItems: low + random.below(3) } : random.chance(40) && { uniqueItems: true }),
  };
}

function objectOf(random: Random, depth: number): Schema {
  const properties: [string, Schema][] = random.shuffled(keys).slice(0, random.below(5)).map((key) => [key, valueOf(random, depth)]);
  return {
    type: 'object',
    properties: Object.fromEntries(properties), // own members, __proto__ as well
    required: properties.map(([key]) => key).filter(() => random.chance(40)),
    // Ajv takes a property called __proto__ for an additional one.
    ...(random.chance(20) && !properties.some(([key]) => key === '__proto__') && { additionalProperties: false }),
  };
}
