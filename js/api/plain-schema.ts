// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// The ways to write arguments that are nearly JSON Schema: Needle's flat map, Gemini's Schema, which is OpenAPI's with types
// in capitals and lengths as text, and what schema libraries write that says nothing.
import { asObject, isObject, type Unknown } from './unknown.js';

const typeNames = new Set(['string', 'integer', 'number', 'boolean', 'array', 'object']);

/**
 * Needle's flat form: a map from argument to its schema, or to its type's name. A JSON Schema of an object differs in
 * having a `type` or `properties`, or keywords whose values are neither.
 */
export function isFlat(parameters: unknown): parameters is Unknown {
  if (!isObject(parameters) || typeof parameters['type'] === 'string' || isObject(parameters['properties'])) return false;
  const entries = Object.entries(parameters);
  const isArgument = ([key, value]: [string, unknown]) =>
    !key.startsWith('$') && key !== 'additionalProperties' && (isObject(value) || typeNames.has(String(value).toLowerCase()));
  return entries.length > 0 && entries.every(isArgument);
}

export function schemaOfFlat(parameters: Unknown, path: string): object {
  const properties: [string, unknown][] = []; // set one by one, __proto__ would be no property
  const required: string[] = [];
  for (const [key, value] of Object.entries(parameters)) {
    if (typeof value === 'string') {
      properties.push([key, { type: value.toLowerCase() }]);
      required.push(key);
      continue;
    }
    // `required: true` on an argument is the flat form's own; without it an argument may be left out.
    const { required: isRequired, ...schema } = asObject(value, `${path}.${key}`, 'an argument must be a schema or a type name');
    properties.push([key, isRequired === undefined || typeof isRequired === 'boolean' ? schema : value]);
    if (isRequired === true) required.push(key);
  }
  return { type: 'object', properties: Object.fromEntries(properties), ...(required.length > 0 && { required }) };
}

/** Where Gemini writes an int64, JSON has it as text ("minItems": "1"). */
const lengths = new Set(['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties']);
/** Keywords that hold values, not schemas. */
const values = new Set(['enum', 'const', 'default', 'example', 'examples', 'required']);

/** Keywords that hold schemas by name. */
const maps = new Set(['properties', '$defs', 'definitions']);

/** A schema whose every keyword is changed or dropped (undefined), and never a property that is called as one. */
function mapKeywords(schema: unknown, change: (key: string, value: unknown) => unknown): unknown {
  if (Array.isArray(schema)) return schema.map((member: unknown) => mapKeywords(member, change));
  if (!isObject(schema)) return schema;
  const deeper = (value: unknown) => mapKeywords(value, change);
  const changed = Object.entries(schema).map(([key, value]): [string, unknown] => {
    if (maps.has(key) && isObject(value)) return [key, Object.fromEntries(Object.entries(value).map(([name, member]) => [name, deeper(member)]))];
    const next = change(key, value);
    return [key, values.has(key) ? next : deeper(next)];
  });
  return Object.fromEntries(changed.filter(([, value]) => value !== undefined));
}

/** Gemini's Schema as a JSON Schema: without the order in which it writes properties, and the format that an enum has there. */
export function schemaOfGemini(schema: unknown): unknown {
  return mapKeywords(schema, (key, value) => {
    if (key === 'propertyOrdering' || (key === 'format' && value === 'enum') || (key === 'type' && value === 'TYPE_UNSPECIFIED')) return undefined;
    if (key === 'type' && typeof value === 'string') return value.toLowerCase();
    return lengths.has(key) && typeof value === 'string' ? Number(value) : value;
  });
}

/** A library's JSON Schema without the assertion of its records that keys are strings, which JSON's keys always are. */
export function schemaOfLibrary(schema: object): object {
  const saysNothing = (value: unknown) => isObject(value) && Object.keys(value).length === 1 && value['type'] === 'string';
  return mapKeywords(schema, (key, value) => (key === 'propertyNames' && saysNothing(value) ? undefined : value)) as object;
}
