// SPDX-License-Identifier: Apache-2.0
// What becomes of the router's answer: only what was said is kept, and nothing that was said gets lost unnoticed.
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { fromCommander } from '../../../js/cli/words/from-commander.js';
import { complete, interpret, readAnswer, type Understood } from '../../../js/cli/words/interpret.js';
import { pathsIn, unusedWords, withPlainPaths } from '../../../js/cli/words/said.js';
import { commanderProgram, scripted } from './programs.js';

const commandLine = fromCommander(commanderProgram());
const resize = commandLine.commands[0]!;
const read = (request: string, args: object, missing?: string[]) =>
  interpret(commandLine, request, scripted({ name: 'resize', arguments: args as never, ...(missing && { missing }) }).router);

test('a call becomes an argv', async () => {
  expect(await read('resize photo.png to 800 wide as webp', { file: 'photo.png', width: 800, format: 'webp' })).toMatchObject({
    type: 'argv', argv: ['resize', '--width=800', '--format=webp', 'photo.png'], dropped: [], unused: [], confidence: 0.9,
  });
});

test('the router sees plain file names in quotes, and the argv has them as they were', async () => {
  const { router, asked } = scripted({ name: 'resize', arguments: { file: 'photo1.png', width: 5 } });
  expect(await interpret(commandLine, 'resize ./My-Pics/photo_1.png to 5', router)).toMatchObject({ argv: ['resize', '--width=5', './My-Pics/photo_1.png'] });
  expect(asked).toMatchObject([{ query: 'resize "photo1.png" to 5', options: { maxCalls: 1 } }]);
});

test.each([
  ['two of one name', 'join a/x.png and b/x.png', 'join "x.png" and "x2.png"', ['a/x.png', 'b/x.png']],
  ['globs', 'shrink img/*.jpg', 'shrink "img.jpg"'.replace('img', 'file'), ['img/*.jpg']],
  ['folders', 'tidy up src/ please', 'tidy up "src" please', ['src/']],
  ['at the end of a sentence', 'open notes.txt.', 'open "notes.txt".', ['notes.txt']],
  ['in quotes', 'open "my notes.txt" now', 'open "mynotes.txt" now', ['my notes.txt']],
  ['none', 'wait 3.5 seconds, e.g. now... or 10%', 'wait 3.5 seconds, e.g. now... or 10%', []],
])('file names: %s', (_, request, plain, paths) => {
  expect(pathsIn(request)).toEqual(paths);
  expect(withPlainPaths(request).text).toBe(plain);
});

test('a file name that is the end of another one stays its own', async () => {
  const { text, restore } = withPlainPaths('copy src/config.json to config.json');
  expect(text).toBe('copy "config.json" to "config2.json"');
  expect(restore(['config.json', 'config2.json'])).toEqual(['src/config.json', 'config.json']);
  const { router } = scripted({ name: 'remote add', arguments: { name: 'main', urls: ['a.png'] } });
  expect(await interpret(commandLine, 'add the place main at src/a.png and a.png', router)).toMatchObject({ argv: ['remote', 'add', 'main', 'src/a.png', 'a.png'] });
});

test.each([
  ['a file name that ends another', 'add src/a.png and a.png', { files: ['src/a.png'] }, ['a.png']],
  ['a number in a file name', 'compress img80.png at quality 80', { file: 'img80.png' }, ['80']],
  ['a number in a folder of a file name', 'compress 80/a.png and a.png at 80', { files: ['80/a.png', 'a.png'] }, ['80']],
  ['a number that is a part of another', 'scale to 8 at 80%', { quality: '80' }, ['8']],
  ['a sign', 'move by -3', { by: '3' }, ['-3']],
  ['nothing: a file name with blanks', 'compress "my 80 img.png"', { file: 'my 80 img.png' }, []],
  ['nothing: what a text holds', 'note update a.png to 10%, then 3', { text: 'update "a.png" to 10%, then 3' }, []],
  ['nothing: the numbers of a date', 'remind me at 7 on the 22nd', { at: '2026-11-22T07:00' }, []],
])('not taken is %s', (_, request, args, unused) => {
  expect(unusedWords(request, args)).toEqual(unused);
});

test('a number or text that was not said is not taken: required, it is asked for', async () => {
  expect(await read('resize photo.png', { file: 'photo.png', width: 180, q: '75' })).toMatchObject({ type: 'incomplete', missing: [{ key: 'width' }], dropped: ['width', 'q'] });
});

test.each([['eight hundred', 800], ['1,200', 1200], ['twenty five', 25], ['two thousand and five', 2005], ['0.5', 0.5], ['-3', -3]])('%s is the number %d', async (text, width) => {
  expect(await read(`resize photo.png to ${text}`, { file: 'photo.png', width })).toMatchObject({ type: 'argv', dropped: [], unused: [] });
});

