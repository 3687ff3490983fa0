// SPDX-License-Identifier: Apache-2.0
// Command lines read from the definitions of the real packages, and what those packages make of the argv.
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import yargs18 from 'yargs';
import yargs17 from 'yargs-17';
import type { JsonObject } from '../../../js/api/types.js';
import { findCommand, toArgv, toTools } from '../../../js/cli/words/command-line.js';
import { fromCommander } from '../../../js/cli/words/from-commander.js';
import { fromParseArgs } from '../../../js/cli/words/from-parse-args.js';
import { fromYargs } from '../../../js/cli/words/from-yargs.js';
import { commanderProgram, parseArgsProgram, parseWithParseArgs, yargsProgram, type Run } from './programs.js';

/** Values that a careless argv would turn into options, commands or several words. */
const nasty = ['--force', '-rf', '-', '--', 'a b', "'; rm -rf ~ #", '$(id)', '--width=1', '=', 'naïve 🎉', '-1'];
const string = { type: 'string', minLength: 1 };

describe('commander', () => {
  test('every command that does something becomes a tool, with its own and the inherited options', () => {
    const tools = toTools(fromCommander(commanderProgram()));
    expect(tools.map(({ name, description }) => [name, description])).toEqual([['resize', 'Resize an image'], ['remote add', 'Add a place']]);
    expect(tools[0]!.parameters).toEqual({
      type: 'object',
      properties: {
        file: { ...string, description: 'The image' },
        verbose: { type: 'boolean', description: 'Say more' },
        width: { type: 'number', description: 'Width in pixels' },
        format: { type: 'string', enum: ['png', 'jpeg', 'webp'], description: 'Format to write' },
        'no-color': { type: 'boolean', description: 'Write in grey' },
        q: { ...string, description: 'Quality' },
        tags: { type: 'array', items: string, minItems: 1, description: 'Tags to write' },
        force: { type: 'boolean', description: 'Replace files that are there' },
      },
      required: ['file', 'width'],
      additionalProperties: false,
    });
  });

  test('the argv of a call gives the program the same values', async () => {
    const run: Run = {};
    const program = commanderProgram(run);
    const commandLine = fromCommander(program);
    const args = { file: 'a.png', verbose: true, width: 12.5, format: 'webp', 'no-color': true, q: '70', tags: ['x', 'y'], force: false };
    await program.parseAsync(toArgv(commandLine, findCommand(commandLine, 'resize'), args), { from: 'user' });
    expect(run).toEqual({ command: 'resize', operands: ['a.png'], options: { verbose: true, width: 12.5, format: 'webp', color: false, q: '70', tags: ['x', 'y'] } });
  });

  test.each(nasty)('the value %j stays a value', async (value) => {
    const run: Run = {};
    const program = commanderProgram(run);
    const commandLine = fromCommander(program);
    await program.parseAsync(toArgv(commandLine, findCommand(commandLine, 'resize'), { file: value, width: 1, q: value, tags: [value, value] }), { from: 'user' });
    expect(run).toEqual({ command: 'resize', operands: [value], options: { width: 1, color: true, q: value, tags: [value, value] } });
    await program.parseAsync(toArgv(commandLine, findCommand(commandLine, 'remote add'), { name: value, urls: [value] }), { from: 'user' });
    expect(run).toMatchObject({ command: 'remote add', operands: [value, [value]] });
    expect(run.options).not.toHaveProperty('force');
  });

  test('a program without commands is one tool', () => {
    expect(toTools(fromCommander(commanderProgram().commands[0]!))).toMatchObject([{ name: 'resize' }]);
  });

  test('commands and parameters can be hidden, and schemas given', () => {
    const { commands } = fromCommander(commanderProgram(), { hide: ['remote add', 'force', 'resize tags'], schemas: { 'resize q': { type: 'integer', minimum: 1 } } });
    expect(commands.map(({ path }) => path)).toEqual([['resize']]);
    expect(commands[0]!.parameters.map(({ key }) => key)).toEqual(['file', 'verbose', 'width', 'format', 'no-color', 'q']);
    expect(commands[0]!.parameters.at(-1)!.schema).toEqual({ type: 'integer', minimum: 1 });
  });

  test('an operand or option with a value counts, though it is called version or help', () => {
    const program = new Command('pack').exitOverride();
    program.command('tag').argument('<version>').argument('[file]').requiredOption('-h <host>').option('--help-me');
    const [tag] = fromCommander(program).commands;
    expect(tag!.parameters.map(({ key }) => key)).toEqual(['version', 'file', 'h', 'help-me']);
  });

  test('no operand takes the place of one before it', () => {
    const program = new Command('copy').argument('[from]').argument('[to]').argument('[how...]');
    const commandLine = fromCommander(program);
    const argv = (args: JsonObject) => toArgv(commandLine, commandLine.commands[0]!, args);
    expect(argv({ from: 'a', to: 'b' })).toEqual(['a', 'b']);
    expect(() => argv({ to: 'b' })).toThrow(expect.objectContaining({ code: 'invalid_argument', path: 'from' }));
    expect(() => argv({ from: 'a', how: ['x'] })).toThrow(expect.objectContaining({ code: 'invalid_argument', path: 'to' }));
    expect(() => fromCommander(program, { hide: ['from'] })).toThrow(expect.objectContaining({ code: 'invalid_argument', path: 'options' }));
    expect(fromCommander(program, { hide: ['to', 'how'] }).commands[0]!.parameters.map(({ key }) => key)).toEqual(['from']);
  });

  test('a misspelt name among the hidden is an error', () => {
    expect(() => fromCommander(commanderProgram(), { hide: ['forse'] })).toThrow(expect.objectContaining({ code: 'invalid_argument', message: "there is no 'forse' on this command line" }));
  });
});

