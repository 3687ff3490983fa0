// SPDX-License-Identifier: Apache-2.0
// What .github/SECURITY.md says of the package's own code, read off the built files, and of what it is made of.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../e2e/built.js';

const dist = join(root, 'dist');
const scripts = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => /\.m?js$/.test(name));
const withMatch = (pattern: RegExp) => scripts.filter((name) => pattern.test(readFileSync(join(dist, name), 'utf8').replace(/\/\/.*$/gm, ''))).sort();
const ownWithMatch = (pattern: RegExp) => withMatch(pattern).filter((name) => !name.startsWith('generated/'));
const { dependencies, scripts: hooks } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<'dependencies' | 'scripts', Record<string, string>>;

test('no code is made from text', () => {
  expect(scripts.length).toBeGreaterThan(30);
  expect(withMatch(/\beval\(|\bnew Function\b|\bFunction\(["'`]|document\.write|\.innerHTML\s*=/)).toEqual([]);
  expect(ownWithMatch(/createObjectURL/)).toEqual([]); // in the glue, for a blob as the threads' file, which is a URL here
});

test('only what loads the model and the engine fetches, and nothing else opens a connection', () => {
  // The generated glue holds ways of its own to load its module, which are never reached: the module is always given.
  expect(ownWithMatch(/\bfetch\(/)).toEqual(['host/web-worker-entry.js', 'loading/compile-wasm.js', 'loading/download.js']);
  // The worker is one file made of others: these two, and the glue.
  const calls = (name: string) => readFileSync(join(dist, name), 'utf8').match(/\bfetch\(/g)?.length ?? 0;
  expect(calls('host/web-worker-entry.js')).toBe(calls('loading/compile-wasm.js') + calls('loading/download.js') + calls('generated/needle-simd.mjs'));
  expect(ownWithMatch(/XMLHttpRequest/)).toEqual([]);
  expect(withMatch(/WebSocket|sendBeacon|EventSource|RTCPeerConnection|["'](node:)?(net|http|https|tls|dgram|dns)["']/)).toEqual([]);
});

test('depends on its own weights alone, and runs nothing when it is installed', () => {
  expect(Object.keys(dependencies)).toEqual(['needle-router-model']);
  expect(Object.keys(hooks).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([]);
});

test('every package of the lock comes from the registry with its hash', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, { resolved?: string; integrity?: string; link?: boolean }> };
  const loose = Object.entries(packages).filter(([path, { resolved = 'https://registry.npmjs.org/', integrity, link }]) =>
    path.startsWith('node_modules/') && !link && !(resolved.startsWith('https://registry.npmjs.org/') && integrity?.startsWith('sha512-')));
  expect(loose).toEqual([]);
});

test('the bill of materials names what is compiled and bundled in', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['js/sbom.mjs'], { cwd: root, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  const { bomFormat, components } = JSON.parse(stdout) as { bomFormat: string; components: { 'bom-ref': string }[] };
  expect(bomFormat).toBe('CycloneDX');
  const names = components.map((component) => component['bom-ref'].replace(/@[^@]*$/, ''));
  expect(names.sort()).toEqual(['@cfworker/json-schema', '@nozbe/simdjson', 'needle-router-model']);
});

// Advisories come when they come: they must not turn a build of yesterday's sources red.
if (process.env['NEEDLE_LONG']) {
  test('the registry knows of no advisory', () => {
    const { status, stdout } = spawnSync('npm', ['audit', '--omit=dev'], { cwd: root, encoding: 'utf8' });
    expect(status, stdout).toBe(0);
  });
}
