// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// What stands between a program's argv and its parser: an argv in words becomes one in options, after the person at the
// terminal has seen it and agreed. Any other argv passes untouched, and loads nothing.
import { createInterface } from 'node:readline/promises';
import type { Facts, JsonObject, LoadOptions } from '../../entry/node.js';
import { makeError } from '../../protocol/errors.js';
import { localTime } from '../local-time.js';
import { quoteArgv, type CommandLine, type Parameter } from './command-line.js';
import { complete, interpret, readAnswer, type InterpretOptions, type Interpretation, type Router } from './interpret.js';

export interface TakeWordsOptions extends InterpretOptions {
  /** The router to ask. Default: one is loaded when there are words, and disposed of. */
  router?: Router;
  /** How to load it. */
  load?: LoadOptions;
  /** 'always' (default): nothing passes without a yes. 'unsure': only what is not sure needs one; so does `--yes`. */
  confirm?: 'always' | 'unsure';
  /** Below it an interpretation is not sure; 0 to 1, default 0.5. */
  minConfidence?: number;
  /** Asks the person. Default: at the terminal, and where there is none nobody. */
  ask?: (question: string) => Promise<string>;
  /** Where messages go. Default: stderr. */
  say?: (line: string) => void;
  /** Where `--dry-run` prints the command line. Default: stdout. */
  print?: (line: string) => void;
}

/**
 * The argv to parse: `argv` itself, or what its words mean. Words are one argument with a blank in it, alone or with
 * `--yes` (do not ask where it is sure) or `--dry-run` (print the command line, and that is all); behind `--` nothing is.
 * undefined: nothing is to be run. Why has been said, and unless it was a dry run that worked process.exitCode is 1.
 * @throws NeedleError as ToolRouter.load() and route()
 * @example const argv = await takeWords(process.argv.slice(2), fromCommander(program));
 */
export async function takeWords(argv: readonly string[], commandLine: CommandLine, options: TakeWordsOptions = {}): Promise<string[] | undefined> {
  const words = readWords(argv);
  return words ? takeRequest(words, commandLine, options) : [...argv];
}

/** As takeWords(), for what is known to be a request. */
export async function takeRequest({ request, isAgreed, isDry }: Words, commandLine: CommandLine, options: TakeWordsOptions): Promise<string[] | undefined> {
  const { confirm = 'always', minConfidence = 0.5, say = (line) => void process.stderr.write(`${line}\n`), print = (line) => void process.stdout.write(`${line}\n`) } = options;
  const ask = options.ask ?? (isDry || !process.stdin.isTTY ? undefined : askAtTerminal);
  const { facts = factsFor(commandLine), signal } = options;
  const interpretation = await withRouter(options, (router) => interpret(commandLine, request, router, { ...(facts && { facts }), ...(signal && { signal }) }));
  const whole = await completed(commandLine, interpretation, ask, say);
  if (!whole) return refuse();
  const line = `${commandLine.invocation ?? commandLine.name} ${quoteArgv(whole.argv)}`.trim();
  const doubts = doubtsAbout(whole, minConfidence);
  if (!isDry && doubts.length === 0 && (isAgreed || confirm === 'unsure')) return whole.argv;
  if (!isDry) say(line);
  doubts.forEach(say);
  if (isDry) return void print(line);
  if (ask) return /^y(es)?$/i.test((await ask('Run it? [y/N] ')).trim()) ? whole.argv : refuse();
  say(`Not run: ${doubts.length > 0 ? 'it is not sure, and ' : ''}there is nobody to ask${isAgreed ? '' : '; --yes runs what is sure'}.`);
  return refuse();
}

/** The time of day, where the program takes dates or times; elsewhere it would only distract the network. */
function factsFor({ commands }: CommandLine): Facts | undefined {
  const takesDates = commands.some(({ parameters }) => parameters.some(({ schema }) => schema['format'] !== undefined));
  return takesDates ? { date: localTime(new Date()) } : undefined;
}

function refuse(): undefined {
  process.exitCode = 1;
}

export interface Words {
  request: string;
  isAgreed: boolean;
  isDry: boolean;
}

function readWords(argv: readonly string[]): Words | undefined {
  const requests = argv.filter((word) => word !== '--yes' && word !== '--dry-run');
  const [request = ''] = requests;
  if (requests.length !== 1 || request.startsWith('-') || !/\S\s+\S/.test(request)) return undefined;
  return { request, isAgreed: argv.includes('--yes'), isDry: argv.includes('--dry-run') };
}

async function withRouter<Result>({ router, load }: TakeWordsOptions, work: (router: Router) => Promise<Result>): Promise<Result> {
  if (router) return work(router);
  const { ToolRouter } = await import('../../entry/node.js');
  const own = await ToolRouter.load(load);
  try {
    return await work(own);
  } finally {
    await own.dispose();
  }
}

type Whole = Extract<Interpretation, { type: 'argv' }>;

/** Asks for what is missing. undefined where it stays missing, or nothing was understood; it says so. */
async function completed(commandLine: CommandLine, interpretation: Interpretation, ask: TakeWordsOptions['ask'], say: (line: string) => void): Promise<Whole | undefined> {
  if (interpretation.type === 'argv') return interpretation;
  if (interpretation.type === 'none') return void say('This program has no command for that. --help shows what it can do.');
  const answers: JsonObject = {};
  for (const parameter of interpretation.missing) {
    const answer = ask && (await askFor(parameter, ask, say));
    if (answer === undefined) return void say(`Missing: ${interpretation.missing.filter(({ key }) => answers[key] === undefined).map(nameOf).join(', ')}`);
    answers[parameter.key] = answer;
  }
  const whole = complete(commandLine, interpretation, answers);
  if (whole.type !== 'argv') throw makeError('internal', 'an answered question is still open');
  return whole;
}

const nameOf = ({ key, description }: Parameter) => (description ? `${key} (${description})` : key);

async function askFor(parameter: Parameter, ask: NonNullable<TakeWordsOptions['ask']>, say: (line: string) => void) {
  const choices = Array.isArray(parameter.schema['enum']) ? ` [${parameter.schema['enum'].join(', ')}]` : '';
  for (let attempt = 0; attempt < 3; attempt++) {
    const text = await ask(`${nameOf(parameter)}${choices}? `);
    if (text.trim() === '') return undefined;
    const value = readAnswer(parameter, text);
    if (value !== undefined) return value;
    say(`That will not do for ${parameter.key}: ${JSON.stringify(parameter.schema)}`);
  }
  return undefined;
}

/** Why an interpretation is not sure, a sentence each. */
function doubtsAbout({ confidence, dropped, guessed, unused }: Whole, minConfidence: number): string[] {
  return [
    ...(confidence < minConfidence ? [`Not sure: ${Math.round(confidence * 100)}%.`] : []),
    ...(guessed.length > 0 ? [`Guessed: ${guessed.join(', ')}`] : []),
    ...(unused.length > 0 ? [`Not used: ${unused.join(', ')}`] : []),
    ...(dropped.length > 0 ? [`Left out, because the request does not say it: ${dropped.join(', ')}`] : []),
  ];
}

/** One question on stderr, so that stdout stays the program's. An end of input is an empty answer. */
async function askAtTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new AbortController();
  terminal.once('close', () => ended.abort());
  try {
    return await terminal.question(question, { signal: ended.signal });
  } catch (error) {
    if (ended.signal.aborted) return '';
    throw error;
  } finally {
    terminal.close();
  }
}