describe.each([['17', yargs17], ['18', yargs18]])('yargs %s', (_, yargs) => {
  test('every command becomes a tool; builders run, handlers do not', async () => {
    const run: Run = {};
    const tools = toTools(await fromYargs(yargsProgram(yargs, run), yargs));
    expect(run).toEqual({});
    expect(tools.map(({ name, description }) => [name, description])).toEqual([['resize', 'Resize an image'], ['remote add', 'Add a place']]);
    expect(tools[0]!.parameters).toEqual({
      type: 'object',
      properties: {
        file: { ...string, description: 'The image' },
        verbose: { type: 'boolean', description: 'Say more' },
        width: { type: 'number', description: 'Width in pixels' },
        format: { enum: ['png', 'jpeg', 'webp'], description: 'Format to write' },
        color: { type: 'boolean', description: 'Keep the colours' },
        q: { type: 'number', description: 'Quality' },
        tags: { type: 'array', items: string, minItems: 1, description: 'Tags to write' },
      },
      required: ['file', 'width'],
      additionalProperties: false,
    });
  });

  test('the argv of a call gives the program the same values', async () => {
    const run: Run = {};
    const program = yargsProgram(yargs, run);
    const commandLine = await fromYargs(program, yargs);
    const args = { file: 'a.png', verbose: true, width: 12.5, format: 'webp', color: false, q: -70, tags: ['x', 'y'] };
    await program.parseAsync(toArgv(commandLine, findCommand(commandLine, 'resize'), args));
    expect(run).toMatchObject({ command: 'resize', options: args });
  });

  test.each(nasty)('the value %j stays a value, or is refused as an operand that yargs would misread', async (value) => {
    const run: Run = {};
    const program = yargsProgram(yargs, run);
    const commandLine = await fromYargs(program, yargs);
    const file = value.startsWith('-') ? 'a.png' : value;
    await program.parseAsync(toArgv(commandLine, findCommand(commandLine, 'resize'), { file, width: 1, tags: [value, value] }));
    expect(run).toMatchObject({ command: 'resize', options: { file, width: 1, tags: [value, value] } });
    expect(run.options).not.toHaveProperty('force');
    const asOperand = () => toArgv(commandLine, findCommand(commandLine, 'remote add'), { name: value });
    if (value.startsWith('-')) expect(asOperand).toThrow(expect.objectContaining({ code: 'invalid_argument', path: 'remote add' }));
    else expect(asOperand()).toEqual(['remote', 'add', value]);
  });

  test('a list that every command takes does not take the command', async () => {
    const run: Run = {};
    const program = yargsProgram(yargs, run).option('labels', { array: true, string: true });
    const commandLine = await fromYargs(program, yargs);
    const args = { file: 'a.png', labels: ['x', 'y'], verbose: true, width: 1, tags: ['z'] };
    const argv = toArgv(commandLine, findCommand(commandLine, 'resize'), args);
    expect(argv.slice(0, 2)).toEqual(['resize', 'a.png']);
    await program.parseAsync(argv);
    expect(run).toMatchObject({ command: 'resize', options: args });
  });

  test('a program without commands is one tool', async () => {
    const program = yargs([]).scriptName('greet').option('loud', { type: 'boolean' });
    expect(toTools(await fromYargs(program, yargs))).toMatchObject([{ name: 'greet', parameters: { properties: { loud: { type: 'boolean' } } } }]);
  });

  test('a default command takes no word', async () => {
    const program = yargs([]).scriptName('cp').command('$0 <from> <to>', 'Copy a file', {}, () => {});
    const commandLine = await fromYargs(program, yargs);
    expect(toTools(commandLine)).toMatchObject([{ name: 'cp', description: 'Copy a file', parameters: { required: ['from', 'to'] } }]);
    expect(toArgv(commandLine, commandLine.commands[0]!, { from: 'a', to: 'b' })).toEqual(['a', 'b']);
  });

  test('anything else is an error', async () => {
    await expect(fromYargs({ $0: 'x' }, yargs)).rejects.toMatchObject({ code: 'invalid_argument', path: 'program' });
    await expect(fromYargs(yargsProgram(yargs), () => ({}))).rejects.toMatchObject({ code: 'invalid_argument', path: 'yargs' });
  });
});

