// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// The two ways to write arguments that are nearly JSON Schema: Needle's flat map, and Gemini's Schema, which is OpenAPI's
// with types in capitals and lengths as text.
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
  const properties: Unknown = {};
  const required: string[] = [];
  for (const [key, value] of Object.entries(parameters)) {
    if (typeof value === 'string') {
      properties[key] = { type: value.toLowerCase() };
      required.push(key);
      continue;
    }
    // `required: true` on an argument is the flat form's own; without it an argument may be left out.
    const { required: isRequired, ...schema } = asObject(value, `${path}.${key}`, 'an argument must be a schema or a type name');
    properties[key] = isRequired === undefined || typeof isRequired === 'boolean' ? schema : value;
    if (isRequired === true) required.push(key);
  }
  return { type: 'object', properties, ...(required.length > 0 && { required }) };
}

/** Where Gemini writes an int64, JSON has it as text ("minItems": "1"). */
const lengths = new Set(['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties']);
/** Keywords that hold values, not schemas. */
const values = new Set(['enum', 'const', 'default', 'example', 'examples', 'required']);

/** Gemini's Schema as a JSON Schema. Only values of keywords change, and never a property that is called as one. */
export function schemaOfGemini(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(schemaOfGemini);
  if (!isObject(schema)) return schema;
  return Object.fromEntries(Object.entries(schema).filter(([key, value]) => !saysNothing(key, value)).map(([key, value]) => [key, keywordOfGemini(key, value)]));
}

/** The order in which Gemini writes properties, the format that an enum has there, and a type left open. */
function saysNothing(key: string, value: unknown): boolean {
  return key === 'propertyOrdering' || (key === 'format' && value === 'enum') || (key === 'type' && value === 'TYPE_UNSPECIFIED');
}

function keywordOfGemini(key: string, value: unknown): unknown {
  if (key === 'type' && typeof value === 'string') return value.toLowerCase();
  if (lengths.has(key) && typeof value === 'string') return Number(value);
  if (key === 'properties' && isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, property]) => [name, schemaOfGemini(property)]));
  }
  return values.has(key) ? value : schemaOfGemini(value);
}
