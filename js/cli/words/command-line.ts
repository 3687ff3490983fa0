// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// A program's command line as data: which commands it has and what each takes. The readers beside this file make it from
// commander, yargs, parseArgs or a help text; here it becomes tools for the router, and a call becomes an argv again.
// Pure functions; nothing here runs a program.
import type { JsonObject, JsonValue, Tool } from '../../entry/node.js';
import { makeError } from '../../protocol/errors.js';

export interface CommandLine {
  /** What the program is called by: `mytool`. */
  name: string;
  /** How it is started, where that is more than its name: `node pix.mjs`. */
  invocation?: string;
  commands: Command[];
  /** Whether operands may stand behind `--`, so that they can begin with a dash. yargs does not find them there. */
  hasSeparator: boolean;
}

export interface Command {
  /** The words that choose it: `['remote', 'add']`; empty for a program that has only one thing to do. */
  path: string[];
  description: string;
  parameters: Parameter[];
}

export interface Parameter {
  /** Its name as an argument of the tool. */
  key: string;
  description: string;
  /** JSON Schema of one value. */
  schema: JsonObject;
  isRequired: boolean;
  /** Takes several values. */
  isList: boolean;
  spelling: Spelling;
  /** How many words of the command's path stand before it. Options of the program itself have 0. */
  level: number;
}

/** How a value is written on the command line: by its place, as one word `prefix + value`, or by a flag's being there. */
export type Spelling =
  | { kind: 'operand' }
  | { kind: 'value'; prefix: string }
  | { kind: 'flag'; on: string; off?: string };

/** What a reader can be told beyond what the definitions hold. Names are `width`, or `resize width` for one command's. */
export interface ReadOptions {
  /** Commands and parameters that words never reach. Of several operands, only the last ones. */
  hide?: readonly string[];
  /** Schemas of values, for what the definitions cannot say: `{ width: { type: 'integer', minimum: 1 } }`. */
  schemas?: Record<string, JsonObject>;
}

/** Commands and flags that are left out without being asked: they show something and do nothing. */
const ownNames = new Set(['help', 'version', 'completion', 'completions', 'h', 'V']);

/** The last step of every reader: hides, overrides schemas, and gives each parameter of a command a key of its own. */
export function finishCommandLine(read: CommandLine, { hide = [], schemas = {} }: ReadOptions): CommandLine {
  const unknown = new Set([...hide, ...Object.keys(schemas)]);
  const isNamed = (names: readonly string[], path: string[], key?: string) => {
    const own = key === undefined ? [path.join(' ')] : [key, [...path, key].join(' ')];
    own.forEach((name) => unknown.delete(name));
    return own.find((name) => names.includes(name));
  };
  const commands = read.commands.flatMap((command) => {
    const { path } = command;
    if (path.some((word) => ownNames.has(word))) return [];
    const isHidden = path.length > 0 && isNamed(hide, path) !== undefined;
    const parameters = command.parameters.flatMap((parameter) => {
      const { key, spelling } = parameter;
      if ((spelling.kind === 'flag' && ownNames.has(key)) || isNamed(hide, path, key) !== undefined) return [];
      const override = isNamed(Object.keys(schemas), path, key);
      return [override === undefined ? parameter : { ...parameter, schema: schemas[override]! }];
    });
    if (isHidden) return [];
    checkOperands(command, parameters);
    return [{ ...command, parameters: withUniqueKeys(parameters) }];
  });
  const [name] = unknown;
  if (name !== undefined) throw makeError('invalid_argument', `there is no '${name}' on this command line`, { path: 'options' });
  if (commands.length === 0) throw makeError('invalid_argument', 'the command line has no command that words could reach', { path: 'options' });
  return { ...read, commands };
}

/** Operands are told apart by their places alone: of several, only the last ones can be hidden. */
function checkOperands({ parameters }: Command, left: Parameter[]): void {
  const keysOf = (some: Parameter[]) => some.filter(({ spelling }) => spelling.kind === 'operand').map(({ key }) => key);
  const kept = keysOf(left);
  const hidden = keysOf(parameters).find((key, index) => index < kept.length && key !== kept[index]);
  if (hidden !== undefined) throw makeError('invalid_argument', `the operand behind '${hidden}' would take its place: hide that as well, or the command`, { path: 'options' });
}

