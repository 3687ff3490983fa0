// SPDX-License-Identifier: Apache-2.0
// The package as its users get it: packed, installed into an empty folder, imported, typed, and run by its command.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import tools from '../../js/cli/example-tools.json' with { type: 'json' };
import { hasModel, root } from '../e2e/built.js';
import { installPackages, type Installed } from './installed.js';
import { asModule, firstCalls, readmeSnippets } from './readme.js';

let packages: Installed;
let folder: string;
let installed: string;
const run = (program: string, args: string[]) => packages.run(program, args);

beforeAll(() => {
  packages = installPackages();
  folder = packages.folder;
  installed = join(folder, 'node_modules/needle-router');
});
afterAll(() => packages.remove());

test('holds what it needs and nothing of the sources', () => {
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  for (const name of ['LICENSE', 'README.md', 'dist/entry/node.js', 'dist/entry/browser.js', 'dist/entry/browser.d.ts', 'dist/host/web-worker-entry.js', 'dist/generated/needle-simd.wasm', 'dist/cli/example-tools.json']) {
    expect(files).toContain(name);
  }
  expect(files.filter((name) => /^(js|models|wasm|tests|build)\b|\.cc$|\.map$/.test(name))).toEqual([]);
  expect(files.filter((name) => name.endsWith('.safetensors'))).toEqual([]);
  expect(readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['needle-router', 'needle-router-model']);
});

test('every file that its package.json names is there', () => {
  const { exports, bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { exports: object; bin: object };
  const names = JSON.stringify([exports, bin]).match(/"(\.\/)?(dist|package)[^"]*"/g)!.map((name) => (JSON.parse(name) as string).replace('*', 'needle-simd'));
  expect(names.length).toBeGreaterThan(3);
  for (const name of names) expect(existsSync(join(installed, name)), name).toBe(true);
});

test('imports, and does nothing at import that would keep a process alive', () => {
  const script = "import * as all from 'needle-router'; console.log(Object.keys(all).sort().join(' '))";
  expect(run(process.execPath, ['--input-type=module', '-e', script]).trim()).toBe(
    'AbortedError EngineCrashedError InvalidArgumentError ModelLoadError NeedleError SchemaError ToolRouter tool',
  );
});

test('is typed', () => {
  writeFileSync(join(folder, 'use.ts'), readFileSync(join(root, 'tests/package/use.ts'), 'utf8'));
  const compilerOptions = { noEmit: true, strict: true, module: 'nodenext', target: 'es2022', lib: ['es2023', 'esnext.disposable', 'dom'], types: [] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
  const { stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { encoding: 'utf8' });
  expect(stdout).toBe('');
});

test('an unused package can be asked for its status, and its command runs', () => {
  const script = "import { ToolRouter } from 'needle-router'; console.log(JSON.stringify(await ToolRouter.status()))";
  expect(JSON.parse(run(process.execPath, ['--input-type=module', '-e', script]))).toMatchObject({ variant: expect.stringMatching(/simd|relaxed/), willDownload: false });
  expect(run(join(folder, 'node_modules/.bin/needle-router'), ['--help'])).toMatch(/^usage:/);
});

test.skipIf(!hasModel)('routes, and lets the process end though the router was not disposed', () => {
  const script = "import { ToolRouter } from 'needle-router'; const r = await ToolRouter.load(); console.log((await r.route('hello', [{ name: 'a' }])).type)";
  expect(run(process.execPath, ['--input-type=module', '-e', script]).trim()).toMatch(/^(call|none|incomplete)$/);
});

test.skipIf(!hasModel)('runs every JavaScript snippet of its README', () => {
  const { file, sha256 } = JSON.parse(readFileSync(join(folder, 'node_modules/needle-router-model/manifest.json'), 'utf8')) as { file: string; sha256: string };
  const given = { modelUrl: join(folder, 'node_modules/needle-router-model', file), sha256, tools };
  const snippets = readmeSnippets();
  expect(snippets.length).toBeGreaterThan(3);
  snippets.forEach((snippet, i) => {
    writeFileSync(join(folder, 'snippet.js'), asModule(snippet, given, (calls) => `console.log('\\n' + JSON.stringify(${calls}))`));
    const printed = run(process.execPath, ['snippet.js']).trim().split('\n').at(-1)!;
    if (i === 0) expect(JSON.parse(printed)).toMatchObject(firstCalls);
  });
}, 600_000);

test.each(['node', 'browser', 'inline', 'edge-light'])('its %s entry does nothing when a server that renders pages imports it', (entry) => {
  const script = `import * as all from './node_modules/needle-router/dist/entry/${entry}.js'; console.log(typeof all.ToolRouter.load, Object.keys(globalThis).join())`;
  const imported = run(process.execPath, ['--input-type=module', '-e', script]);
  const nothing = run(process.execPath, ['--input-type=module', '-e', 'console.log("function", Object.keys(globalThis).join())']);
  expect(imported).toBe(nothing);
});

test.each([
  [['workerd', 'worker', 'browser'], 'entry/workerd.js'], [['edge-light', 'worker', 'browser'], 'entry/edge-light.js'], [['deno', 'node'], 'entry/node.js'],
  [['bun', 'node'], 'entry/node.js'], [['node'], 'entry/node.js'], [['browser'], 'entry/browser.js'], [[], 'entry/browser.js'],
])('with the conditions %j it is %s', async (conditions, expected) => {
  const { build } = await import('esbuild');
  const { metafile } = await build({
    stdin: { contents: "export * from 'needle-router'", resolveDir: folder }, bundle: true, write: false, metafile: true, format: 'esm',
    platform: 'neutral', conditions, external: ['node:*', 'needle-router-model', '*.wasm'], logLevel: 'silent',
  });
  expect(Object.keys(metafile.inputs).filter((name) => name.includes('/entry/') && !name.endsWith('public.js')).map((name) => name.split('/dist/')[1])).toEqual([expected]);
});

test('Vite finds the worker, the builds and the model without being told', async () => {
  writeFileSync(join(folder, 'index.html'), '<script type="module">import { ToolRouter } from "needle-router"; ToolRouter.load();</script>');
  const { build } = await import('vite');
  await build({ root: folder, configFile: false, logLevel: 'error' });
  const assets = readdirSync(join(folder, 'dist/assets'));
  for (const pattern of [/^web-worker-entry-.*\.js$/, /^needle-simd-(?!mt-).*\.wasm$/, /^needle-simd-mt-.*\.wasm$/, /^needle-simd-mt-.*\.js$/, /^needle-relaxed-(?!mt-).*\.wasm$/, /^needle-relaxed-mt-.*\.wasm$/, /\.safetensors$/]) {
    expect(assets.filter((name) => pattern.test(name)), String(pattern)).toHaveLength(1);
  }
  expect(assets.filter((name) => /external/.test(name))).toEqual([]); // nothing of Node's was asked for
});
