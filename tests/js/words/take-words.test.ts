// SPDX-License-Identifier: Apache-2.0
// What a program's argv becomes, who is asked before, and what is said.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fromCommander } from '../../../js/cli/words/from-commander.js';
import { takeWords, type TakeWordsOptions } from '../../../js/cli/words/take-words.js';
import { commanderProgram, scripted } from './programs.js';

const commandLine = fromCommander(commanderProgram());
const request = 'resize photo.png to 800 wide';
const argv = ['resize', '--width=800', 'photo.png'];
const sure = { name: 'resize', arguments: { file: 'photo.png', width: 800 } };

/** Takes words with scripted answers of the router and, if any, of the person. */
async function take(words: string[], answer: Parameters<typeof scripted>[0], { answers, ...options }: TakeWordsOptions & { answers?: string[] } = {}) {
  const said: string[] = [];
  const printed: string[] = [];
  const { router, asked } = scripted(answer);
  const ask = answers && (async (question: string) => (said.push(question.trimEnd()), answers.shift() ?? ''));
  const result = await takeWords(words, commandLine, { router, ...(ask && { ask }), say: (line) => void said.push(line), print: (line) => void printed.push(line), ...options });
  return { result, said, printed, asked, exitCode: process.exitCode };
}

const terminal = process.stdin.isTTY;
beforeEach(() => void (process.stdin.isTTY = false));
afterEach(() => {
  process.exitCode = undefined;
  process.stdin.isTTY = terminal;
});

test.each([[[]], [['resize', 'photo.png', '--width', '8']], [['--help me']], [['info']], [['--', 'my photo.png']], [['a b', 'c d']], [[' padded ']]])('%j is no request and passes as it is', async (words) => {
  expect(await take(words, sure)).toMatchObject({ result: words, asked: [], said: [] });
});

test('a request runs after a yes to the exact command line', async () => {
  expect(await take([request], sure, { answers: ['y'] })).toMatchObject({ result: argv, said: ['pix resize --width=800 photo.png', 'Run it? [y/N]'], exitCode: undefined });
});

test.each(['', 'n', 'no', 'yellow'])('%j is no yes: nothing runs', async (answer) => {
  expect(await take([request], sure, { answers: [answer] })).toMatchObject({ result: undefined, exitCode: 1 });
});

test('where nobody can be asked, nothing runs', async () => {
  expect(await take([request], sure)).toMatchObject({ result: undefined, exitCode: 1, said: ['pix resize --width=800 photo.png', 'Not run: there is nobody to ask; --yes runs what is sure.'] });
});

test('--yes, or confirm: unsure, runs what is sure without asking', async () => {
  expect(await take([request, '--yes'], sure)).toMatchObject({ result: argv, said: [] });
  expect(await take([request], sure, { confirm: 'unsure' })).toMatchObject({ result: argv, said: [] });
});

test.each([
  ['a low confidence', request, { ...sure, confidence: 0.4 }, 'Not sure: 40%.'],
  ['a number that nothing took', `${request} by 600`, sure, 'Not used: 600'],
  ['a value that was not said', request, { name: 'resize', arguments: { ...sure.arguments, q: '70' } }, 'Left out, because the request does not say it: q'],
  ['a choice that was not said', request, { name: 'resize', arguments: { ...sure.arguments, format: 'webp' } }, 'Guessed: format'],
])('--yes does not run %s', async (_, words, answer, doubt) => {
  expect(await take([words, '--yes'], answer)).toMatchObject({ result: undefined, exitCode: 1, said: [expect.stringMatching(/^pix resize --width=800 (--format=webp )?photo\.png$/), doubt, 'Not run: it is not sure, and there is nobody to ask.'] });
  expect(await take([words, '--yes'], answer, { answers: ['y'] })).toMatchObject({ result: expect.arrayContaining(argv) });
});

test('--dry-run prints the command line and asks nobody', async () => {
  expect(await take([request, '--dry-run'], { name: 'resize', arguments: { ...sure.arguments, file: 'photo.png' } })).toMatchObject({ result: undefined, printed: ['pix resize --width=800 photo.png'], exitCode: undefined });
});

test('what is printed is quoted for a shell', async () => {
  const { printed } = await take(["resize \"it's mine.png\" to 800", '--dry-run'], { name: 'resize', arguments: { file: "itsmine.png", width: 800 } });
  expect(printed).toEqual([String.raw`pix resize --width=800 'it'\''s mine.png'`]);
});

test('a missing value is asked for, and again until it will do', async () => {
  const { result, said } = await take(['resize my photo.png'], { name: 'resize', arguments: { file: 'photo.png' }, missing: ['width'] }, { answers: ['wide', '640', 'y'] });
  expect(result).toEqual(['resize', '--width=640', 'photo.png']);
  expect(said).toEqual(['width (Width in pixels)?', expect.stringMatching(/^That will not do for width/), 'width (Width in pixels)?', 'pix resize --width=640 photo.png', 'Run it? [y/N]']);
});

test('a missing value without an answer is named, and nothing runs', async () => {
  const incomplete = { name: 'resize', arguments: { file: 'photo.png' }, missing: ['width'] };
  for (const options of [{}, { answers: [''] }, { answers: ['a', 'b', 'c', '5'] }]) {
    const { result, said, exitCode } = await take(['resize my photo.png', '--yes'], incomplete, options);
    expect({ result, exitCode, last: said.at(-1) }).toEqual({ result: undefined, exitCode: 1, last: 'Missing: width (Width in pixels)' });
  }
});

test('a request that no command fits is said so', async () => {
  expect(await take(['tell me a joke', '--dry-run'], {})).toMatchObject({ result: undefined, exitCode: 1, printed: [], said: ['This program has no command for that. --help shows what it can do.'] });
});

test('the router is told the time only where the program takes dates or times', async () => {
  const withDates = fromCommander(commanderProgram(), { schemas: { q: { type: 'string', format: 'date' } } });
  const { router, asked } = scripted({});
  await takeWords(['what is new'], withDates, { router, say: () => {} });
  await takeWords(['what is new'], commandLine, { router, say: () => {} });
  expect(asked.map(({ options }) => options)).toEqual([{ maxCalls: 1, facts: { date: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) } }, { maxCalls: 1 }]);
});
