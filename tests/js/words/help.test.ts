// SPDX-License-Identifier: Apache-2.0
// Help texts in the layouts of the usual parsers, read back into a command line.
import { expect, test } from 'vitest';
import yargs from 'yargs';
import { findCommand, toArgv, toTools } from '../../../js/cli/words/command-line.js';
import { fromCommander } from '../../../js/cli/words/from-commander.js';
import { fromHelp } from '../../../js/cli/words/from-help.js';
import { commanderProgram, yargsProgram } from './programs.js';

const summary = (text: string, name: string) =>
  fromHelp(text, { name }).commands[0]!.parameters.map(({ key, schema, isRequired, isList, spelling }) =>
    [spelling.kind === 'value' ? spelling.prefix : spelling.kind === 'flag' ? spelling.on : key, schema['enum'] ?? schema['type'], ...(isRequired ? ['required'] : []), ...(isList ? ['list'] : [])]);

test("commander's help: its commands, and each one's own help", () => {
  const program = commanderProgram();
  const [resize, remote] = program.commands;
  const commandLine = fromHelp({ '': program.helpInformation(), resize: resize!.helpInformation(), remote: remote!.helpInformation() }, { name: 'pix' });
  expect(commandLine.commands.map(({ path, description }) => [path, description])).toEqual([[['resize'], 'Resize an image'], [['remote'], 'Places to store images']]);
  const [read] = toTools(commandLine);
  const [defined] = toTools(fromCommander(program, { hide: ['verbose'] }));
  expect(Object.keys((read!.parameters as { properties: object }).properties)).toEqual(Object.keys((defined!.parameters as { properties: object }).properties));
  expect(toArgv(commandLine, findCommand(commandLine, 'resize'), { file: 'a.png', width: 8, format: 'webp', q: '70', 'no-color': true, tags: ['x', 'y'] }))
    .toEqual(['resize', '--width=8', '--format=webp', '--no-color', '-q70', '--tags=x', '--tags=y', '--', 'a.png']);
});

test("yargs' help: types, choices and what is required", async () => {
  const program = yargsProgram(yargs);
  let text = '';
  await program.wrap(null).parseAsync(['resize', '--help'], (_: unknown, __: unknown, output: string) => void (text = output));
  expect(summary(text, 'pix resize')).toEqual([
    ['file', 'string', 'required'], ['--verbose', 'boolean'], ['--width=', 'number', 'required'], ['--format=', ['png', 'jpeg', 'webp']],
    ['--color', 'boolean'], ['-q', 'number'], ['--tags=', 'string', 'list'],
  ]);
});

test.each([
  ['argparse', `usage: pix [-h] [--width WIDTH] [--format {png,webp}] file

Resize an image.

positional arguments:
  file                  the image

options:
  -h, --help            show this help message and exit
  --width WIDTH, -w WIDTH
                        width in pixels
  --format {png,webp}   format to write
`, [['file', 'string', 'required'], ['--width=', 'string'], ['--format=', ['png', 'webp']]], ['the image', 'width in pixels', 'format to write']],
  ['clap', `Resize an image

Usage: pix [OPTIONS] <FILE> [MORE]...

Arguments:
  <FILE>     The image
  [MORE]...  Others

Options:
  -w, --width <INT>      Width in pixels [default: 80]
  -f, --format <FORMAT>  Format to write [possible values: png, webp]
  -v, --verbose...       Say more
  -V, --version          Print version
`, [['file', 'string', 'required'], ['more', 'string', 'list'], ['--width=', 'integer'], ['--format=', ['png', 'webp']], ['--verbose', 'boolean']], ['The image', 'Others', 'Width in pixels', 'Format to write', 'Say more']],
  ['cobra', `Resize an image

Usage:
  pix [flags] FILE

Flags:
      --format string   format to write
  -w, --width int       width in pixels
  -f, --force           replace what is there
`, [['file', 'string', 'required'], ['--format=', 'string'], ['--width=', 'integer'], ['--force', 'boolean']], ['', 'format to write', 'width in pixels', 'replace what is there']],
  ['GNU', `Usage: head [OPTION]... [FILE]...
Print the first 10 lines of each FILE to standard output.

  -n, --lines=[-]NUM       print the first NUM lines instead of the first 10;
                             with the leading '-', print all but the last
  -q, --quiet, --silent    never print headers giving file names
`, [['file', 'string', 'list'], ['--lines=', 'number'], ['--quiet', 'boolean']], ['', "print the first NUM lines instead of the first 10; with the leading '-', print all but the last", 'never print headers giving file names']],
])('%s: operands, options, and descriptions over several lines', (_, text, parameters, descriptions) => {
  const name = text.includes('head') ? 'head' : 'pix';
  expect(summary(text, name)).toEqual(parameters);
  expect(fromHelp(text, { name }).commands[0]!.parameters.map(({ description }) => description)).toEqual(descriptions);
});

test('a text that is no help text gives a program without arguments', () => {
  expect(toTools(fromHelp('Segmentation fault\n', { name: 'x' }))).toMatchObject([{ name: 'x', parameters: { properties: {} } }]);
});

test('a usage line that calls the program by another name', () => {
  expect(summary('Usage: pix.exe resize [options] <file>\n', 'node resize').map(([name]) => name)).toEqual(['file']);
  expect(summary('usage: git log [<options>] [<revision-range>] [<path>...]\n', 'git log').map(([name]) => name)).toEqual(['revision-range', 'path']);
});

test('operands with a dash in their names, among options in a usage line', () => {
  expect(summary('Usage: conv [-v] [--width <n>] [[--deep] --far] (-a | -b) <input-file> <dest> [more-files]...\n', 'conv').map(([name]) => name)).toEqual(['input-file', 'dest', 'more-files']);
});

test('a flag that can be switched off', () => {
  const { commands } = fromHelp('Usage: conv <file>\n\nOptions:\n  -v, --[no-]verbose    Say more\n  --[no-]tls=<version>  Encrypt\n', { name: 'conv' });
  expect(commands[0]!.parameters.map(({ key, spelling }) => [key, spelling])).toEqual([
    ['file', { kind: 'operand' }], ['verbose', { kind: 'flag', on: '--verbose', off: '--no-verbose' }], ['tls', { kind: 'value', prefix: '--tls=' }],
  ]);
});
