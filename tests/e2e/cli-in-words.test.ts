// SPDX-License-Identifier: Apache-2.0
// The examples of demo/cli-in-words and `needle-router cli`, as a person runs them, with the released model.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasModel, root } from './built.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'needle-words-'));
  writeFileSync(join(folder, 'notes.txt'), 'one two three\nfour\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(program: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, program), ...args], { cwd: folder, encoding: 'utf8', input: '' });
  return { status, stdout, stderr };
}
const pix = (...args: string[]) => run('demo/cli-in-words/pix.mjs', ...args);
const count = (...args: string[]) => run('demo/cli-in-words/count.mjs', ...args);
const cli = (...args: string[]) => run('dist/cli/main.js', 'cli', ...args);

test('the examples take their arguments as options', () => {
  expect(pix('resize', 'photo.png', '--width', '800')).toEqual({ status: 0, stdout: '{"resize":"photo.png","width":800}\n', stderr: '' });
  expect(count('notes.txt', '--what', 'words')).toEqual({ status: 0, stdout: 'notes.txt: 4 words\n', stderr: '' });
});

describe.skipIf(!hasModel)('with the released model', () => {
  test('commander: words become the same as options, after --dry-run has shown them', () => {
    expect(pix('rotate beach.jpg by 90 degrees', '--dry-run')).toMatchObject({ status: 0, stdout: 'pix rotate --degrees=90 beach.jpg\n' });
    expect(pix('rotate beach.jpg by 90 degrees', '--yes')).toEqual({ status: 0, stdout: '{"rotate":"beach.jpg","degrees":"90"}\n', stderr: '' });
  });

  test('parseArgs: words become the same as options', () => {
    expect(count('count the words in notes.txt', '--yes')).toEqual({ status: 0, stdout: 'notes.txt: 4 words\n', stderr: '' });
  });

  test('without --yes and without a terminal nothing is run', () => {
    const { status, stdout, stderr } = count('count the words in notes.txt');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^count --what=words notes\.txt\n(.*\n)*Not run: /);
  });

  test('what is missing is named, and what is no command refused', () => {
    expect(pix('resize photo.png', '--yes')).toMatchObject({ status: 1, stdout: '', stderr: 'Missing: width (Width in pixels)\n' });
    expect(pix('tell me a joke', '--yes')).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/^This program has no command for that/) });
  });

  test('needle-router cli prints the command line of a program, from its --help and that of its commands', () => {
    expect(cli('rotate beach.jpg by 90 degrees', '--', process.execPath, join(root, 'demo/cli-in-words/pix.mjs')).stdout).toMatch(/^\S*node \S*pix\.mjs rotate --degrees=90 beach\.jpg\n$/);
  });

  test('needle-router cli reads a help text from a file, asks no program, and runs none without a yes', () => {
    const text = ['Usage: count [options] <files...>', '', 'Count the lines, words or characters in text files', '', 'Options:',
      '  -w, --what <what>  What to count (choices: "lines", "words", "characters")', '  -t, --total        Only the total of all files', ''];
    writeFileSync(join(folder, 'help.txt'), text.join('\n'));
    const args = ['count the words in notes.txt', '--help-text', join(folder, 'help.txt')];
    expect(cli(...args, '--', '/nowhere/count')).toMatchObject({ status: 0, stdout: '/nowhere/count --what=words notes.txt\n' });
    expect(cli(...args, '--run', '--', '/nowhere/count')).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/Not run: .*there is nobody to ask/) });
  });
});

test('a program that is not there, or has no help', () => {
  expect(cli('do it now', '--', 'no-such-program')).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/^not_found no-such-program --help: .*ENOENT/) });
  writeFileSync(join(folder, 'silent.mjs'), '');
  expect(cli('do it now', '--', process.execPath, 'silent.mjs')).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/^not_found \S+ silent\.mjs --help: it printed no help text/) });
});
