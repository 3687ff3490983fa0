// SPDX-License-Identifier: Apache-2.0
// One set-up at a time: who waits, who says so, and what is left by those that were killed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { whileAlone } from '../../js/set-up-lock.mjs';

let folder: string;
let lock: string;
beforeEach(() => void ((folder = mkdtempSync(join(tmpdir(), 'needle-lock-'))), (lock = join(folder, 'build/set-up.lock'))));
afterEach(() => rmSync(folder, { recursive: true }));

const onWait = vi.fn();
const work = vi.fn(async () => readFileSync(lock, 'utf8'));
beforeEach(() => vi.clearAllMocks());
/** A lock that another process left, so many seconds ago. */
async function leave(owner: string, secondsAgo = 0) {
  await whileAlone(lock, onWait, async () => {}); // makes the folder
  writeFileSync(lock, owner);
  utimesSync(lock, Date.now() / 1000 - secondsAgo, Date.now() / 1000 - secondsAgo);
}

test('holds the lock while it works, and gives it back, after an error, too', async () => {
  expect(await whileAlone(lock, onWait, work)).toBe(String(process.pid));
  await expect(whileAlone(lock, onWait, () => Promise.reject(new Error('boom')))).rejects.toThrow('boom');
  expect(existsSync(lock)).toBe(false);
  expect(onWait).not.toHaveBeenCalled();
});

test('waits for another process, and says so once', async () => {
  await leave(String(process.ppid));
  const done = whileAlone(lock, onWait, work);
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect([onWait.mock.calls.length, work.mock.calls.length]).toEqual([1, 0]);
  rmSync(lock);
  expect(await done).toBe(String(process.pid));
});

test('takes the lock of a process that is gone, or had this one’s id, over', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  for (const owner of [String(child.pid), String(process.pid)]) {
    await leave(owner);
    expect(await whileAlone(lock, onWait, work)).toBe(String(process.pid));
  }
  expect(onWait).not.toHaveBeenCalled();
  expect(readdirSync(join(folder, 'build'))).toEqual([]);
});

test('takes a lock over in which nobody wrote his id, but not before he had time to', async () => {
  await leave('', 60);
  expect(await whileAlone(lock, onWait, work)).toBe(String(process.pid));
  await leave('');
  const done = whileAlone(lock, onWait, work);
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect([onWait.mock.calls.length, work.mock.calls.length]).toEqual([1, 1]);
  rmSync(lock);
  await done;
});

test('of several that wait for one that was killed, one works at a time', async () => {
  await leave('2147483646');
  const log = join(folder, 'log');
  const script = `import { appendFileSync } from 'node:fs';
    import { whileAlone } from ${JSON.stringify(new URL('../../js/set-up-lock.mjs', import.meta.url).href)};
    await whileAlone(${JSON.stringify(lock)}, () => {}, async () => {
      appendFileSync(${JSON.stringify(log)}, 'begin ');
      await new Promise((resolve) => setTimeout(resolve, 50));
      appendFileSync(${JSON.stringify(log)}, 'end ');
    });`;
  const all = Array.from({ length: 4 }, () => spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' }));
  await Promise.all(all.map((child) => once(child, 'exit')));
  expect(readFileSync(log, 'utf8')).toBe('begin end '.repeat(4));
});
