// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Tools in the forms that other systems use, recognised by their shape and turned into the plain form. Only the
// envelope is changed: what stands in a JSON Schema is for the engine to accept or refuse. Paths in errors are the
// caller's (`tools[0].function.name`).
import { makeError } from '../protocol/errors.js';
import type { Tool } from './types.js';

type Unknown = Record<string, unknown>;

/** All tools of `tools`, in order. */
export function readTools(tools: unknown, path = 'tools'): Tool[] {
  if (Array.isArray(tools)) return tools.flatMap((tool: unknown, index) => readEntry(tool, `${path}[${index}]`));
  const envelope = asObject(tools, path, 'must be an array of tools');
  if (isObject(envelope['result'])) return readTools(envelope['result'], `${path}.result`); // MCP, as JSON-RPC answers
  if (Array.isArray(envelope['tools'])) return readTools(envelope['tools'], `${path}.tools`); // MCP tools/list
  return readEntry(envelope, path);
}

function readEntry(entry: unknown, path: string): Tool[] {
  const tool = asObject(entry, path, 'a tool must be an object');
  for (const key of ['functionDeclarations', 'function_declarations']) {
    const declarations = tool[key]; // Gemini
    if (Array.isArray(declarations)) {
      return declarations.map((declaration: unknown, index) => readGemini(declaration, `${path}.${key}[${index}]`));
    }
  }
  if (tool['type'] === 'function' && isObject(tool['function'])) return [readPlain(tool['function'], `${path}.function`)]; // OpenAI chat
  if ('input_schema' in tool) return [makeTool(tool, tool['input_schema'], path)]; // Anthropic
  if ('inputSchema' in tool) return [makeTool(tool, tool['inputSchema'], path)]; // MCP
  return [readPlain(tool, path)]; // plain, OpenAI responses, flat Needle
}

function readPlain(tool: Unknown, path: string): Tool {
  const { parameters } = tool;
  return makeTool(tool, isFlat(parameters) ? schemaOfFlat(parameters, `${path}.parameters`) : parameters, path);
}

function readGemini(declaration: unknown, path: string): Tool {
  const tool = asObject(declaration, path, 'a function declaration must be an object');
  return makeTool(tool, tool['parametersJsonSchema'] ?? lowerTypes(tool['parameters']), path);
}

function makeTool({ name, description }: Unknown, parameters: unknown, path: string): Tool {
  if (typeof name !== 'string' || name === '') throw makeError('invalid_schema', 'a tool needs a name', { path: `${path}.name` });
  if (description !== undefined && description !== null && typeof description !== 'string') {
    throw makeError('invalid_schema', 'must be a string', { path: `${path}.description` });
  }
  if (parameters !== undefined && parameters !== null && !isObject(parameters)) {
    throw makeError('invalid_schema', 'must be a JSON Schema object', { path: `${path}.parameters` });
  }
  return { name, ...(description ? { description } : {}), ...(parameters ? { parameters } : {}) };
}

const typeNames = new Set(['string', 'integer', 'number', 'boolean', 'array', 'object']);

/**
 * Needle's flat form: a map from argument to its schema, or to its type's name. A JSON Schema of an object differs in
 * having a `type` or `properties`, or keywords whose values are neither.
 */
function isFlat(parameters: unknown): parameters is Unknown {
  if (!isObject(parameters) || typeof parameters['type'] === 'string' || isObject(parameters['properties'])) return false;
  const entries = Object.entries(parameters);
  const isArgument = ([key, value]: [string, unknown]) =>
    !key.startsWith('$') && key !== 'additionalProperties' && (isObject(value) || typeNames.has(String(value).toLowerCase()));
  return entries.length > 0 && entries.every(isArgument);
}

function schemaOfFlat(parameters: Unknown, path: string): object {
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

/** Gemini writes types in capitals ("STRING"). Only values of `type` change, and never a property that is called so. */
function lowerTypes(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(lowerTypes);
  if (!isObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (key === 'type' && typeof value === 'string') return [key, value.toLowerCase()];
      if (key === 'properties' && isObject(value)) {
        return [key, Object.fromEntries(Object.entries(value).map(([name, property]) => [name, lowerTypes(property)]))];
      }
      return [key, key === 'enum' || key === 'default' || key === 'example' ? value : lowerTypes(value)];
    }),
  );
}

function isObject(value: unknown): value is Unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asObject(value: unknown, path: string, message: string): Unknown {
  if (!isObject(value)) throw makeError('invalid_schema', message, { path });
  return value;
}
