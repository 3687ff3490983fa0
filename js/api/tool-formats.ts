// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Tools in the forms that other systems use, recognised by their shape and turned into the plain form. Only the
// envelope is changed: what stands in a JSON Schema is for the engine to accept or refuse. Paths in errors are the
// caller's (`tools[0].function.name`). What carries a tool out is kept beside its plain form, for run().
import { makeError } from '../protocol/errors.js';
import { appliesSchema, executeOf, type Execute } from './execute.js';
import { isFlat, schemaOfFlat, schemaOfGemini } from './plain-schema.js';
import { isStandardSchema, readSchema, type ToJsonSchema, type Validate } from './schemas.js';
import type { Tool } from './types.js';
import { asObject, guarded, isObject, memberPath, type Unknown } from './unknown.js';

/** A tool in the plain form, with where the caller wrote it and what runs it. */
export interface ReadTool {
  tool: Tool;
  /** The tool and its schema in what the caller passed (`tools[2].function`, `tools[2].function.parameters`). */
  path: string;
  schemaPath: string;
  execute?: Execute;
  validate?: Validate;
}

/**
 * All tools of `tools`, in order.
 * @throws NeedleError `invalid_schema`, `unsupported_schema`, `invalid_json`, each with the path to the fault
 */
export function readTools(tools: unknown, path = 'tools', toJsonSchema?: ToJsonSchema): ReadTool[] {
  return guarded(path, () => readList(tools, path, toJsonSchema), 'invalid_schema');
}

function readList(tools: unknown, path: string, toJsonSchema?: ToJsonSchema): ReadTool[] {
  // Array.from, because flatMap() and map() pass over what a sparse array lacks.
  if (Array.isArray(tools)) return Array.from(tools, (tool: unknown, index) => readEntry(tool, `${path}[${index}]`, { toJsonSchema })).flat();
  if (isStandardSchema(tools)) return readEntry(tools, path, { toJsonSchema });
  const envelope = asObject(tools, path, 'must be tools: an array of them, or an object of them by name');
  const { result } = envelope;
  if (isObject(result) && Array.isArray(result['tools'])) return readList(result, `${path}.result`, toJsonSchema); // MCP, as JSON-RPC answers
  if (Array.isArray(envelope['tools'])) return readList(envelope['tools'], `${path}.tools`, toJsonSchema); // MCP tools/list
  if (!isRecordOfTools(envelope)) return readEntry(envelope, path, { toJsonSchema });
  return Object.entries(envelope).flatMap(([name, tool]) => readEntry(tool, memberPath(path, name), { name, toJsonSchema }));
}

/** The tools as the engine takes them. */
export function plainTools(tools: readonly ReadTool[]): Tool[] {
  return tools.map(({ tool }) => tool);
}

/** Of the caller's words, what a tool may be made of. */
interface Given {
  /** The key of a record of tools, which is the tool's name there. */
  name?: string;
  toJsonSchema?: ToJsonSchema | undefined;
}

const schemaKeys = ['inputSchema', 'input_schema', 'parametersJsonSchema', 'parameters', 'schema'] as const;
const envelopeKeys = ['functionDeclarations', 'function_declarations'] as const;

/** Tools by name, as the AI SDK has them: every member is a tool, and none is a part of one. */
function isRecordOfTools(value: Unknown): boolean {
  const parts = [...schemaKeys, ...envelopeKeys, 'function', 'properties'];
  const isTool = (member: unknown) =>
    isStandardSchema(member) || (isObject(member) && [...schemaKeys, 'execute', 'description', 'type'].some((key) => key in member));
  const members = Object.entries(value);
  return members.length > 0 && members.every(([key, member]) => !parts.includes(key) && isTool(member));
}

function readEntry(entry: unknown, path: string, given: Given): ReadTool[] {
  return guarded(path, () => readForm(entry, path, given), 'invalid_schema');
}

