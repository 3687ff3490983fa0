// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Types only: what the calls to given tools look like, read off the tools' own types. Where a type does not say (a name
// that is any string, a schema that was not written `as const`), the call's is the general one.
import type { JsonObject, JsonValue, ToolCall } from './types.js';

type Simplify<Type> = { [Key in keyof Type]: Type[Key] } & {};
type IsAny<Type> = 0 extends 1 & Type ? true : false;

type OfType<Type, Schema> = Type extends 'string' ? string
  : Type extends 'integer' | 'number' ? number
  : Type extends 'boolean' ? boolean
  : Type extends 'null' ? null
  : Type extends 'array' ? (Schema extends { readonly items: infer Items } ? FromJsonSchema<Items>[] : JsonValue[])
  : Type extends 'object' ? OfObject<Schema>
  : JsonValue;

type RequiredKeys<Schema, Properties> = Schema extends { readonly required: readonly (infer Key)[] } ? Extract<keyof Properties, Key> : never;

type OfObject<Schema> = Schema extends { readonly properties: infer Properties }
  ? Simplify<
      { -readonly [Key in RequiredKeys<Schema, Properties>]: FromJsonSchema<Properties[Key]> } & {
        -readonly [Key in Exclude<keyof Properties, RequiredKeys<Schema, Properties>>]?: FromJsonSchema<Properties[Key]>;
      }
    >
  : Schema extends { readonly additionalProperties: infer Values extends object } ? { [key: string]: FromJsonSchema<Values> }
  : JsonObject;

type Nullable<Schema> = Schema extends { readonly nullable: true } ? null : never;

/** The values of a JSON Schema that was written `as const`. */
export type FromJsonSchema<Schema> = IsAny<Schema> extends true ? JsonValue
  : Schema extends { readonly const: infer Value } ? Value
  : Schema extends { readonly enum: readonly (infer Value)[] } ? Value | Nullable<Schema>
  : Schema extends { readonly anyOf: readonly (infer Branch)[] } | { readonly oneOf: readonly (infer Branch)[] } ? (Branch extends unknown ? FromJsonSchema<Branch> : never)
  : Schema extends { readonly type: readonly (infer Type)[] } ? (Type extends string ? OfType<Lowercase<Type>, Schema> : never)
  : Schema extends { readonly type: infer Type extends string } ? OfType<Lowercase<Type>, Schema> | Nullable<Schema>
  : Schema extends { readonly properties: object } ? OfObject<Schema>
  : JsonValue;

/**
 * The two sides of a library's schema: what a call's arguments are, and what the tool gets of them. The AI SDK's tools only
 * know the second: their schema is a union of all that a schema may be, and `_type` in it is what is certain.
 */
type Sides<Schema> = [Schema] extends [{ readonly '~standard': { readonly types?: infer Types } }]
  ? NonNullable<Types> extends { readonly input: infer Input; readonly output: infer Output } ? [Input, Output] : never
  : Extract<Schema, { readonly _type: unknown }> extends infer Wrapper ? (Wrapper extends { readonly _type: infer Type } ? [Type, Type] : never) : never;

/** An object whose type was written out, by which its properties are known. */
type IsLiteral<Schema> = Schema extends { readonly type: infer Type } ? (string extends Type ? false : true) : Schema extends { readonly properties: object } ? true : false;

type Arguments<Schema, Side extends 0 | 1> = IsAny<Schema> extends true ? JsonObject
  : [Sides<Schema>] extends [never]
    ? IsLiteral<Schema> extends true ? (FromJsonSchema<Schema> extends infer Type extends object ? Type : JsonObject) : JsonObject
    : Sides<Schema>[Side] extends infer Type extends object ? Type : JsonObject;

/** The arguments of a call to a tool with this schema. */
export type ArgumentsOf<Schema> = Arguments<Schema, 0>;
/** The arguments as the tool's execute gets them: defaults and transforms applied. */
export type ExecuteArgumentsOf<Schema> = Arguments<Schema, 1>;

type SchemaOf<Tool> = Tool extends { readonly inputSchema: infer Schema } ? Schema
  : Tool extends { readonly input_schema: infer Schema } ? Schema
  : Tool extends { readonly parametersJsonSchema: infer Schema } ? Schema
  : Tool extends { readonly parameters: infer Schema } ? Schema
  : Tool extends { readonly schema: infer Schema } ? Schema
  : undefined;

type ResultOf<Tool> = Tool extends { readonly execute: (...args: never[]) => infer Result } ? Finished<Awaited<Result>>
  : Tool extends { readonly invoke: (...args: never[]) => infer Result } ? Awaited<Result>
  : unknown;
/** Of a tool that reports on its way, the last report is the result. */
type Finished<Result> = Result extends AsyncIterable<infer Report> ? Report : Result;

/** What run() leaves in place of a call. */
export type Outcome<Result = unknown> =
  | { status: 'done'; result: Result }
  | { status: 'failed'; error: unknown }
  | { status: 'pending' }; // the tool has no execute: it is the caller's to carry out

interface Pair<Call, Ran> {
  call: Call;
  run: Ran;
}
type PairOf<Name, Tool> = Pair<ToolCall<Name & string, ArgumentsOf<SchemaOf<Tool>>>, ToolCall<Name & string, ArgumentsOf<SchemaOf<Tool>>> & Outcome<ResultOf<Tool>>>;

type General = Pair<ToolCall, ToolCall & Outcome>;

type PairOfEntry<Entry> = IsAny<Entry> extends true ? General
  : Entry extends { readonly functionDeclarations: readonly (infer Declaration)[] } | { readonly function_declarations: readonly (infer Declaration)[] } ? PairOfEntry<Declaration>
  : Entry extends { readonly type: 'function'; readonly function: infer Tool } ? PairOfEntry<Tool>
  : Entry extends { readonly name: infer Name extends string } ? PairOf<Name, Entry>
  : General;

/** Keys that no record of tools has, only a tool or a schema by itself; as isRecordOfTools in tool-formats.ts tells them. */
type PartOfTool = 'inputSchema' | 'input_schema' | 'parametersJsonSchema' | 'parameters' | 'schema' | 'functionDeclarations' | 'function_declarations' | 'function' | 'properties' | '~standard';

type PairOfTools<Tools> = IsAny<Tools> extends true ? General
  : Tools extends readonly (infer Entry)[] ? PairOfEntry<Entry>
  : Tools extends { readonly result: infer Result extends { readonly tools: readonly unknown[] } } ? PairOfTools<Result>
  : Tools extends { readonly tools: readonly (infer Entry)[] } ? PairOfEntry<Entry>
  : Tools extends { readonly name: string } | { readonly type: string } ? PairOfEntry<Tools>
  : Tools extends object ? (string extends keyof Tools ? never : Extract<keyof Tools, PartOfTool> extends never ? PairOfRecord<Tools> : PairOfEntry<Tools>)
  : never;

type PairOfRecord<Tools> = { [Name in keyof Tools]: Tools[Name] extends object ? PairOf<Name, Tools[Name]> : never }[keyof Tools];

type OrGeneral<Found, General> = [Found] extends [never] ? General : Found;

/** A union of the calls that can come of these tools. */
export type CallOf<Tools> = OrGeneral<PairOfTools<Tools>['call'], ToolCall>;
/** A union of the calls that run() of these tools returns, each with what became of it. */
export type RunCallOf<Tools> = OrGeneral<PairOfTools<Tools>['run'], ToolCall & Outcome>;
