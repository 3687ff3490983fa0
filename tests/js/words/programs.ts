// SPDX-License-Identifier: Apache-2.0
// One program, pix, written with each of the parsers that the readers know; and a router with scripted answers.
import { parseArgs } from 'node:util';
import { Command, Option } from 'commander';
import type { JsonObject } from '../../../js/api/types.js';
import type { Router } from '../../../js/cli/words/interpret.js';

/** What was run last: the command and what its handler was given. */
export interface Run {
  command?: string;
  operands?: unknown[];
  options?: Record<string, unknown>;
}

export function commanderProgram(run: Run = {}) {
  const program = new Command('pix').description('Change images').option('-v, --verbose', 'Say more').exitOverride();
  const note = (command: string) => (...args: unknown[]) => {
    const operands = args.slice(0, -2);
    Object.assign(run, { command, operands, options: { ...program.opts(), ...(args.at(-2) as object) } });
  };
  program.command('resize').description('Resize an image').argument('<file>', 'The image')
    .requiredOption('-w, --width <pixels>', 'Width in pixels', parseFloat)
    .addOption(new Option('--format <format>', 'Format to write').choices(['png', 'jpeg', 'webp']))
    .option('--no-color', 'Write in grey').option('-q <percent>', 'Quality').option('--tags <tags...>', 'Tags to write')
    .addOption(new Option('--secret <x>').hideHelp()).option('--force', 'Replace files that are there')
    .action(note('resize'));
  const remote = program.command('remote').description('Places to store images');
  remote.command('add').description('Add a place').argument('<name>').argument('[urls...]').option('--default', 'Make it the default').action(note('remote add'));
  program.command('gone', { hidden: true }).action(note('gone'));
  return program;
}

interface YargsLike {
  (args: string[]): any;
}

export function yargsProgram(yargs: YargsLike, run: Run = {}) {
  const note = (command: string) => ({ _, $0, ...options }: Record<string, unknown>) => void Object.assign(run, { command, options });
  return yargs([]).scriptName('pix').option('verbose', { alias: 'v', type: 'boolean', describe: 'Say more' }).exitProcess(false).strict()
    .command('resize <file>', 'Resize an image', (y: any) => y
      .positional('file', { type: 'string', describe: 'The image' })
      .option('width', { alias: 'w', type: 'number', demandOption: true, describe: 'Width in pixels' })
      .option('format', { choices: ['png', 'jpeg', 'webp'], describe: 'Format to write' })
      .option('color', { type: 'boolean', default: true, describe: 'Keep the colours' })
      .option('q', { type: 'number', describe: 'Quality' })
      .option('tags', { type: 'array', string: true, describe: 'Tags to write' })
      .option('secret', { hidden: true, type: 'string' }), note('resize'))
    .command('remote', 'Places to store images', (y: any) => y.command({
      command: 'add <name> [urls..]', describe: 'Add a place', builder: { default: { type: 'boolean', describe: 'Make it the default' } }, handler: note('remote add'),
    }))
    .command('gone', false, {}, note('gone'));
}

export const parseArgsProgram = {
  name: 'pix',
  description: 'Resize an image',
  options: {
    width: { type: 'string', short: 'w', description: 'Width in pixels', required: true, schema: { type: 'integer', minimum: 1 } },
    format: { type: 'string', description: 'Format to write', schema: { enum: ['png', 'jpeg', 'webp'] } },
    tags: { type: 'string', multiple: true, description: 'Tags to write' },
    verbose: { type: 'boolean', short: 'v', description: 'Say more' },
  },
  allowPositionals: true,
  operands: [{ name: 'file', description: 'The image' }],
} as const;

export const parseWithParseArgs = (args: string[]) => {
  const { values, positionals } = parseArgs({ ...parseArgsProgram, args } as never) as { values: object; positionals: string[] };
  return { ...values, positionals };
};

/** A router that answers every request with one call, or what else is given, and notes what it was asked. */
export function scripted(result: { name?: string; arguments?: JsonObject; confidence?: number; missing?: string[] }) {
  const asked: { query: string; tools: unknown; options: unknown }[] = [];
  const router: Router = {
    async route(query, tools, options) {
      asked.push({ query, tools, options });
      const call = { name: result.name ?? '', arguments: result.arguments ?? {}, evidence: {} };
      const isIncomplete = result.missing !== undefined;
      return {
        type: isIncomplete ? 'incomplete' : result.name ? 'call' : 'none',
        calls: result.name && !isIncomplete ? [call] : [],
        ...(isIncomplete && { partial: call, missing: result.missing! }),
        confidence: result.confidence ?? 0.9, considered: [], warnings: [],
        timings: { engineMs: 0, encodeMs: 0, decodeMs: 0 }, tokens: { query: 0, decoded: 0, forced: 0 },
      };
    },
  };
  return { router, asked };
}
