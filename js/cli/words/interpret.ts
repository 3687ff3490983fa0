// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// A request in words as a call of a program. The router chooses the command and reads the values; what it answers is then
// held against the request: text and numbers count only if they were said, and nothing that was said may get lost
// unnoticed. Nothing here runs a program.
import type { Facts, JsonObject, JsonValue, RouteOptions, RouteResult } from '../../entry/node.js';
import { makeError } from '../../protocol/errors.js';
import { isValid } from '../schema-validator.js';
import { findCommand, skippedOperands, toArgv, toSchema, toTools, type Command, type CommandLine, type Parameter } from './command-line.js';
import { isGuessed, isSaid, pathsIn, saidChoice, saysFlag, takesPath, unusedWords, withPlainPaths } from './said.js';

/** What is used of a ToolRouter. */
export interface Router {
  route(query: string, tools: unknown, options?: RouteOptions): Promise<RouteResult>;
}

export interface InterpretOptions {
  facts?: Facts;
  signal?: AbortSignal;
}

/** A command with what is known of its arguments. */
export interface Understood {
  command: Command;
  arguments: JsonObject;
  /** Calibrated: among answers at 0.8, about 80% are right. */
  confidence: number;
  /** Names of arguments to which the router gave text or a number that the request does not hold. It was dropped. */
  dropped: string[];
  /** Names of arguments with a choice that the request does not say. */
  guessed: string[];
  /** Numbers, file names and names of flags that the request holds and no argument took. */
  unused: string[];
}

export type Interpretation =
  | ({ type: 'argv'; argv: string[] } & Understood)
  /** Required arguments, or operands before one that was said, were not said: ask back, and `complete()` with the answers. */
  | ({ type: 'incomplete'; missing: Parameter[] } & Understood)
  /** The program has no command for it. */
  | { type: 'none'; confidence: number };

/**
 * What a request asks of a program.
 * @throws NeedleError as ToolRouter.route()
 * @example const { type, argv } = await interpret(commandLine, 'resize photo.png to 800 wide', router);
 */
export async function interpret(commandLine: CommandLine, request: string, router: Router, options: InterpretOptions = {}): Promise<Interpretation> {
  const { text, restore } = withPlainPaths(request);
  const result = await router.route(text, toTools(commandLine), { ...options, maxCalls: 1 });
  const call = result.calls[0] ?? result.partial;
  if (!call) return { type: 'none', confidence: result.confidence };
  const command = findCommand(commandLine, call.name);
  const kept: JsonObject = {};
  const dropped: string[] = [];
  const guessed: string[] = [];
  for (const parameter of command.parameters) {
    const value = restore(call.arguments[parameter.key] ?? null);
    const isFlag = parameter.spelling.kind === 'flag';
    if (value === null || (value === false && !(isFlag && 'off' in parameter.spelling))) continue;
    if (isSaid(value, parameter, request)) {
      kept[parameter.key] = value;
      if (isGuessed(value, parameter, request)) guessed.push(parameter.key);
    } else if (!isFlag) dropped.push(parameter.key); // flags are guessed too freely to speak of
  }
  placeChoices(command, kept, request);
  placePaths(command, kept, request);
  const flags = command.parameters.filter((parameter) => parameter.spelling.kind === 'flag' && kept[parameter.key] === undefined && saysFlag(parameter, request));
  const unused = [...unusedWords(request, kept), ...flags.map(({ key }) => key)];
  return judge(commandLine, { command, arguments: kept, confidence: result.confidence, dropped, guessed, unused });
}

/**
 * An incomplete interpretation with the answers to what was missing.
 * @throws NeedleError `invalid_argument` with the name of an argument whose value its schema does not allow
 * @example complete(commandLine, incomplete, { width: 800 });
 */
export function complete(commandLine: CommandLine, incomplete: Understood, answers: JsonObject): Interpretation {
  const { dropped } = incomplete;
  return judge(commandLine, { ...incomplete, dropped: dropped.filter((key) => !(key in answers)), arguments: { ...incomplete.arguments, ...answers } });
}

/** A typed answer as a value of a parameter; undefined where its schema does not allow it. */
export function readAnswer({ schema, isList }: Parameter, text: string): JsonValue | undefined {
  const read = (word: string): JsonValue | undefined => {
    const candidates: JsonValue[] = [word, ...(word.trim() === '' || Number.isNaN(Number(word)) ? [] : [Number(word)]), ...(/^(yes|y|true)$/i.test(word) ? [true] : []), ...(/^(no|n|false)$/i.test(word) ? [false] : [])];
    return candidates.find((candidate) => isValid(candidate, schema));
  };
  if (!isList) return read(text.trim());
  const values = text.trim().split(/\s+/).map(read);
  return values.includes(undefined) ? undefined : (values as JsonValue[]);
}

function judge(commandLine: CommandLine, { command, arguments: args, confidence, dropped, guessed, unused }: Understood): Interpretation {
  const understood = { command, arguments: args, confidence, dropped, guessed, unused };
  const skipped = skippedOperands(command, args);
  const missing = command.parameters.filter((parameter) => (parameter.isRequired && args[parameter.key] === undefined) || skipped.includes(parameter));
  if (missing.length > 0) return { type: 'incomplete', missing, ...understood };
  const schema = toSchema(command);
  const wrong = command.parameters.find(({ key }) => args[key] !== undefined && !isValid({ [key]: args[key] }, { ...schema, required: [] }));
  if (wrong || !isValid(args, schema)) throw makeError('invalid_argument', 'its schema does not allow this value', { path: wrong?.key ?? '' });
  return { type: 'argv', argv: toArgv(commandLine, command, args), ...understood };
}

/** A choice that is said, and that only one argument offers, is that argument's. */
function placeChoices({ parameters }: Command, args: JsonObject, request: string): void {
  const said = parameters.filter(({ isList }) => !isList).map((parameter) => ({ key: parameter.key, choice: saidChoice(parameter, request) }));
  for (const { key, choice } of said) {
    const isShared = said.some((other) => other.key !== key && other.choice === choice);
    if (choice !== undefined && !isShared && args[key] === undefined) args[key] = choice;
  }
}

/** File names that no argument took belong to the operand that lacks one, or to the list of them that is there. */
function placePaths({ parameters }: Command, args: JsonObject, request: string): void {
  const paths = pathsIn(request).filter((path) => !takesPath(args, path));
  const [first] = paths;
  if (first === undefined) return;
  const texts = parameters.filter(({ schema }) => schema['type'] === 'string' && !schema['enum'] && !schema['format'] && !schema['pattern']);
  const list = texts.find(({ isList, spelling, key }) => isList && spelling.kind === 'operand' && (args[key] ?? []) instanceof Array);
  const lacking = texts.filter(({ key, isRequired }) => isRequired && args[key] === undefined);
  if (list && (lacking.length === 0 || (lacking.length === 1 && lacking[0] === list))) args[list.key] = inOrder([...((args[list.key] as string[] | undefined) ?? []), ...paths], request);
  else if (lacking.length === 1 && paths.length === 1) args[lacking[0]!.key] = first;
}

const inOrder = (paths: string[], request: string) => [...new Set(paths)].sort((a, b) => request.indexOf(a) - request.indexOf(b));
