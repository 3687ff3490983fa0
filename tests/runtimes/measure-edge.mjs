// SPDX-License-Identifier: Apache-2.0
// node tests/runtimes/measure-edge.mjs [seconds]: measures demo/edge in workerd on this machine and prints JSON. The time
// from an isolate's first request to its answer (weights included), the memory of the process, and latencies under load by
// wrk on loopback, with one connection and with eight, for tools by id; `cpuMs` is processor time a request.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import './node_modules/miniflare/dist/src/index.js'; // now, so that reading it is not measured
import { bundleWorker, runWorker } from './open-workerd.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const seconds = Number(process.argv[2] ?? 10);
const { file } = JSON.parse(readFileSync(join(root, 'models/manifest.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'needle-edge-'));
const weights = readFileSync(join(root, 'models', file));
const query = { query: 'dim the kitchen lights to 30%', toolset: 'home' };

async function start() {
  const script = await bundleWorker(join(root, 'demo/edge/src/worker.ts'), folder, { alias: { 'needle-router': join(root, 'dist/entry/workerd.js') } });
  const begin = performance.now();
  const runtime = await runWorker(script, { serviceBindings: { ASSETS: () => new Response(weights) } });
  return { runtime, url: await runtime.ready, processMs: performance.now() - begin };
}

const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** workerd, this process's child. */
function workerdPid() {
  const isOurs = (status) => /^Name:\s+workerd$/m.test(status) && status.includes(`\nPPid:\t${process.pid}\n`);
  return readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && isOurs(read(`/proc/${pid}/status`)));
}

/** The memory that workerd holds, and the processor time that it has used: other programs do not change those. */
const workerdMb = () => Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${workerdPid()}/status`))?.[1]) / 1024);
function workerdCpuMs() {
  const [user, system] = read(`/proc/${workerdPid()}/stat`).replace(/^.*\) /, '').split(' ').slice(11, 13).map(Number);
  return (user + system) * 10; // in ticks of 1/100 s
}

async function ask(url) {
  const begin = performance.now();
  const response = await fetch(new URL('/route', url), { method: 'POST', body: JSON.stringify(query) });
  await response.text();
  return { ms: performance.now() - begin, serverTiming: response.headers.get('server-timing') };
}

function load(url, connections) {
  const script = join(folder, 'post.lua');
  writeFileSync(script, `wrk.method = "POST"\nwrk.body = [[${JSON.stringify(query)}]]\n` +
    'function done(s, l, r) io.write(string.format("RESULT %d %d %f %f %f\\n", s.requests, s.errors.status + s.errors.read + s.errors.timeout, l:percentile(50) / 1000, l:percentile(95) / 1000, s.duration / 1e6)) end\n');
  const cpuBefore = workerdCpuMs();
  const { stdout, stderr, error } = spawnSync('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, new URL('/route', url).href], { encoding: 'utf8' });
  if (error) throw new Error(`wrk is needed (Debian: wrk): ${error.message}`);
  const found = /RESULT (\d+) (\d+) ([\d.]+) ([\d.]+) ([\d.]+)/.exec(stdout);
  if (!found) throw new Error(stdout + stderr);
  const [requests, errors, p50Ms, p95Ms, duration] = found.slice(1).map(Number);
  const cpuMs = Number(((workerdCpuMs() - cpuBefore) / requests).toFixed(2));
  return { connections, requests, errors, p50Ms, p95Ms, cpuMs, perSecond: Math.round(requests / duration) };
}

const { runtime, url, processMs } = await start();
try {
  const idleMb = workerdMb();
  const first = await ask(url);
  const loadedMb = workerdMb();
  for (let i = 0; i < 50; i++) await ask(url);
  const underLoad = [];
  for (const connections of [1, 8]) {
    underLoad.push(load(url, connections));
  }
  console.log(JSON.stringify({
    cpu: cpus()[0].model, processMs: Math.round(processMs), firstAnswerMs: Math.round(first.ms), firstServerTiming: first.serverTiming,
    idleMb, loadedMb, afterLoadMb: workerdMb(), underLoad,
  }, null, 2));
} finally {
  await runtime.dispose();
  rmSync(folder, { recursive: true, force: true });
}
