// SPDX-License-Identifier: Apache-2.0
// JSON as text: its tokens for colouring, and where a path such as `tools[2].parameters.properties.city` stands in it.
// Reads text that is not JSON yet, because it is being typed.

export type TokenKind = 'key' | 'string' | 'number' | 'word' | 'mark' | 'space' | 'bad';
export interface Token {
  kind: TokenKind;
  start: number;
  end: number;
}

// White space, a string (perhaps without its end), a number or word, a mark; anything else, letter by letter.
const pattern = /\s+|"(?:[^"\\\n]|\\.)*"?|[^\s{}[\],:"]+|./g;
const number = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function kindOf(piece: string): TokenKind {
  const first = piece[0]!;
  if (first === '"') return 'string';
  if ('{}[],:'.includes(first)) return 'mark';
  if (first.trim() === '') return 'space';
  if (piece === 'true' || piece === 'false' || piece === 'null') return 'word';
  return number.test(piece) ? 'number' : 'bad';
}

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let before: Token | undefined; // the last token that is no white space
  let end = 0;
  for (const piece of text.match(pattern) ?? []) {
    const token: Token = { kind: kindOf(piece), start: end, end: (end += piece.length) };
    tokens.push(token);
    if (token.kind === 'space') continue;
    if (piece === ':' && before?.kind === 'string') before.kind = 'key'; // a string before a colon
    before = token;
  }
  return tokens;
}

export interface Place {
  start: number;
  end: number;
}

interface Node extends Place {
  key?: Place;
  members: Map<string, Node>;
}

/** The tree of values with their places. The text must be JSON. */
function parse(text: string): Node {
  const tokens = tokensOf(text).filter(({ kind }) => kind !== 'space');
  let next = 0;
  const read = (): Node => {
    const first = tokens[next++]!;
    const members = new Map<string, Node>();
    const open = text[first.start];
    if (first.kind !== 'mark') return { start: first.start, end: first.end, members };
    for (let index = 0; !'}]'.includes(text[tokens[next]!.start]!); index++) {
      if (text[tokens[next]!.start] === ',') next++;
      if (open === '{') {
        const key = tokens[next]!;
        next += 2; // the key and its colon
        members.set(JSON.parse(text.slice(key.start, key.end)) as string, { ...read(), key });
      } else {
        members.set(String(index), read());
      }
    }
    return { start: first.start, end: tokens[next++]!.end, members };
  };
  return read();
}

// What other tool formats wrap around a tool or its schema: errors name the plain form's path.
const envelopes = ['function', 'input_schema', 'inputSchema', 'parametersJsonSchema', 'tools', 'result'];

/** The value that a path names, or as far as the path goes; its key where it has one. */
export function locate(text: string, path: string): Place {
  const root = parse(text);
  const steps = [...path.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g)].map(([, index, quoted, name]) => index ?? quoted ?? name!);
  if (steps[0] === 'tools') steps.shift();
  let node = root;
  for (const step of steps) {
    const wrapped = envelopes.map((name) => node.members.get(name)).find((member) => member?.members.has(step));
    const found = node.members.get(step) ?? wrapped?.members.get(step) ?? (step === 'parameters' ? envelopes.map((name) => node.members.get(name)).find((member) => member) : undefined);
    if (!found) break;
    node = found;
  }
  const { key } = node;
  if (key) return { start: key.start, end: key.end };
  const name = node.members.get('name'); // a whole tool is best marked at its name
  return name && node !== root ? { start: name.start, end: name.end } : { start: node.start, end: Math.min(node.end, node.start + 1) };
}

/** Where JSON.parse stopped. Browsers word it differently; without a position the end of the text is the place. */
export function placeOfSyntaxError(text: string): Place {
  const stack: string[] = [];
  let expect: 'value' | 'key' | 'colon' | 'comma' | 'end' = 'value';
  let first = true; // the container was just opened: it may close at once
  const solid = tokensOf(text).filter(({ kind }) => kind !== 'space');
  for (const token of solid) {
    const mark = token.kind === 'mark' ? text[token.start]! : '';
    const inObject = stack.at(-1) === '{';
    const isWhole = token.kind !== 'bad' && !((token.kind === 'string' || token.kind === 'key') && !/^"(?:[^"\\]|\\.)*"$/.test(text.slice(token.start, token.end)));
    const closes = (mark === '}' && inObject) || (mark === ']' && stack.at(-1) === '[');
    if (!isWhole) return token;
    if (closes && (expect === 'comma' || first)) {
      stack.pop();
      expect = stack.length > 0 ? 'comma' : 'end';
      first = false;
    } else if (expect === 'comma' && mark === ',') {
      expect = inObject ? 'key' : 'value';
    } else if (expect === 'colon' && mark === ':') {
      expect = 'value';
    } else if (expect === 'key' && (token.kind === 'key' || token.kind === 'string')) {
      expect = 'colon';
      first = false;
    } else if (expect === 'value' && (mark === '{' || mark === '[')) {
      stack.push(mark);
      expect = mark === '{' ? 'key' : 'value';
      first = true;
    } else if (expect === 'value' && mark === '' && token.kind !== 'key') {
      expect = stack.length > 0 ? 'comma' : 'end';
      first = false;
    } else {
      return token;
    }
  }
  return { start: Math.max(0, text.trimEnd().length - 1), end: text.length };
}

const maxLine = 68;

/** JSON over lines, but what is short on one line: a schema of one property needs no five. Bare values share lines. */
export function tidy(value: unknown, indent = ''): string {
  const flat = JSON.stringify(value);
  const spaced = flat.length <= maxLine - indent.length ? JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ') : undefined;
  if (typeof value !== 'object' || value === null || (spaced !== undefined && spaced.length <= maxLine - indent.length)) return spaced ?? flat;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const isBare = value.every((item) => typeof item !== 'object' || item === null);
    if (isBare) return `[\n${inner}${wrapped(value.map((item) => JSON.stringify(item)), inner)}\n${indent}]`;
    return `[\n${value.map((item) => inner + tidy(item, inner)).join(',\n')}\n${indent}]`;
  }
  const members = Object.entries(value).map(([key, member]) => `${inner}${JSON.stringify(key)}: ${tidy(member, inner)}`);
  return `{\n${members.join(',\n')}\n${indent}}`;
}

/** The words with commas, as many to a line as fit. */
function wrapped(words: readonly string[], indent: string): string {
  let length = indent.length;
  return words.map((word, index) => {
    const isLast = index === words.length - 1;
    const piece = isLast ? word : `${word},`;
    const starts = index > 0 && length + piece.length + 1 > maxLine;
    length = starts ? indent.length + piece.length : length + piece.length + 1;
    return index === 0 ? piece : starts ? `\n${indent}${piece}` : ` ${piece}`;
  }).join('');
}