test('a flag that nothing in the request speaks of is not set', async () => {
  expect(await read('resize photo.png to 800', { file: 'photo.png', width: 800, force: true, verbose: true })).toMatchObject({ argv: ['resize', '--width=800', 'photo.png'] });
  expect(await read('resize photo.png to 800, replacing what is there', { file: 'photo.png', width: 800, force: true })).toMatchObject({ argv: ['resize', '--width=800', '--force', 'photo.png'] });
});

test('a flag that is named and was not set is told of', async () => {
  expect(await read('resize photo.png to 800, verbosely', { file: 'photo.png', width: 800 })).toMatchObject({ type: 'argv', unused: ['verbose'] });
});

test('numbers and file names that nothing took are told of', async () => {
  expect(await read('resize photo.png to 800 by 600 like other.png', { file: 'photo.png', width: 800 })).toMatchObject({ type: 'argv', unused: ['other.png', '600'] });
});

test('an operand before one that was said is asked for, lest that one take its place', async () => {
  const copy = fromCommander(new Command('copy').argument('[from]').argument('[to]'));
  const { router } = scripted({ name: 'copy', arguments: { to: 'b.txt' } });
  const incomplete = await interpret(copy, 'copy it to b.txt', router);
  expect(incomplete).toMatchObject({ type: 'incomplete', missing: [{ key: 'from' }] });
  expect(complete(copy, incomplete as Understood, { from: 'a.txt' })).toMatchObject({ type: 'argv', argv: ['a.txt', 'b.txt'] });
});

test('a file name that nothing took is the operand that is missing', async () => {
  expect(await read('resize photo.png to 800', { width: 800 }, ['file'])).toMatchObject({ type: 'argv', argv: ['resize', '--width=800', 'photo.png'], unused: [] });
  expect(await read('resize a.png and b.png to 800', { width: 800 }, ['file'])).toMatchObject({ type: 'incomplete', missing: [{ key: 'file' }], unused: ['a.png', 'b.png'] });
});

test('file names that nothing took join a list of them, in their order', async () => {
  const { router } = scripted({ name: 'remote add', arguments: { name: 'main', urls: ['b.org'] } });
  expect(await interpret(commandLine, 'add the place main at a.org, b.org and c.org', router)).toMatchObject({ argv: ['remote', 'add', 'main', 'a.org', 'b.org', 'c.org'] });
});

test('a choice that is said is set; one that is only part of a file name is not', async () => {
  expect(await read('resize photo.png to 800 as webp', { file: 'photo.png', width: 800 })).toMatchObject({ argv: ['resize', '--width=800', '--format=webp', 'photo.png'] });
  expect(await read('resize photo.png to 800', { file: 'photo.png', width: 800, format: 'png' })).toMatchObject({ argv: ['resize', '--width=800', 'photo.png'] });
});

test('no command fits', async () => {
  expect(await interpret(commandLine, 'tell me a joke', scripted({ confidence: 0.7 }).router)).toEqual({ type: 'none', confidence: 0.7 });
});

test('an incomplete one is completed by answers, which are checked', async () => {
  const incomplete = await read('resize photo.png', { file: 'photo.png' }, ['width']);
  if (incomplete.type !== 'incomplete') throw new Error(incomplete.type);
  expect(complete(commandLine, incomplete, { width: 5 })).toMatchObject({ type: 'argv', argv: ['resize', '--width=5', 'photo.png'] });
  expect(complete(commandLine, incomplete, {})).toMatchObject({ type: 'incomplete' });
  expect(() => complete(commandLine, incomplete, { width: 'wide' })).toThrow(expect.objectContaining({ code: 'invalid_argument', path: 'width' }));
});

test('typed answers are read by the schema', () => {
  const of = (schema: object, isList = false) => ({ ...resize.parameters[0]!, schema: schema as never, isList });
  expect(readAnswer(of({ type: 'integer', minimum: 1 }), ' 800 ')).toBe(800);
  expect(readAnswer(of({ type: 'integer', minimum: 1 }), '0')).toBeUndefined();
  expect(readAnswer(of({ type: 'integer' }), '')).toBeUndefined();
  expect(readAnswer(of({ type: 'string' }), '800')).toBe('800');
  expect(readAnswer(of({ enum: ['a', 'b'] }), 'c')).toBeUndefined();
  expect(readAnswer(of({ type: 'boolean' }), 'yes')).toBe(true);
  expect(readAnswer(of({ type: 'number' }, true), '1 2.5')).toEqual([1, 2.5]);
  expect(readAnswer(of({ type: 'number' }, true), '1 x')).toBeUndefined();
});
