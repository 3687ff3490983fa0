// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// Help texts as a CommandLine, for programs that are not ours: what `program --help` prints, and each command's own.
// Understands the layouts of commander, yargs, argparse, clap, cobra and GNU; a line that it does not, it leaves out.
import type { JsonObject } from '../../entry/node.js';
import { finishCommandLine, type Command, type CommandLine, type Parameter, type ReadOptions } from './command-line.js';
import { readEntries, sectionsOf, type Entry } from './help-layout.js';

/** What one help page says. */
export interface HelpPage {
  description: string;
  parameters: Parameter[];
  /** The commands that it lists. */
  commands: { name: string; description: string }[];
}

/**
 * Reads help texts: the program's own under '', and its commands' under their names; or the program's alone.
 * @throws NeedleError `invalid_argument` for an unknown name in `options`
 * @example fromHelp({ '': text, resize: textOfResize }, { name: 'mytool' });
 */
export function fromHelp(texts: string | Record<string, string>, { name, ...options }: ReadOptions & { name: string }): CommandLine {
  const pages = typeof texts === 'string' ? { '': texts } : texts;
  const root = readHelp(pages[''] ?? '', name);
  const listed = root.commands.filter(({ name: word }, index, all) => all.findIndex((other) => other.name === word) === index && word !== name);
  const inner: Command[] = listed.map(({ name: word, description }) => {
    const page = pages[word] === undefined ? undefined : readHelp(pages[word], `${name} ${word}`, 1);
    return { path: [word], description: description || page?.description || '', parameters: page?.parameters ?? [] };
  });
  const own: Command[] = inner.length > 0 ? [] : [{ path: [], description: root.description, parameters: root.parameters }];
  return finishCommandLine({ name, commands: [...own, ...inner], hasSeparator: true }, options);
}

/** Reads one help text; `program` is how its usage line begins. */
export function readHelp(text: string, program: string, level = 0): HelpPage {
  const sections = sectionsOf(text);
  const entriesOf = (title: RegExp) => sections.filter((section) => title.test(section.title)).flatMap(({ lines }) => readEntries(lines));
  const options = sections.flatMap(({ lines }) => readEntries(lines)).filter(({ term }) => term.startsWith('-'));
  const described = new Map(entriesOf(/^(arguments|positionals|positional arguments)$/i).map(({ term, description }) => [plainName(term), description]));
  const prologue = sections.find(({ title }) => title === '')?.lines.map((line) => line.trim()).filter(Boolean) ?? [];
  const usage = sections.find(({ title }) => /^usage$/i.test(title))?.lines ?? prologue.filter((line) => line.startsWith(program)); // yargs has no heading
  return {
    description: (prologue.find((line) => !line.startsWith(program)) ?? '').replace(/\.$/, ''),
    parameters: [
      ...operandsOf(usage[0] ?? '', program).map((operand) => readOperand(operand, described.get(plainName(operand)) ?? '', level)),
      ...options.flatMap((entry) => readOption(entry, level)),
    ],
    commands: entriesOf(/commands$/i).flatMap((entry) => readCommand(entry, program)),
  };
}

function readCommand({ term, description }: Entry, program: string): HelpPage['commands'] {
  const [name = ''] = term.replace(new RegExp(`^(\\S*/)?${program.replaceAll(/[^\w ]/g, '.')} `), '').split(/[ ,|]/);
  return /^[a-z][\w:-]*$/i.test(name) ? [{ name, description: clean(description) }] : [];
}

/** The operands of a usage line: what stands behind the program and is no option. */
function operandsOf(usage: string, program: string): string[] {
  const known = new RegExp(`^(\\S*[/\\\\])?${program.replaceAll(/[^\w ]/g, '.')}(?= |$)`);
  // Called by another name: what comes before the first option or operand that is marked as such.
  const rest = known.test(usage.trim()) ? usage.trim().replace(known, '') : usage.trim().replace(/^\S+( [a-z][\w-]*)*(?= |$)/, '');
  const words = rest.match(/\[[^[\]]*(\[[^\]]*\][^[\]]*)*\](\.\.\.)?|<[^>]*>(\.\.\.)?|\S+/g) ?? [];
  return words.filter((word) => !/^[[({]*-/.test(word) && !/^\[?<?(options?|flags|command|cmd|subcommand|args)>?\]?(\.\.\.)?$/i.test(word) && /[a-z]/i.test(word));
}

const plainName = (word: string) => word.split(' ')[0]!.replaceAll(/[[\]<>.{}]/g, '').toLowerCase();

function readOperand(word: string, description: string, level: number): Parameter {
  return {
    key: plainName(word), description: clean(description), schema: schemaOf('', description),
    isRequired: !word.startsWith('['), isList: word.includes('...'), spelling: { kind: 'operand' }, level,
  };
}

/** `-w, --width <pixels>` and its description; none for what is no option after all. */
function readOption({ term, description }: Entry, level: number): Parameter[] {
  const plain = term.replaceAll('--[no-]', '--');
  const flags = plain.match(/(?<![\w<-])--?[a-z][\w-]*(?:\.[\w-]+)*/gi) ?? [];
  const flag = flags.find((name) => name.startsWith('--')) ?? flags[0];
  if (flag === undefined) return [];
  const name = flag.replace(/^--?/, '');
  const value = plain.slice(plain.lastIndexOf(flags.at(-1)!) + flags.at(-1)!.length).replace(/^[ =]|^\.\.\.$/, '');
  const marks = [...description.matchAll(/\[([^\]]*)\]/g)].map(([, mark]) => mark!.trim());
  const takesValue = value !== '' || marks.some((mark) => /^(string|number|array|choices|default: "|possible values)/.test(mark));
  const isLong = flag.startsWith('--');
  const isWord = !isLong && name.length > 1; // -width, as Go's flag package has it
  return [{
    key: name,
    description: clean(description),
    schema: takesValue ? schemaOf(value, description) : { type: 'boolean' },
    isRequired: takesValue && (marks.includes('required') || /\(required\)/i.test(description)),
    isList: value.includes('...') || marks.includes('array'),
    spelling: takesValue ? { kind: 'value', prefix: isLong || isWord ? `${flag}=` : flag } : { kind: 'flag', on: flag, ...(plain !== term && { off: `--no-${name}` }) },
    level,
  }];
}

function schemaOf(value: string, description: string): JsonObject {
  const listed = /\(choices: ([^)]*)\)|\[choices: ([^\]]*)\]|\[possible values: ([^\]]*)\]/.exec(description) ?? /^\{([^}]*)\}$|^<([\w-]+(?:\|[\w-]+)+)>$/.exec(value);
  const choices = listed?.slice(1).find(Boolean)?.split(/[,|]/).map((choice) => choice.trim().replaceAll(/^["']|["']$/g, ''));
  if (choices && choices.length > 1) return { type: 'string', enum: choices };
  const type = plainName(value.replace('[-]', ''));
  if (/^(int|integer|uint|count|lines|pixels|px)$/.test(type)) return { type: 'integer' };
  if (/^(n|num|number|float|seconds|ms|percent)$/.test(type) || /\[number\]/.test(description)) return { type: 'number' };
  return { type: 'string', minLength: 1 };
}

/** A description without the marks that programs add: `[number] [default: 80]`, `(default: 80)`. */
function clean(description: string): string {
  return description.replaceAll(/\s*(\[[^\]]*\]|\((?:choices|default|env)\b[^)]*\))/g, '').trim().replace(/\.$/, '');
}
