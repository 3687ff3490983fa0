// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// A yargs program as a CommandLine. yargs learns what a command takes only when it runs the command's builder, so each
// builder is run here on a fresh instance; handlers are not. By shape, for yargs 17 and 18.
import type { JsonObject } from '../../entry/node.js';
import { makeError } from '../../protocol/errors.js';
import { finishCommandLine, type Command, type CommandLine, type Parameter, type ReadOptions } from './command-line.js';

interface YargsOptions {
  key: Record<string, unknown>;
  alias: Record<string, string[]>;
  array: string[];
  boolean: string[];
  count: string[];
  number: string[];
  hiddenOptions: string[];
  choices: Record<string, readonly (string | number)[]>;
  default: Record<string, unknown>;
  demandedOptions: Record<string, unknown>;
}

interface YargsOperand {
  cmd: string[];
  variadic: boolean;
}

interface YargsCommand {
  original: string;
  description?: string | false;
  builder: unknown;
  demanded: YargsOperand[];
  optional: YargsOperand[];
}

interface YargsInternals {
  getCommandInstance(): { getCommandHandlers(): Record<string, YargsCommand> };
  getUsageInstance(): { getDescriptions(): Record<string, string | undefined> };
}

/** A yargs instance, as `yargs(args)` makes it. */
export interface YargsProgram {
  $0: string;
}
interface Instance extends YargsProgram {
  getOptions(): YargsOptions;
  getInternalMethods(): YargsInternals;
  options(options: unknown): unknown;
}

/**
 * Reads a yargs program. `yargs` is what the program imports as such: it makes the instances that builders run on.
 * @throws NeedleError `invalid_argument` for something that is no yargs, or an unknown name in `options`
 * @example const commandLine = await fromYargs(program, yargs);
 */
export async function fromYargs(program: YargsProgram, yargs: (args: string[]) => unknown, options: ReadOptions = {}): Promise<CommandLine> {
  if (!isInstance(program)) throw makeError('invalid_argument', 'must be an instance of yargs 17 or newer', { path: 'program' });
  const fresh = () => {
    const instance = yargs([]);
    if (isInstance(instance)) return instance;
    throw makeError('invalid_argument', 'must be the function that makes yargs instances', { path: 'yargs' });
  };
  const own = readOptions(program, new Set(), 0);
  const handlers = Object.values(handlersOf(program));
  const commands = await readCommands(handlers, fresh, [], own);
  const isLeaf = handlers.every(({ description }) => description === false);
  const root: Command[] = isLeaf ? [{ path: [], description: '', parameters: own }] : [];
  return finishCommandLine({ name: program.$0.split('/').at(-1) || 'program', commands: [...root, ...commands], hasSeparator: false }, options);
}

const isInstance = (value: unknown): value is Instance => typeof (value as Partial<Instance> | null)?.getInternalMethods === 'function';
const handlersOf = (instance: Instance) => instance.getInternalMethods().getCommandInstance().getCommandHandlers();

async function readCommands(handlers: YargsCommand[], fresh: () => Instance, path: string[], inherited: Parameter[]): Promise<Command[]> {
  const read: Command[] = [];
  for (const { original, description, builder, demanded, optional } of handlers) {
    if (description === false) continue; // hidden
    const instance = fresh();
    if (typeof builder === 'function') await (builder as (instance: Instance) => unknown)(instance);
    else instance.options(builder);
    const [word = '$0'] = original.split(' ');
    const words = word === '$0' ? path : [...path, word];
    const operands = readOperands(instance, demanded, optional, words.length);
    const options = [...inherited, ...readOptions(instance, new Set(operands.map(({ key }) => key)), words.length)];
    const inner = Object.values(handlersOf(instance));
    // A command of commands does something itself only if it takes operands.
    if (inner.length === 0 || operands.length > 0) read.push({ path: words, description: description ?? '', parameters: [...operands, ...options] });
    read.push(...(await readCommands(inner, fresh, words, options)));
  }
  return read;
}

function readOperands(instance: Instance, demanded: YargsOperand[], optional: YargsOperand[], level: number): Parameter[] {
  const read = (isRequired: boolean) => ({ cmd: [key = ''], variadic }: YargsOperand): Parameter => ({
    key, description: describe(instance, key), schema: schemaOf(instance.getOptions(), key),
    isRequired, isList: variadic, spelling: { kind: 'operand' }, level,
  });
  return [...demanded.map(read(true)), ...optional.map(read(false))];
}

function readOptions(instance: Instance, operands: Set<string>, level: number): Parameter[] {
  const options = instance.getOptions();
  const aliases = new Set(Object.values(options.alias).flat());
  const keys = Object.keys(options.key).filter((key) => !aliases.has(key) && !operands.has(key) && !options.hiddenOptions.includes(key));
  return keys.map((key) => {
    const isFlag = options.boolean.includes(key) || options.count.includes(key);
    const flag = key.length === 1 ? `-${key}` : `--${key}`;
    return {
      key,
      description: describe(instance, key),
      schema: isFlag ? { type: 'boolean' } : schemaOf(options, key),
      isRequired: key in options.demandedOptions && options.default[key] === undefined,
      isList: options.array.includes(key),
      spelling: isFlag
        ? { kind: 'flag', on: flag, ...(options.boolean.includes(key) && key.length > 1 && { off: `--no-${key}` }) }
        : { kind: 'value', prefix: `${flag}=` },
      level,
    };
  });
}

function schemaOf(options: YargsOptions, key: string): JsonObject {
  const choices = options.choices[key];
  if (choices && choices.length > 0) return { enum: [...choices] };
  if (options.number.includes(key) || typeof options.default[key] === 'number') return { type: 'number' };
  return { type: 'string', minLength: 1 };
}

/** yargs marks what it translates itself. */
function describe(instance: Instance, key: string): string {
  return (instance.getInternalMethods().getUsageInstance().getDescriptions()[key] ?? '').replace('__yargsString__:', '');
}