describe('parseArgs', () => {
  const commandLine = fromParseArgs(parseArgsProgram);

  test('the configuration becomes one tool', () => {
    expect(toTools(commandLine)).toEqual([{
      name: 'pix',
      description: 'Resize an image',
      parameters: {
        type: 'object',
        properties: {
          file: { ...string, description: 'The image' },
          width: { type: 'integer', minimum: 1, description: 'Width in pixels' },
          format: { enum: ['png', 'jpeg', 'webp'], description: 'Format to write' },
          tags: { type: 'array', items: string, minItems: 1, description: 'Tags to write' },
          verbose: { type: 'boolean', description: 'Say more' },
        },
        required: ['file', 'width'],
        additionalProperties: false,
      },
    }]);
  });

  test('the argv of a call gives the program the same values', () => {
    const argv = toArgv(commandLine, commandLine.commands[0]!, { file: 'a.png', width: 800, format: 'webp', tags: ['x', 'y'], verbose: true });
    expect(parseWithParseArgs(argv)).toEqual({ width: '800', format: 'webp', tags: ['x', 'y'], verbose: true, positionals: ['a.png'] });
  });

  test.each(nasty)('the value %j stays a value', (value) => {
    expect(parseWithParseArgs(toArgv(commandLine, commandLine.commands[0]!, { file: value, width: 1, tags: [value] }))).toEqual({ width: '1', tags: [value], positionals: [value] });
  });

  test('operands that parseArgs would refuse are an error', () => {
    expect(() => fromParseArgs({ name: 'x', operands: [{ name: 'file' }] })).toThrow(expect.objectContaining({ code: 'invalid_argument', path: 'program.operands' }));
  });

  test('a value that no argv can hold is an error', () => {
    expect(() => toArgv(commandLine, commandLine.commands[0]!, { file: 'a\0b' })).toThrow(expect.objectContaining({ code: 'invalid_argument', path: 'file' }));
  });
});
