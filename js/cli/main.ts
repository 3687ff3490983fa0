#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// The command line: reads the arguments, runs a command, and words what went wrong. Results go to stdout; errors go to
// stderr as `code path: message` with exit code 1, or 2 where the command was used wrongly.
import { parseArgs } from 'node:util';
import { NeedleError } from '../entry/node.js';
import { batchCommand } from './batch-command.js';
import { cliCommand } from './cli-command.js';
import { evalCommand } from './eval-command.js';
import { routeCommand } from './route-command.js';

const usage = `usage: needle-router route "<request>" [--tools file.json] [--model file] [--json]
       needle-router eval <file.jsonl> [--model file | --results file.jsonl] [--details file.jsonl]
       needle-router batch <in.jsonl> <out.jsonl> [--tools file.json] [--workers n] [--model file]
       needle-router cli "<request>" [--help-text file] [--run] [--model file] -- <program> [command ...]

route  prints the calls that the request asks for, as JSON; --json: on one line, and nothing else
eval   runs a file of examples ({"query","tools","answers"} a line) and prints the scores as JSON;
       --results: of these results in place of the engine's; --details: what became of each example
batch  routes every line ({"query","tools"}) of a file and writes each result to the same line of another; goes on
       behind what an earlier run wrote
cli    prints the command line of a program that the request asks for, from what \`program --help\` says;
       --help-text: from this file, and the program is not asked; --run: runs it after a yes
`;
const operands = {
  route: ['the request'], eval: ['the file of examples'], batch: ['the file of requests', 'the file of results'],
  cli: ['the request', 'the program'],
};

class UsageError extends Error {}

interface Arguments {
  command: keyof typeof operands | 'help';
  given: string[];
  options: { tools?: string; model?: string; results?: string; details?: string; workers?: number; json?: boolean; help?: string; run?: boolean };
}

function readArguments(argv: string[]): Arguments {
  let parsed;
  try {
    parsed = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        tools: { type: 'string' }, model: { type: 'string' }, workers: { type: 'string' },
        results: { type: 'string' }, details: { type: 'string' }, 'help-text': { type: 'string' }, run: { type: 'boolean' },
        json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
  const { values: { help, workers, 'help-text': helpText, ...rest }, positionals: [command = '', ...given] } = parsed;
  const options = { ...rest, ...(helpText !== undefined && { help: helpText }) };
  if (help) return { command: 'help', given, options };
  if (!isCommand(command)) throw new UsageError(command === '' ? 'a command is missing' : `there is no command '${command}'`);
  const wanted = operands[command];
  const missing = wanted.findIndex((_, i) => (given[i] ?? '').trim() === '');
  if (missing >= 0) throw new UsageError(`${wanted[missing]} is missing`);
  if (given.length > wanted.length && command !== 'cli') throw new UsageError(`one argument too many: '${given[wanted.length]}' (quote the request)`);
  if (command === 'eval' && options.tools !== undefined) throw new UsageError('eval takes the tools from its examples, not from --tools');
  if (command !== 'cli' && (options.help ?? options.run) !== undefined) throw new UsageError('--help-text and --run are for cli');
  if (command !== 'eval' && (options.results ?? options.details) !== undefined) throw new UsageError('--results and --details are for eval');
  if (options.results !== undefined && options.model !== undefined) throw new UsageError('--results come in place of a --model');
  if (workers === undefined) return { command, given, options };
  if (command !== 'batch') throw new UsageError(`${command} has one engine; --workers is for batch`);
  if (!/^[1-9]\d?$/.test(workers)) throw new UsageError(`--workers must be a number from 1 to 99, not '${workers}'`);
  return { command, given, options: { ...options, workers: Number(workers) } };
}

function isCommand(name: string): name is keyof typeof operands {
  return Object.hasOwn(operands, name);
}

async function main(argv: string[]): Promise<number> {
  try {
    const { command, given: [first = '', second = '', ...rest], options } = readArguments(argv);
    if (command === 'help') process.stdout.write(usage);
    else if (command === 'route') await routeCommand(first, options);
    else if (command === 'eval') await evalCommand(first, options);
    else if (command === 'batch') await batchCommand(first, second, options);
    else return await cliCommand(first, [second, ...rest], options);
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
