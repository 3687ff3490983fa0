// SPDX-License-Identifier: Apache-2.0
// Runs in: node (build time, before anything is installed: so it imports only Node's own modules)
// One set-up of a checkout at a time, by a file that holds the process id of the one that works.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** How old a lock without a process id is left by one that was killed as it wrote it. */
const unwrittenMs = 5000;

/** Does the work while no other process holds the lock; `onWait` is called once if one does. */
export async function whileAlone(lockFile, onWait, work) {
  mkdirSync(dirname(lockFile), { recursive: true });
  for (let hasWaited = false; !take(lockFile); ) {
    if (clearStale(lockFile)) continue;
    if (!hasWaited) onWait();
    hasWaited = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    return await work();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

function take(lockFile) {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  }
}

/** Clears a lock away whose owner was killed while it built. False: it is in use. */
function clearStale(lockFile) {
  const stale = read(lockFile);
  if (stale === undefined) return true; // it was given back just now
  if (!isStale(stale)) return false;
  const aside = `${lockFile}.${process.pid}`;
  try {
    renameSync(lockFile, aside); // of several that wait, one gets it
    // Another may have cleared it and taken the lock since it was read: that one gets its lock back.
    if (read(aside)?.owner !== stale.owner) linkSync(aside, lockFile);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
  return true;
}

function read(lockFile) {
  try {
    return { owner: readFileSync(lockFile, 'utf8'), ageMs: Date.now() - statSync(lockFile).mtimeMs };
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  }
}

function isStale({ owner, ageMs }) {
  const pid = Number(owner);
  if (!(pid > 0)) return ageMs > unwrittenMs;
  return pid === process.pid || !isAlive(pid); // its own: in containers, every run has the same few ids
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
