// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// `batch`: routes every line of a file and writes each result to the same line of another. A line that cannot be routed
// gives {"error": {code, message, path}} and stops nothing. What an earlier run wrote is kept: the next one goes on
// behind its last whole line.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { NeedleError, type Query, type RouteOptions, type RouteResult } from '../entry/node.js';
import { RouterPool } from '../entry/pool.js';
import { makeError } from '../protocol/errors.js';
import { parseJson, readText } from './route-command.js';

export interface BatchOptions {
  /** Tools for the lines that bring none. */
  tools?: string;
  model?: string;
  /** Engines that work side by side, each in a thread of its own. */
  workers?: number;
}

/** Fields of a line that are options of route(); others (answers, source, ...) belong to somebody else. */
const optionNames = ['facts', 'toolChoice', 'maxCalls', 'maxConsidered', 'minConfidence', 'timeoutMs'] as const;
/** Lines in flight for each worker: one being routed, one waiting for it. */
const ahead = 2;

export async function batchCommand(input: string, output: string, { tools: toolsFile, model, workers = 1 }: BatchOptions): Promise<void> {
  const sharedTools = toolsFile === undefined ? undefined : parseJson(await readText(toolsFile), toolsFile);
  const { file, lines: done } = await openForGoingOn(output);
  let pool: RouterPool | undefined;
  try {
    pool = await RouterPool.load({ workers, modelUrl: model });
    const pending: Promise<string>[] = [];
    let number = 0;
    for await (const line of linesOf(input)) {
      if (number++ < done) continue;
      if (pending.length >= workers * ahead) await file.appendFile(await pending.shift()!);
      pending.push(routeLine(pool, line, sharedTools));
    }
    for (const result of pending) await file.appendFile(await result);
  } finally {
    await pool?.dispose();
    await file.close();
  }
}

async function routeLine(pool: RouterPool, line: string, sharedTools: unknown): Promise<string> {
  let answer: RouteResult | { error: { code: string; message: string; path: string } };
  try {
    const row = parseJson(line, '') as Record<string, unknown> | null;
    if (typeof row !== 'object' || row === null || Array.isArray(row)) throw makeError('invalid_json', 'a line must be an object');
    const options = Object.fromEntries(optionNames.filter((name) => row[name] !== undefined).map((name) => [name, row[name]]));
    answer = await pool.route(row['query'] as Query, row['tools'] ?? sharedTools, options as RouteOptions);
  } catch (error) {
    if (!NeedleError.isInstance(error)) throw error;
    const { code, message, path } = error;
    answer = { error: { code, message, path } };
  }
  return `${JSON.stringify(answer)}\n`;
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const stream = createReadStream(path, 'utf8');
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) if (line.trim() !== '') yield line;
  } catch (cause) {
    throw makeError('not_found', `the file cannot be read (${(cause as NodeJS.ErrnoException).code})`, { path, cause });
  }
}

/** The output, cut back to its last whole line and ready for more; and how many lines it holds. */
async function openForGoingOn(path: string) {
  const file = await open(path, 'a+');
  const text = await file.readFile('utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  await file.truncate(Buffer.byteLength(whole));
  return { file, lines: whole.split('\n').length - 1 };
}
