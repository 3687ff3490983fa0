#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Starts the server: node main.mjs [--host 127.0.0.1] [--port 8787] [--workers n] [--toolset name=file.json ...]
// SIGTERM or SIGINT: what is under way is answered, then it ends; a second one ends it at once.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { RouterPool } from 'needle-router/pool';
import { createRouteServer } from './server.mjs';

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: process.env.HOST ?? '127.0.0.1' },
    port: { type: 'string', default: process.env.PORT ?? '8787' },
    workers: { type: 'string' },
    toolset: { type: 'string', multiple: true, default: [] },
  },
});
const toolsets = {};
for (const given of values.toolset) {
  const [, name, file] = /^([^=]+)=(.+)$/.exec(given) ?? [];
  if (!name) throw new Error(`--toolset must be name=file.json, not '${given}'`);
  toolsets[name] = JSON.parse(await readFile(file, 'utf8'));
}

const pool = await RouterPool.load(values.workers === undefined ? {} : { workers: Number(values.workers) });
// Tools that are known are compiled now, by every engine, and a fault in them shows before anybody is served.
for (const tools of Object.values(toolsets)) await Promise.all(Array.from({ length: pool.size }, () => pool.route('hello', tools)));
const { server, stop } = createRouteServer({ pool, toolsets });
server.listen(Number(values.port), values.host, () => {
  console.log(`http://${values.host}:${server.address().port} with ${pool.size} engines, ${pool.model.name}`);
});

let isStopping = false;
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    if (isStopping) process.exit(1);
    isStopping = true;
    void stop();
  });
}
