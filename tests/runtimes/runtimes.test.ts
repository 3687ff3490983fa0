// SPDX-License-Identifier: Apache-2.0
// One suite of behaviours in every runtime, from the packed packages: this Node, Node 24, Deno, Bun, workerd by
// miniflare, and the edge runtime.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe } from 'vitest';
import { hasModel } from '../e2e/built.js';
import type { Report } from '../e2e/behaviours.js';
import { describeReport } from '../e2e/suite.js';
import { installPackages, type Installed } from '../package/installed.js';
import { runWorker } from './open-workerd.mjs';
import { bundleGuest, manifest, modelFile, programs, serveFolder, type FolderHost } from './setting.js';

let installed: Installed;
let host: FolderHost;
beforeAll(async () => {
  installed = installPackages();
  host = await serveFolder(installed.folder, { '/model.bin': modelFile });
}, 300_000);
afterAll(() => {
  host.close();
  installed.remove();
});

const download = () => ({ modelUrl: `${host.url}/model.bin`, sha256: manifest.sha256 });

/** Runs a program beside this one, which goes on serving the model; answers the last line that it printed. */
async function lastLine(program: string, args: string[]): Promise<string> {
  const child = spawn(program, args, { cwd: installed.folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}: ${stderr || stdout}`);
  return stdout.trim().split('\n').at(-1)!;
}

async function askCommandLine(program: string, args: string[], variant: string): Promise<Report> {
  const guest = await bundleGuest('command-line', installed.folder, { platform: 'node' }, { 'needle-router': 'needle-router' });
  const { modelUrl, sha256 } = download();
  return JSON.parse(await lastLine(program, [...args, guest, variant, modelUrl, sha256])) as Report;
}

const denoFlags = ['run', '--no-prompt', '--node-modules-dir=manual', '--allow-read', '--allow-net=127.0.0.1', '--allow-env'];
const commandLines: [name: string, program: string | undefined, args: string[], variants: string[]][] = [
  [`Node ${process.version}`, process.execPath, [], ['simd']],
  ['Node 24', programs.node24, [], ['relaxed', 'simd']],
  ['Deno', programs.deno, denoFlags, ['relaxed', 'simd']],
  ['Bun', programs.bun, ['run'], ['relaxed', 'simd']],
];
for (const [name, program, args, variants] of commandLines) {
  describe.skipIf(!hasModel || !program).each(variants)(`${name}, the %s build`, (variant) => {
    describeReport(() => askCommandLine(program!, args, variant), variant);
  });
}

describe.skipIf(!hasModel || !programs.miniflare)('workerd', () => {
  async function ask(): Promise<Report> {
    const scriptPath = await bundleGuest('workerd', installed.folder, { conditions: ['workerd', 'worker', 'browser'], loader: { '.wasm': 'copy' } });
    const runtime = (await runWorker(scriptPath, { bindings: download(), dataBlobBindings: { model: modelFile } })) as Runtime;
    try {
      return (await (await runtime.dispatchFetch('http://worker/')).json()) as Report;
    } finally {
      await runtime.dispose();
    }
  }
  describeReport(ask, 'relaxed');
});

interface Runtime {
  dispatchFetch(url: string): Promise<Response>;
  dispose(): Promise<void>;
}

describe.skipIf(!hasModel || !programs.edgeVm)('edge-light', () => {
  async function ask(): Promise<Report> {
    const script = await bundleGuest('edge-light', installed.folder, { conditions: ['edge-light', 'worker', 'browser'], format: 'iife' });
    const { EdgeVM } = (await import(pathToFileURL(programs.edgeVm!).href)) as { EdgeVM: new (options: object) => { evaluate(code: string): void } };
    const wasmModule = await WebAssembly.compile(readFileSync(join(installed.folder, 'node_modules/needle-router/dist/generated/needle-simd.wasm')));
    const text = await new Promise<string>((receive) => {
      const given = { wasmModule, model: new Uint8Array(readFileSync(modelFile)), ...download(), receive };
      const extend = (context: object) => Object.assign(context, { given });
      new EdgeVM({ extend, codeGeneration: { strings: false, wasm: false } }).evaluate(readFileSync(script, 'utf8'));
    });
    return JSON.parse(text) as Report;
  }
  describeReport(ask, 'simd');
});
