// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// The schema of a tool's arguments, however it is written, as a JSON Schema: a JSON Schema itself or its text, a schema
// of a library (Zod, Valibot, ArkType, by the Standard Schema interface, which asks for no import of theirs), or the AI
// SDK's wrapper. What checks and transforms arguments is kept beside it, for run().
import { makeError } from '../protocol/errors.js';
import { schemaOfLibrary } from './plain-schema.js';
import { guarded, isObject, type Unknown } from './unknown.js';

/** Turns a schema of a library that cannot do it by itself into a JSON Schema: at once, so the type excludes promises. */
export type ToJsonSchema = (schema: never) => object & { [Symbol.toStringTag]?: never }; // `then` is a keyword of JSON Schema

/** The arguments as the tool's own schema makes of them, defaults and transforms applied; throws if they are not valid. */
export type Validate = (value: unknown) => Promise<unknown>;

export interface ReadSchema {
  jsonSchema?: unknown;
  validate?: Validate;
}

interface StandardSchema {
  readonly '~standard': {
    readonly vendor: string;
    readonly validate?: (value: unknown) => unknown;
    readonly jsonSchema?: { input(options: { target: string }): object };
  };
}

interface Issue {
  message?: string;
  path?: readonly unknown[];
}

const aiSdkSchema = Symbol.for('vercel.ai.schema');

/** Every library that has the interface writes at least one of them. */
const targets = ['draft-2020-12', 'draft-07'];

/**
 * @throws NeedleError `unsupported_schema` if a library's schema has no JSON Schema, `invalid_json` for a broken text,
 *   `invalid_schema` for one that throws when it is read
 */
export function readSchema(schema: unknown, path: string, toJsonSchema?: ToJsonSchema): ReadSchema {
  return guarded(path, () => readForm(schema, path, toJsonSchema), 'invalid_schema');
}

function readForm(schema: unknown, path: string, toJsonSchema?: ToJsonSchema): ReadSchema {
  if (schema === undefined || schema === null) return {};
  if (isStandardSchema(schema)) return { jsonSchema: convert(schema, path, toJsonSchema), ...standardValidate(schema) };
  if (typeof schema === 'function') return readForm((schema as () => unknown)(), path, toJsonSchema); // the AI SDK's lazySchema
  if (typeof schema === 'string') return { jsonSchema: parseText(schema, path) };
  if (isObject(schema) && aiSdkSchema in schema) return readAiSdk(schema, path);
  if (isPromise(schema)) throw makeError('unsupported_schema', 'is a promise: pass what it comes to', { path });
  return { jsonSchema: schema };
}

export function isStandardSchema(value: unknown): value is StandardSchema {
  return ((typeof value === 'object' && value !== null) || typeof value === 'function') && isObject((value as Unknown)['~standard']);
}

/** A promise, which passes for an object without keywords. */
const isPromise = (value: unknown) => typeof (value as { then?: unknown } | null)?.then === 'function';

function convert(schema: StandardSchema, path: string, toJsonSchema: ToJsonSchema | undefined): object {
  const { vendor, jsonSchema } = schema['~standard'];
  const own = (schema as { toJsonSchema?: unknown }).toJsonSchema; // ArkType before it had the interface
  const ways: (() => unknown)[] = jsonSchema
    ? targets.map((target) => () => jsonSchema.input({ target }))
    : typeof own === 'function' ? [() => own.call(schema)] : [];
  if (toJsonSchema) ways.push(() => toJsonSchema(schema as never));
  let cause: unknown;
  for (const way of ways) {
    try {
      const converted = way();
      if (isObject(converted) && !isPromise(converted)) return schemaOfLibrary(converted);
      cause ??= new TypeError(`the converter returned ${isPromise(converted) ? 'a promise' : 'no object'}`);
    } catch (error) {
      cause ??= error; // the first target is the one whose complaint says what is wrong with the schema
    }
  }
  const why = ways.length === 0
    ? 'the library does not write JSON Schemas by itself here: load the router with toJsonSchema'
    : (cause as Error | undefined)?.message ?? String(cause);
  throw makeError('unsupported_schema', `the ${vendor} schema cannot become a JSON Schema: ${why}`, { path, cause });
}

function standardValidate(schema: StandardSchema): Pick<ReadSchema, 'validate'> {
  const { validate } = schema['~standard'];
  if (!validate) return {};
  return {
    async validate(value) {
      const result = (await validate(value)) as { value?: unknown; issues?: readonly Issue[] };
      if (result.issues) throw refusal(result.issues);
      return result.value;
    },
  };
}

function readAiSdk(schema: Unknown, path: string): ReadSchema {
  const { jsonSchema, validate } = schema as { jsonSchema: unknown; validate?: (value: unknown) => unknown };
  if (isPromise(jsonSchema)) {
    throw makeError('unsupported_schema', 'its JSON Schema is still loading: pass jsonSchema(await schema.jsonSchema)', { path });
  }
  if (!validate) return { jsonSchema };
  return {
    jsonSchema,
    async validate(value) {
      const result = (await validate(value)) as { success: boolean; value?: unknown; error?: Error };
      if (!result.success) throw makeError('invalid_argument', result.error?.message ?? 'the arguments are not valid', { cause: result.error });
      return result.value;
    },
  };
}

function parseText(text: string, path: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch (cause) {
    throw makeError('invalid_json', `is not a JSON Schema: ${(cause as Error).message}`, { path, cause });
  }
}

function refusal(issues: readonly Issue[]): Error {
  const [issue] = issues;
  const path = (issue?.path ?? []).map((step) => String(isObject(step) ? step['key'] : step)).join('.');
  return makeError('invalid_argument', issue?.message ?? 'the arguments are not valid', { path, cause: issues });
}
