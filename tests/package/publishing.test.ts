// SPDX-License-Identifier: Apache-2.0
// What a registry gets is looked at before it gets it: exports and types as other tools read them, sizes against budgets,
// licences, versions.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { build } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../e2e/built.js';
import { installPackages, type Installed } from './installed.js';

let packages: Installed;
let folders: { main: string; model: string };
beforeAll(() => {
  packages = installPackages();
  folders = { main: join(packages.folder, 'node_modules/needle-router'), model: join(packages.folder, 'node_modules/needle-router-model') };
}, 600_000);
afterAll(() => packages.remove());

const both = ['main', 'model'] as const;
const manifestOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
interface Manifest {
  name: string;
  version: string;
  license: string;
  type: string;
  dependencies?: Record<string, string>;
  scripts?: Record<string, string>;
  repository?: { url: string };
  exports: Record<string, string | Record<string, string>>;
}

describe('exports and types', { timeout: 600_000 }, () => {
  test.each(both)('publint finds nothing in the %s package', async (which) => {
    const { messages, pkg } = await publint({ pkgDir: folders[which], strict: true, pack: false });
    // `browser` stands beside `exports` for Parcel, which reads no exports unless it is told to.
    const others = messages.filter(({ code }) => code !== 'USE_EXPORTS_BROWSER');
    expect(others.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  // As the resolutions that know "exports" see them. The package is for ESM only, and that is said by "type".
  test.each(both)('are-the-types-wrong finds nothing in the %s package', async (which) => {
    const files = new Uint8Array(readFileSync(packages.tarballs[which]));
    const analysis = await checkPackage(createPackageFromTarballData(files), { excludeEntrypoints: [/\.wasm$/, /\.json$/] });
    if (!analysis.types) throw new Error('there are no types');
    const known = ['CJSResolvesToESM', 'NamedExports'];
    const problems = analysis.problems.filter((problem) => !known.includes(problem.kind) && !('resolutionKind' in problem && problem.resolutionKind === 'node10'));
    expect(problems).toEqual([]);
  });

  test('in every set of exports the types come first, and the default last', () => {
    for (const conditions of both.flatMap((which) => Object.values(manifestOf(folders[which]).exports))) {
      if (typeof conditions === 'string') continue;
      const names = Object.keys(conditions);
      expect([names[0], names.at(-1)]).toEqual(['types', 'default']);
    }
  });
});

test('the threads\' file can be had without its exports, by the symbol that the package asks for', () => {
  const key = /Symbol\.for\(['"]([^'"]+)['"]\)/;
  const [file, loader] = ['generated/needle-simd-mt.js', 'loading/builds.js'].map((name) => key.exec(readFileSync(join(folders.main, 'dist', name), 'utf8'))?.[1]);
  expect(file).toBeTypeOf('string');
  expect(file).toBe(loader);
});

describe('sizes', () => {
  const brotliBytes = (content: Uint8Array) => brotliCompressSync(content).length;

  /** What a page downloads, as bundlers split it: the entry and the worker, without the engine's bytes, and without what is imported only where no worker starts. */
  async function pageBytes(): Promise<number> {
    const { outputFiles, metafile } = await build({
      entryPoints: ['entry/browser.js', 'host/web-worker-entry.js'].map((name) => join(folders.main, 'dist', name)), outdir: packages.folder,
      bundle: true, splitting: true, minify: true, format: 'esm', write: false, metafile: true, external: ['needle-router-model', 'node:*'], logLevel: 'silent',
    });
    const contents = new Map(outputFiles.map((file) => [relative(process.cwd(), file.path), file.contents]));
    const fetched = new Set<string>();
    const visit = (path: string): void => {
      if (fetched.has(path)) return;
      fetched.add(path);
      for (const { path: imported, external } of metafile.outputs[path]!.imports) if (!external && !/web-in-place/.test(imported)) visit(imported);
    };
    for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) if (/(browser|web-worker-entry)\.js$/.test(entryPoint ?? '')) visit(path);
    return [...fetched].reduce((sum, path) => sum + brotliBytes(contents.get(path)!), 0);
  }

  async function table(): Promise<Record<string, { bytes: number; budget: number }>> {
    const generated = join(folders.main, 'dist/generated');
    const rows: Record<string, { bytes: number; budget: number }> = {};
    for (const name of readdirSync(generated).filter((each) => each.endsWith('.wasm'))) {
      rows[`${name}, brotli`] = { bytes: brotliBytes(readFileSync(join(generated, name))), budget: 200 << 10 };
    }
    rows['JavaScript of a page, brotli'] = { bytes: await pageBytes(), budget: 25 << 10 };
    rows["the threads' file, brotli"] = { bytes: brotliBytes(readFileSync(join(generated, 'needle-simd-mt.js'))), budget: 12 << 10 };
    const files = readdirSync(folders.main, { recursive: true, encoding: 'utf8' }).map((name) => statSync(join(folders.main, name)));
    rows['the package, packed'] = { bytes: statSync(packages.tarballs.main).size, budget: 1.5 * 2 ** 20 };
    rows['the package, unpacked'] = { bytes: files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0), budget: 6 << 20 };
    return rows;
  }

  test('are within their budgets, and what the README says', async () => {
    const rows = await table();
    const said = /A page downloads (\d+) KB of JavaScript, one `\.wasm` of (\d+) KB/.exec(readFileSync(join(folders.main, 'README.md'), 'utf8'));
    for (const [index, what] of ['JavaScript of a page, brotli', 'needle-relaxed.wasm, brotli'].entries()) {
      expect(Math.abs(Number(said?.[index + 1]) * 1024 / rows[what]!.bytes - 1), what).toBeLessThan(0.03);
    }
    for (const [what, { bytes, budget }] of Object.entries(rows)) console.log(`${what.padEnd(36)} ${(bytes / 1024).toFixed(1).padStart(8)} KB of ${budget >> 10}`);
    expect(Object.keys(rows).length).toBeGreaterThan(4);
    expect(Object.entries(rows).filter(([, { bytes, budget }]) => bytes > budget).map(([what, { bytes, budget }]) => `${what}: ${bytes} > ${budget}`)).toEqual([]);
  }, 600_000);
});

describe('licences and versions', { timeout: 300_000 }, () => {
  test('both packages carry the licence that they name, and their sources say it too', () => {
    for (const which of both) {
      expect(manifestOf(folders[which]).license).toBe('Apache-2.0');
      expect(readFileSync(join(folders[which], 'LICENSE'), 'utf8')).toBe(readFileSync(join(root, 'LICENSE'), 'utf8'));
    }
  });

  test('what is bundled in or linked in is named, with its licence', () => {
    const notice = readFileSync(join(folders.main, 'dist/THIRD-PARTY.md'), 'utf8');
    for (const name of ['simdjson', 'Emscripten', '@cfworker/json-schema']) expect(notice).toContain(name);
  });

  test('the only dependency is the model, in exactly the version that is here; nothing runs at installation', () => {
    const [main, model] = both.map((which) => manifestOf(folders[which]));
    expect(main!.dependencies).toEqual({ 'needle-router-model': model!.version });
    expect(Object.keys(main!.scripts ?? {}).filter((name) => /^(pre|post)?install$/.test(name))).toEqual([]);
  });

  test('the model package says of its file what is in it', async () => {
    const said = (await import(join(folders.model, 'index.js'))) as typeof import('needle-router-model');
    const manifest = JSON.parse(readFileSync(join(folders.model, 'manifest.json'), 'utf8')) as { name: string; file: string; bytes: number; sha256: string; format: string };
    const { file, ...facts } = manifest;
    expect({ name: said.name, bytes: said.bytes, sha256: said.sha256, format: said.format }).toEqual(facts);
    expect(said.url.pathname.endsWith(`/${file}`)).toBe(true);
    const content = readFileSync(said.url);
    expect(content.length).toBe(manifest.bytes);
    expect(Buffer.from(await crypto.subtle.digest('SHA-256', content)).toString('hex')).toBe(manifest.sha256);
    expect(file).toMatch(new RegExp(`-${manifestOf(folders.model).version.replace(/(\.0)?$/, '')}\\.safetensors$`));
  });

  test('a release is refused when its tag is another version, and its notes are the changelog of its version', () => {
    const { version } = manifestOf(folders.main);
    const release = (...args: string[]) => spawnSync(join(root, '.ci/release'), args, { encoding: 'utf8' });
    expect(release('check', 'v0.0.0-other')).toMatchObject({ status: 1, stderr: `release: the tag v0.0.0-other is not v${version}, the version in package.json\n` });
    const [, newest] = readFileSync(join(root, 'js/CHANGELOG.md'), 'utf8').split(/^## /m);
    const [heading, entry] = newest!.split(/\n\n([^]*)/);
    expect(heading).toBe(version);
    expect(release('notes')).toMatchObject({ status: 0, stdout: entry });
  });
});
