// SPDX-License-Identifier: Apache-2.0
// Runs in: both
import type { ExecuteOptions } from './execute.js';
import type { ExecuteArgumentsOf } from './infer.js';

/** A tool whose execute is typed by its schema. */
export interface TypedTool<Name extends string, Parameters, Result> {
  name: Name;
  description?: string;
  /** A JSON Schema, or a schema of Zod, ArkType, Valibot and others that follow Standard JSON Schema. */
  parameters: Parameters;
  execute?: (args: ExecuteArgumentsOf<Parameters>, options: ExecuteOptions) => Result;
}

/**
 * Returns the tool as it is; the use is in the types: `execute` gets arguments typed by `parameters`, and calls to it
 * are typed by its name and schema without `as const`.
 * @example tool({ name: 'set_light', parameters: { type: 'object', properties: { room: { type: 'string' } } }, execute: ({ room }) => … })
 */
export function tool<const Name extends string, const Parameters, Result>(definition: TypedTool<Name, Parameters, Result>): Required<Pick<TypedTool<Name, Parameters, Result>, 'execute'>> & TypedTool<Name, Parameters, Result>;
export function tool(definition: unknown): unknown {
  return definition;
}
