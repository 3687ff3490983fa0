// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// What a request says word for word: file names, numbers, and whether a value is among it. A small network guesses now
// and then; a command line must not.
import type { JsonObject, JsonValue } from '../../entry/node.js';
import type { Parameter } from './command-line.js';

/** A word with a slash, a glob, or an extension: `src/a`, `*.png`, `photo.png`, `~/x`, `.env`. Not `e.g.`, `3.5`, `...`. */
const pathLike = /^(?=.*[a-z])(?:[^\s"'`]*[/\\*][^\s"'`]*|[^\s"'`]*[\w)\]-]\.[a-z][a-z0-9]{0,9}|\.[a-z]\w+)$/i;

function wordsOf(request: string): string[] {
  return request.split(/\s+/).map((word) => word.replace(/[,;:!?]+$|(?<=\w)\.$/g, ''));
}

/** What stands in quotes. An apostrophe inside a word is none. */
const quoted = /"([^"]+)"|`([^`]+)`|(?<!\w)'([^']+)'(?!\w)/g;

/** The words of a request that are file names, in their order; those in quotes may have blanks. */
export function pathsIn(request: string): string[] {
  const inQuotes = [...request.matchAll(quoted)].map((match) => match.slice(1).find(Boolean)!);
  const bare = wordsOf(request.replaceAll(quoted, ' '));
  const isPath = (text: string) => pathLike.test(text.replaceAll(/[\s'"`]/g, '-')) && !/^(e\.g|i\.e)$/i.test(text);
  return [...inQuotes, ...bare].filter(isPath).sort((a, b) => request.indexOf(a) - request.indexOf(b));
}

/** The request with each of its file names replaced, whole and in one go: `config.json` is also the end of `src/config.json`. */
function replacePaths(request: string, replace: (path: string) => string): string {
  const paths = pathsIn(request).sort((a, b) => b.length - a.length).map((path) => path.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (paths.length === 0) return request;
  const whole = new RegExp(`(["'\`]?)(?<![\\w/])(${paths.join('|')})(?![\\w/])\\1`, 'g');
  return request.replaceAll(whole, (_, __, path: string) => replace(path));
}

/** A request whose file names are plain ones in quotes, which the network takes as one value, and the way back. */
export interface Plain {
  text: string;
  restore(value: JsonValue): JsonValue;
}

export function withPlainPaths(request: string): Plain {
  const originals = new Map<string, string>(); // by their plain name
  const plain = new Map<string, string>();
  for (const path of new Set(pathsIn(request))) {
    const [, base = '', extension = ''] = /([^/\\]*?)(\.[a-z0-9]+)?[/\\]*$/i.exec(path)!;
    const stem = base.replaceAll(/[^a-z0-9]/gi, '') || 'file';
    let name = stem + extension;
    for (let n = 2; originals.has(name); n++) name = stem + n + extension;
    originals.set(name, path);
    plain.set(path, name);
  }
  const text = replacePaths(request, (path) => `"${plain.get(path)}"`);
  const restore = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return value.map(restore);
    return typeof value === 'string' ? (originals.get(value) ?? value) : value;
  };
  return { text, restore };
}

/** Whether a value may be taken: text and numbers must be said, a flag by its name or a word of its description. */
export function isSaid(value: JsonValue, parameter: Pick<Parameter, 'key' | 'description' | 'schema'>, request: string): boolean {
  const { key, description, schema } = parameter;
  if (Array.isArray(value)) return value.length > 0 && value.every((item) => isSaid(item, parameter, request));
  if (typeof value === 'boolean') return sharesWord(`${key} ${description}`, withoutPaths(request));
  // A choice may be meant without being said; but one that is only part of a file name was not meant.
  if (schema['enum']) return saysWord(withoutPaths(request), String(value)) || !simplify(request).includes(simplify(String(value)));
  if (schema['const'] !== undefined || schema['format']) return true;
  if (typeof value === 'number') return numbersIn(request).includes(value);
  return typeof value !== 'string' || simplify(request).includes(simplify(value));
}

/** Whether a choice was meant, perhaps, but not said. */
export function isGuessed(value: JsonValue, { schema }: Parameter, request: string): boolean {
  return schema['enum'] !== undefined && [value].flat().some((choice) => !saysWord(withoutPaths(request), String(choice)) && !numbersIn(request).includes(Number(choice)));
}

/** The choice of a parameter that the request says, if it says exactly one. */
export function saidChoice({ schema }: Parameter, request: string): JsonValue | undefined {
  const text = withoutPaths(request);
  const said = (Array.isArray(schema['enum']) ? schema['enum'] : []).filter((choice) => String(choice).length > 2 && saysWord(text, String(choice)));
  return said.length === 1 ? said[0] : undefined;
}

/** Whether the request says the name of a flag, all of it. */
export function saysFlag({ key }: Parameter, request: string): boolean {
  return stemsOf(key).length > 0 && stemsOf(key).every((stem) => stemsOf(withoutPaths(request)).some((other) => isSameStem(stem, other)));
}

const withoutPaths = (request: string) => replacePaths(request, () => ' ');
const saysWord = (text: string, word: string) => ` ${simplify(text).replaceAll(/[,;:!?.](?= |$)/g, '')} `.includes(` ${simplify(word)} `);

const common = new Set('a an and are as at be by for from if in into is it its not of on or so that the them then there this to with'.split(' '));
const stemsOf = (text: string) => text.toLowerCase().split(/[^a-z0-9]+/).filter((word) => word.length > 2 && !common.has(word));
const sharesWord = (a: string, b: string) => stemsOf(a).some((stem) => stemsOf(b).some((other) => isSameStem(stem, other)));

/** `verbose` and `verbosely`, `recursive` and `recursively`, `overwrite` and `overwriting`. */
function isSameStem(a: string, b: string): boolean {
  const length = Math.max(3, Math.min(a.length, b.length) - 2);
  return a === b || (Math.min(a.length, b.length) > 3 && a.slice(0, length) === b.slice(0, length) && Math.abs(a.length - b.length) < 5);
}

/** Whether an argument is this file name, or a text that holds it as a word; `src/a.png` does not hold `a.png`. */
export function takesPath(args: JsonObject, path: string): boolean {
  const isIn = (text: string) => text === path || ` ${wordsOf(text.replaceAll(/["'`]/g, ' ')).join(' ')} `.includes(` ${path} `);
  return textsOf(args).some(isIn);
}

const textsOf = (args: JsonObject) => Object.values(args).flat().filter((value) => typeof value === 'string');

/** Numbers and file names of the request that no argument holds. */
export function unusedWords(request: string, args: JsonObject): string[] {
  const paths = pathsIn(request);
  const inTexts = textsOf(args).filter((text) => !paths.includes(text)).flatMap(numerals).map(readNumber);
  const taken = new Set([...Object.values(args).flat(), ...inTexts, ...inTexts.map(Math.abs)]); // the dash of a date is no sign
  return [...paths.filter((path) => !takesPath(args, path)), ...numerals(request).filter((word) => !taken.has(readNumber(word)))];
}

/** Numbers in digits; file names such as `img2.png` have none. */
function numerals(request: string): string[] {
  return wordsOf(withoutPaths(request).replaceAll('"', ' ')).flatMap((word) => word.match(/-?\d[\d,]*(?:\.\d+)?/g) ?? []);
}

const readNumber = (word: string) => Number(word.replaceAll(/,(?=\d{3}\b)/g, ''));
const units = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'];
const tens = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];

/** The numbers that a request says, in digits or words up to the hundreds and thousands. */
function numbersIn(request: string): number[] {
  const found = numerals(request).map(readNumber);
  let current: number | undefined;
  const end = () => void (current !== undefined && found.push(current), (current = undefined));
  for (const word of withoutPaths(request).toLowerCase().split(/[^a-z]+/)) {
    const unit = units.indexOf(word);
    const ten = tens.indexOf(word);
    if (word === 'hundred' || word === 'thousand') current = (current ?? 1) * (word === 'hundred' ? 100 : 1000);
    else if (unit >= 0) current = (current ?? 0) + unit;
    else if (ten > 1) current = (current ?? 0) + ten * 10;
    else if (word !== 'and') end();
  }
  end();
  return found;
}

/** For comparing: without case, and every run of blanks or quotes as one. */
function simplify(text: string): string {
  return text.toLowerCase().replaceAll(/[\s"'`]+/g, ' ').trim();
}