function readForm(entry: unknown, path: string, given: Given): ReadTool[] {
  if (isStandardSchema(entry)) return [readSchemaAsTool(entry, path, given)];
  const tool = asObject(entry, path, 'a tool must be an object');
  for (const key of envelopeKeys) {
    const declarations = tool[key]; // Gemini
    if (Array.isArray(declarations)) {
      return Array.from(declarations, (declaration: unknown, index) => {
        const place = `${path}.${key}[${index}]`;
        return guarded(place, () => readGemini(declaration, place, given), 'invalid_schema');
      });
    }
  }
  if (isObject(tool['function']) && 'name' in tool['function']) return [readPlain(tool['function'], `${path}.function`, given, tool)]; // OpenAI chat
  if (isJsonSchema(tool)) return [readSchemaAsTool(tool, path, given)];
  refuseProviderTool(tool, path);
  return [readPlain(tool, path, given)]; // plain, OpenAI responses, Anthropic, MCP, AI SDK, LangChain, WebMCP, flat Needle
}

const isJsonSchema = (value: Unknown) => value['type'] === 'object' && typeof value['name'] !== 'string';

/** A schema that is a tool by itself: its title is the name. */
function readSchemaAsTool(schema: unknown, path: string, { name, toJsonSchema }: Given): ReadTool {
  const { jsonSchema, ...read } = readSchema(schema, path, toJsonSchema);
  const { title, description } = asObject(jsonSchema, path, 'must be a JSON Schema');
  if (name === undefined && typeof title !== 'string') throw makeError('invalid_schema', 'a schema that is a tool by itself needs a title, its name', { path: `${path}.title` });
  return { ...makeTool({ name: name ?? title, description }, jsonSchema, path, path), ...read };
}

/** Tools that only their provider can run have nothing for a router to fill in. */
function refuseProviderTool(tool: Unknown, path: string): void {
  const { type } = tool;
  const hasSchema = schemaKeys.some((key) => tool[key] !== undefined);
  if (type === 'provider' || type === 'provider-defined' || (typeof type === 'string' && !hasSchema && !['function', 'dynamic'].includes(type))) {
    throw makeError('unsupported_schema', `a tool of type '${type}' is its provider's own and cannot be called from here`, { path: `${path}.type` });
  }
  const hosted = Object.keys(tool);
  if (hosted.length === 1 && isObject(tool[hosted[0]!]) && !schemaKeys.includes(hosted[0] as never)) { // Gemini: { googleSearch: {} }
    throw makeError('unsupported_schema', `'${hosted[0]}' is its provider's own tool and cannot be called from here`, { path: `${path}.${hosted[0]}` });
  }
}

function readPlain(tool: Unknown, path: string, { name = tool['name'] as string, toJsonSchema }: Given, outer = tool): ReadTool {
  const key = schemaKeys.find((candidate) => tool[candidate] !== undefined && tool[candidate] !== null) ?? 'parameters';
  const schemaPath = `${path}.${key}`;
  const { jsonSchema, validate } = readSchema(tool[key], schemaPath, toJsonSchema);
  const parameters = key === 'parameters' && isFlat(jsonSchema) ? schemaOfFlat(jsonSchema, schemaPath) : jsonSchema;
  const execute = executeOf(outer);
  return { ...makeTool({ name, description: tool['description'] }, parameters, path, schemaPath), ...(execute && { execute }), ...(validate && !appliesSchema(outer) && { validate }) };
}

function readGemini(declaration: unknown, path: string, { toJsonSchema }: Given): ReadTool {
  const tool = asObject(declaration, path, 'a function declaration must be an object');
  return readPlain({ ...tool, parameters: schemaOfGemini(tool['parameters']) }, path, { toJsonSchema });
}

function makeTool({ name, description }: Unknown, parameters: unknown, path: string, schemaPath: string): ReadTool {
  if (typeof name !== 'string' || name === '') throw makeError('invalid_schema', 'a tool needs a name', { path: `${path}.name` });
  if (description !== undefined && description !== null && typeof description !== 'string') {
    throw makeError('invalid_schema', 'must be a string', { path: `${path}.description` });
  }
  if (parameters !== undefined && parameters !== null && !isObject(parameters)) {
    throw makeError('invalid_schema', 'must be a JSON Schema object', { path: schemaPath });
  }
  return { tool: { name, ...(description ? { description } : {}), ...(parameters ? { parameters } : {}) }, path, schemaPath };
}
