#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// A program with node:util's parseArgs that takes its arguments in words, too. It counts what is in text files:
//   node count.mjs README.md --what words
//   node count.mjs "count the words in README.md"
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { fromParseArgs, takeWords } from 'needle-router/cli';

// parseArgs ignores what it does not know: descriptions, schemas and operands may stand beside its own.
const program = {
  name: 'count',
  description: 'Count the lines, words or characters in text files',
  options: {
    what: { type: 'string', short: 'w', default: 'lines', description: 'What to count', schema: { enum: ['lines', 'words', 'characters'] } },
    total: { type: 'boolean', short: 't', default: false, description: 'Only the total of all files' },
  },
  operands: [{ name: 'files', description: 'The text files', multiple: true }],
  allowPositionals: true,
};
const counters = {
  lines: (text) => text.split('\n').length - 1,
  words: (text) => text.split(/\s+/).filter(Boolean).length,
  characters: (text) => [...text].length,
};

const args = await takeWords(process.argv.slice(2), fromParseArgs(program));
if (args) {
  const { values: { what, total }, positionals } = parseArgs({ ...program, args });
  const counts = await Promise.all(positionals.map(async (file) => counters[what](await readFile(file, 'utf8'))));
  if (!total) positionals.forEach((file, i) => console.log(`${file}: ${counts[i]} ${what}`));
  if (total || counts.length > 1) console.log(`total: ${counts.reduce((sum, count) => sum + count, 0)} ${what}`);
}