function withUniqueKeys(parameters: Parameter[]): Parameter[] {
  const taken = new Set<string>();
  return parameters.map((parameter) => {
    let { key } = parameter;
    for (let n = 2; taken.has(key); n++) key = `${parameter.key} ${n}`;
    taken.add(key);
    return { ...parameter, key };
  });
}

/** One tool for each command, in their order. */
export function toTools({ name, commands }: CommandLine): Tool[] {
  return commands.map((command) => ({ name: toolName(name, command), description: command.description, parameters: toSchema(command) }));
}

export function findCommand({ name, commands }: CommandLine, tool: string): Command {
  const command = commands.find((candidate) => toolName(name, candidate) === tool);
  if (!command) throw makeError('not_found', `the command line has no '${tool}'`, { path: tool });
  return command;
}

function toolName(program: string, { path }: Command): string {
  return path.length > 0 ? path.join(' ') : program;
}

/** The JSON Schema of a command's arguments. */
export function toSchema({ parameters }: Command): JsonObject {
  const properties: JsonObject = {};
  for (const { key, description, schema, isList } of parameters) {
    properties[key] = { ...(isList ? { type: 'array', items: schema, minItems: 1 } : schema), ...(description && { description }) };
  }
  return { type: 'object', properties, required: parameters.filter(({ isRequired }) => isRequired).map(({ key }) => key), additionalProperties: false };
}

/** The operands without a value that stand before one with a value, which would take the place of the first of them. */
export function skippedOperands({ parameters }: Command, args: JsonObject): Parameter[] {
  const operands = parameters.filter(({ spelling }) => spelling.kind === 'operand');
  const isGiven = ({ key }: Parameter) => args[key] !== undefined && args[key] !== null;
  return operands.slice(0, operands.findLastIndex(isGiven) + 1).filter((operand) => !isGiven(operand));
}

/**
 * The argv of a call, without the program: `['resize', '--width=800', 'photo.png']`. A value is always one word with its
 * option, and operands that could be read as options stand behind `--`: no value can become an option.
 * @throws NeedleError `invalid_argument` for a value that no argv can hold, and for an operand that is left out before another
 * @example toArgv(commandLine, command, { width: 800, file: 'photo.png' });
 */
export function toArgv({ hasSeparator }: CommandLine, command: Command, args: JsonObject): string[] {
  const { path, parameters } = command;
  const [skipped] = skippedOperands(command, args);
  if (skipped) throw makeError('invalid_argument', 'the operand behind it would take its place', { path: skipped.key });
  const given = parameters.filter(({ key }) => args[key] !== undefined && args[key] !== null);
  const spelt = (some: Parameter[]) => some.flatMap((parameter) => spell(parameter, args[parameter.key]!));
  const operands = given.filter(({ spelling }) => spelling.kind === 'operand').flatMap(({ key }) => wordsOf(args[key]!, key));
  const dashed = operands.find((word) => word.startsWith('-'));
  if (!hasSeparator) {
    if (dashed !== undefined) throw makeError('invalid_argument', `this program takes no operand that begins with a dash: '${dashed}'`, { path: path.join(' ') });
    return [...path, ...operands, ...spelt(given)]; // in this order, because a list's option takes all that follows
  }
  const optionsAt = (level: number) => spelt(given.filter((parameter) => parameter.level === level));
  const commands = path.flatMap((word, level) => [...optionsAt(level), word]);
  const couldBeMistaken = dashed !== undefined || given.some(({ spelling, isList }) => isList && spelling.kind === 'value');
  return [...commands, ...optionsAt(path.length), ...(couldBeMistaken && operands.length > 0 ? ['--'] : []), ...operands];
}

function spell({ spelling, key }: Parameter, value: JsonValue): string[] {
  if (spelling.kind === 'operand') return [];
  if (spelling.kind === 'value') return wordsOf(value, key).map((word) => spelling.prefix + word);
  if (value === true) return [spelling.on];
  return spelling.off === undefined ? [] : [spelling.off];
}

function wordsOf(value: JsonValue, key: string): string[] {
  return [value].flat().map((item) => {
    const word = typeof item === 'object' ? JSON.stringify(item) : String(item);
    if (word.includes('\0')) throw makeError('invalid_argument', 'a value holds a null character', { path: key });
    return word;
  });
}

/** An argv as one would type it into a POSIX shell. */
export function quoteArgv(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
