// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// The configuration of node:util's parseArgs as a CommandLine. parseArgs knows neither descriptions nor operands, and
// ignores what it does not know: they may stand in the same object.
import type { JsonObject } from '../../entry/node.js';
import { makeError } from '../../protocol/errors.js';
import { finishCommandLine, type CommandLine, type Parameter, type ReadOptions } from './command-line.js';

export interface ParseArgsOption {
  type: 'string' | 'boolean';
  multiple?: boolean;
  short?: string;
  default?: string | boolean | string[] | boolean[];
  /** What parseArgs does not know. */
  description?: string;
  required?: boolean;
  schema?: JsonObject;
}

export interface ParseArgsOperand {
  name: string;
  description?: string;
  /** Default: true. */
  required?: boolean;
  /** Takes all the rest. */
  multiple?: boolean;
  schema?: JsonObject;
}

/** What parseArgs takes, and beside it what the program does. */
export interface ParseArgsProgram {
  name: string;
  description?: string;
  options?: Record<string, ParseArgsOption>;
  allowPositionals?: boolean;
  allowNegative?: boolean;
  operands?: readonly ParseArgsOperand[];
}

/**
 * Reads the configuration of parseArgs.
 * @throws NeedleError `invalid_argument` for operands that parseArgs would refuse, or an unknown name in `options`
 * @example fromParseArgs({ name: 'greet', description: 'Greet somebody', options: { loud: { type: 'boolean' } } });
 */
export function fromParseArgs(program: ParseArgsProgram, options: ReadOptions = {}): CommandLine {
  const { name, description = '', operands = [], allowPositionals } = program;
  if (operands.length > 0 && !allowPositionals) {
    throw makeError('invalid_argument', 'operands take allowPositionals: true, or parseArgs refuses them', { path: 'program.operands' });
  }
  const parameters = [...operands.map(readOperand), ...Object.entries(program.options ?? {}).map((entry) => readOption(entry, program.allowNegative))];
  return finishCommandLine({ name, commands: [{ path: [], description, parameters }], hasSeparator: true }, options);
}

const string: JsonObject = { type: 'string', minLength: 1 };

function readOperand({ name, description = '', required = true, multiple = false, schema = string }: ParseArgsOperand): Parameter {
  return { key: name, description, schema, isRequired: required, isList: multiple, spelling: { kind: 'operand' }, level: 0 };
}

function readOption([key, option]: [string, ParseArgsOption], allowNegative = false): Parameter {
  const { type, multiple = false, description = '', required = false, schema = string } = option;
  const isFlag = type === 'boolean';
  const flag = `--${key}`;
  return {
    key,
    description,
    schema: isFlag ? { type } : schema,
    isRequired: required,
    isList: multiple && !isFlag,
    spelling: isFlag ? { kind: 'flag', on: flag, ...(allowNegative && { off: `--no-${key}` }) } : { kind: 'value', prefix: `${flag}=` },
    level: 0,
  };
}
