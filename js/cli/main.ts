#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// The command line: reads the arguments, runs a command, and words what went wrong. Results go to stdout; errors go to
// stderr as `code path: message` with exit code 1, or 2 where the command was used wrongly.
import { parseArgs } from 'node:util';
import { NeedleError } from '../entry/node.js';
import { evalCommand } from './eval-command.js';
import { routeCommand } from './route-command.js';

const usage = `usage: needle-router route "<request>" [--tools file.json] [--model file] [--json]
       needle-router eval <file.jsonl> [--model file]

route  prints the calls that the request asks for, as JSON; --json: on one line, and nothing else
eval   runs a file of examples ({"query","tools","answers"} a line) and prints the scores as JSON
`;

class UsageError extends Error {}

interface Arguments {
  command: string;
  operand: string;
  options: { tools?: string; model?: string; json?: boolean; help?: boolean };
}

function readArguments(argv: string[]): Arguments {
  let parsed;
  try {
    parsed = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { tools: { type: 'string' }, model: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
  const { values: options, positionals } = parsed;
  const [command = '', operand = '', ...rest] = positionals;
  if (options.help) return { command: 'help', operand, options };
  if (command !== 'route' && command !== 'eval') throw new UsageError(command === '' ? 'a command is missing' : `there is no command '${command}'`);
  if (operand.trim() === '') throw new UsageError(command === 'route' ? 'the request is missing' : 'the file of examples is missing');
  if (rest.length > 0) throw new UsageError(`one argument too many: '${rest[0]}' (quote the request)`);
  if (command === 'eval' && options.tools !== undefined) throw new UsageError('eval takes the tools from its examples, not from --tools');
  return { command, operand, options };
}

async function main(argv: string[]): Promise<number> {
  try {
    const { command, operand, options } = readArguments(argv);
    if (command === 'help') process.stdout.write(usage);
    else if (command === 'route') await routeCommand(operand, options);
    else await evalCommand(operand, options);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`usage: ${error.message}\n${usage}`);
      return 2;
    }
    process.stderr.write(`${describeError(error)}\n`);
    return 1;
  }
}

/** `code path: message` on one line. */
function describeError(error: unknown): string {
  const { code, path, message } = NeedleError.isInstance(error) ? error : { code: 'internal', path: '', message: String(error) };
  return `${code}${path && ` ${path}`}: ${message.trim().replaceAll(/\s*\n\s*/g, ' ')}`;
}

process.exitCode = await main(process.argv.slice(2));
