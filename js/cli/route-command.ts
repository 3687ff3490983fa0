// SPDX-License-Identifier: Apache-2.0
// Runs in: node
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ToolRouter, type RouteResult } from '../entry/node.js';
import { makeError } from '../protocol/errors.js';
import { localTime } from './local-time.js';

const exampleTools = fileURLToPath(new URL('./example-tools.json', import.meta.url));

interface RouteCommandOptions {
  tools?: string;
  model?: string;
  json?: boolean;
}

export async function routeCommand(request: string, { tools = exampleTools, model, json }: RouteCommandOptions): Promise<void> {
  const toolList = parseJson(await readText(tools), tools);
  const router = await ToolRouter.load({ modelUrl: model });
  try {
    const result = await router.route(request, toolList, { facts: { date: localTime(new Date()) } });
    process.stdout.write(`${json ? JSON.stringify(result) : present(result)}\n`);
  } finally {
    await router.dispose();
  }
}

/** The whole result, laid out for reading: what fits goes on one line, and so does a list of plain values. */
function present(result: RouteResult): string {
  const layOut = (value: unknown, indent: string): string => {
    const line = JSON.stringify(value, null, 1).replaceAll(/\n\s*/g, ' ');
    if (typeof value !== 'object' || value === null || line.length + indent.length <= 100) return line;
    const inner = `${indent}  `;
    if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return line;
    if (Array.isArray(value)) return `[\n${value.map((item) => inner + layOut(item, inner)).join(',\n')}\n${indent}]`;
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{\n${members.map(([key, member]) => `${inner}${JSON.stringify(key)}: ${layOut(member, inner)}`).join(',\n')}\n${indent}}`;
  };
  return layOut(result, '');
}

export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw makeError('not_found', `the file cannot be read (${(cause as NodeJS.ErrnoException).code})`, { path, cause });
  }
}

export async function writeText(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    throw makeError('not_found', `the file cannot be written (${(cause as NodeJS.ErrnoException).code})`, { path, cause });
  }
}

export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw makeError('invalid_json', (cause as Error).message, { path, cause });
  }
}
