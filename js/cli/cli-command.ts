// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// `cli`: a command line for somebody else's program, from a request and the program's help texts. It is printed; with
// --run it is run after a yes. Programs are started without a shell, and before that yes only with --help.
import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { makeError } from '../protocol/errors.js';
import { readText } from './route-command.js';
import { fromHelp, readHelp } from './words/from-help.js';
import { quoteArgv } from './words/command-line.js';
import { takeRequest } from './words/take-words.js';

interface CliCommandOptions {
  model?: string;
  /** A file with the program's help text; the program is then not asked. */
  help?: string;
  /** Run it after asking. */
  run?: boolean;
}

/** So many commands are asked for a help text of their own. */
const maxCommands = 40;
const helpTimeoutMs = 10_000;

/** `program` is what comes before the arguments: `['git', 'log']`. Answers with the exit code. */
export async function cliCommand(request: string, program: readonly string[], { model, help, run }: CliCommandOptions): Promise<number> {
  const name = nameOf(program);
  const texts = help === undefined ? await helpOf(program, name) : { '': await readText(help) };
  const words = { request, isAgreed: false, isDry: !run };
  const commandLine = { ...fromHelp(texts, { name }), invocation: quoteArgv(program) };
  const argv = await takeRequest(words, commandLine, { load: { modelUrl: model } });
  if (!argv) return Number(process.exitCode ?? 0);
  return start([...program, ...argv]);
}

/** What a program is called by: `git log`, and `pix` for `node /bin/pix.mjs`. */
function nameOf(program: readonly string[]): string {
  const words = program.map((word) => basename(word).replace(/\.[cm]?[jt]s$|\.py$|\.exe$/, ''));
  return words.filter((word) => !/^(node|npx|deno|bun|python3?)$/.test(word)).join(' ') || words[0]!;
}

/** The help texts of a program and of the commands that it lists. */
async function helpOf(program: readonly string[], name: string): Promise<Record<string, string>> {
  const texts: Record<string, string> = { '': await askForHelp(program) };
  for (const { name: command } of readHelp(texts['']!, name).commands.slice(0, maxCommands)) {
    if (command !== 'help') texts[command] = await askForHelp([...program, command]).catch(() => '');
  }
  return texts;
}

function askForHelp(program: readonly string[]): Promise<string> {
  const path = quoteArgv([...program, '--help']);
  const env = { ...process.env, COLUMNS: '200', NO_COLOR: '1', PAGER: 'cat', MANPAGER: 'cat' };
  return new Promise((resolve, reject) => {
    const child = spawn(program[0]!, [...program.slice(1), '--help'], { stdio: ['ignore', 'pipe', 'pipe'], signal: AbortSignal.timeout(helpTimeoutMs), env });
    const printed = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => void (printed.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => void (printed.err += text));
    child.on('error', (cause) => reject(makeError('not_found', `the program cannot be run, or did not end (${(cause as NodeJS.ErrnoException).code})`, { path, cause })));
    child.on('close', () => {
      const text = printed.out.trim() ? printed.out : printed.err;
      if (text.trim()) resolve(text.replaceAll(/\x1b\[[0-9;]*m|.\x08/g, ''));
      else reject(makeError('not_found', 'it printed no help text', { path }));
    });
  });
}

function start([program = '', ...args]: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    child.on('error', (cause) => reject(makeError('not_found', `the program cannot be run (${(cause as NodeJS.ErrnoException).code})`, { path: program, cause })));
    child.on('close', (code) => resolve(code ?? 1));
  });
}
