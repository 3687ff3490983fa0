// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// A commander program as a CommandLine. By shape, through its public properties, so that any version of commander from
// 12 on will do and the package depends on none.
import type { JsonObject } from '../../entry/node.js';
import { finishCommandLine, type Command, type CommandLine, type Parameter, type ReadOptions } from './command-line.js';

interface CommanderOption {
  long?: string | null | undefined;
  short?: string | null | undefined;
  description: string;
  /** A value must follow, or may. */
  required: boolean;
  optional: boolean;
  variadic: boolean;
  mandatory: boolean;
  hidden: boolean;
  defaultValue?: unknown;
  argChoices?: readonly string[] | undefined;
  parseArg?: unknown;
}

interface CommanderArgument {
  name(): string;
  description: string;
  required: boolean;
  variadic: boolean;
  defaultValue?: unknown;
  argChoices?: readonly string[] | undefined;
  parseArg?: unknown;
}

/** What is read of a commander `Command`. */
export interface CommanderProgram {
  name(): string;
  description(): string;
  readonly commands: readonly CommanderProgram[];
  readonly options: readonly CommanderOption[];
  readonly registeredArguments: readonly CommanderArgument[];
}

/**
 * Reads a commander program. Nothing is run, and the program is not changed.
 * @throws NeedleError `invalid_argument` for a name in `options` that the program does not have
 * @example const commandLine = fromCommander(program, { hide: ['force'] });
 */
export function fromCommander(program: CommanderProgram, options: ReadOptions = {}): CommandLine {
  return finishCommandLine({ name: program.name() || 'program', commands: readCommands(program, [], []), hasSeparator: true }, options);
}

function readCommands(program: CommanderProgram, path: string[], inherited: Parameter[]): Command[] {
  const options = [...inherited, ...program.options.filter(({ hidden }) => !hidden).map((option) => readOption(option, path.length))];
  const operands = program.registeredArguments.map((argument) => readArgument(argument, path.length));
  const inner = program.commands.filter((command) => !isHidden(command)).flatMap((command) => readCommands(command, [...path, command.name()], options));
  // A command with commands in it does something itself only if it was given an action, or operands.
  const acts = program.commands.length === 0 || operands.length > 0 || hasAction(program);
  return [...(acts ? [{ path, description: program.description(), parameters: [...operands, ...options] }] : []), ...inner];
}

const isHidden = (command: CommanderProgram) => Boolean((command as { _hidden?: boolean })._hidden);
const hasAction = (command: CommanderProgram) => Boolean((command as { _actionHandler?: unknown })._actionHandler);

function readOption(option: CommanderOption, level: number): Parameter {
  const { long, short, description, variadic, mandatory } = option;
  const flag = (long ?? short)!;
  const takesValue = option.required || option.optional;
  return {
    key: flag.replace(/^--?/, ''),
    description,
    schema: takesValue ? schemaOf(option) : { type: 'boolean' },
    isRequired: mandatory && takesValue && option.defaultValue === undefined,
    isList: takesValue && variadic,
    spelling: takesValue ? { kind: 'value', prefix: long ? `${long}=` : flag } : { kind: 'flag', on: flag },
    level,
  };
}

function readArgument(argument: CommanderArgument, level: number): Parameter {
  return {
    key: argument.name(), description: argument.description, schema: schemaOf(argument),
    isRequired: argument.required, isList: argument.variadic, spelling: { kind: 'operand' }, level,
  };
}

/** Commander's values are strings; numbers are known by the parser that they are given, or by their default. */
function schemaOf({ argChoices, parseArg, defaultValue }: Pick<CommanderOption, 'argChoices' | 'parseArg' | 'defaultValue'>): JsonObject {
  if (argChoices) return { type: 'string', enum: [...argChoices] };
  if (parseArg === parseInt || parseArg === BigInt) return { type: 'integer' };
  if (parseArg === parseFloat || parseArg === Number || typeof defaultValue === 'number') return { type: 'number' };
  return { type: 'string', minLength: 1 };
}
