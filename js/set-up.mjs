// SPDX-License-Identifier: Apache-2.0
// Runs in: node (build time, before anything is installed: so it imports only Node's own modules)
// Brings a checkout from any state to a built package: Node packages, an Emscripten, the WebAssembly variants in
// js/generated, the package in dist. Whether anything is to do is decided by a hash over the contents of all sources,
// so a second run takes milliseconds. Everything it prints goes to stderr: stdout belongs to the command that follows.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { whileAlone } from './set-up-lock.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));
const generated = join(root, 'js/generated');
const dist = join(root, 'dist');
const stampFile = join(root, 'build/package.stamp');
const lockFile = join(root, 'build/set-up.lock');
const variants = ['simd', 'relaxed', 'simd-mt', 'relaxed-mt'];
/** The glue that is used: builds with the same threading share it. The -node one starts its threads as Node does. */
const glues = ['needle-simd.mjs', 'needle-simd-mt.js', 'needle-simd-mt-node.mjs'];
const typesOf = (glue) => glue.replace(/\.(m?)js$/, '.d.$1ts');

/** A set-up that cannot go on. The message is one sentence that says what to install or where to look. */
export class SetUpError extends Error {}

/** Runs a program; its stdout joins stderr. `quiet` keeps its output back unless it fails. */
export function run(program, args, { env = process.env, quiet = false, what = program } = {}) {
  const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2];
  const result = spawnSync(program, args, { cwd: root, env, stdio, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.error?.code === 'ENOENT') throw new SetUpError(`needle-router needs ${program}: install it and run the command again.`);
  if (result.status !== 0) {
    if (quiet) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
    throw new SetUpError(`${what} failed; its output above says why.`);
  }
}

export function isOnPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => folder && isWritable(join(folder, program), constants.X_OK));
}

function isWritable(path, mode = constants.W_OK) {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

/** Names, in one sentence, all programs of the list that are not here; an entry may be met by any of several. */
export function requirePrograms(...wanted) {
  const missing = wanted.map((entry) => [entry].flat()).filter((names) => !names.some(isOnPath)).map((names) => names.join(' or '));
  if (missing.length > 0) throw new SetUpError(`the build needs ${missing.join(', ')}: install what is missing and run the command again.`);
}

/** Configures (again from nothing if the generator or the compiler is another than last time) and builds. */
export function cmakeBuild(folder, configure, { env, quiet, key = '' }) {
  const generator = isOnPath('ninja') ? 'Ninja' : 'Unix Makefiles';
  const build = join(root, folder);
  const keyFile = join(build, '.configured-for');
  const wanted = `${root} ${generator} ${key}`;
  if (existsSync(build) && (!existsSync(keyFile) || readFileSync(keyFile, 'utf8') !== wanted)) rmSync(build, { recursive: true });
  const [program, ...args] = configure;
  run(program, [...args, '-S', root, '-B', build, '-G', generator], { env, quiet, what: 'configuring the C++ build' });
  writeFileSync(keyFile, wanted);
  run('cmake', ['--build', build, '--parallel', String(availableParallelism())], { env, quiet, what: 'the C++ build' });
}

/** The engine as a native program at full speed, which the WebAssembly builds are compared with, and what callgrind counts. */
export function buildNativeEngine(quiet = false) {
  cmakeBuild('build/release', ['cmake', '-DNEEDLE_SANITIZE=OFF', '-DNEEDLE_TESTS=OFF', '-DNEEDLE_BENCH=ON'], { env: process.env, quiet });
}

/** True when node_modules holds exactly what package-lock.json names. */
function packagesAreInstalled() {
  try {
    const read = (path) => JSON.parse(readFileSync(join(root, path), 'utf8')).packages;
    const installed = read('node_modules/.package-lock.json');
    return Object.entries(read('package-lock.json')).every(
      ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
    );
  } catch {
    return false;
  }
}

/** `npm ci` in a folder. Inside an npm script npm_execpath names the npm that runs us, which need not be on PATH. */
export function npmCi(folder, quiet) {
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const options = ['--include=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  run(npm[0], [...npm.slice(1), 'ci', '--prefix', folder, ...options], { quiet, what: 'npm ci' });
}

/** The environment in which emcc runs: of the one on PATH if it is new enough, else of a private tree. */
export function emscriptenEnvironment(log) {
  const tree = process.env.NEEDLE_EMSCRIPTEN_HOME ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'needle-emscripten');
  log('looking for Emscripten (the first time it may be fetched: 330 MB)');
  const found = spawnSync('sh', [join(root, 'js/setup-emscripten.sh')], { stdio: ['ignore', 'pipe', 2], encoding: 'utf8' });
  if (found.status !== 0) throw new SetUpError('');               // the script has said its sentence
  const bin = found.stdout.trim();
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  // emcc builds its system libraries into its own folder when first needed, which a user who is not root may not
  // write; a frozen cache has them all and must stay where it is.
  const ask = (name) => spawnSync(join(bin, 'em-config'), [name], { env, encoding: 'utf8' }).stdout?.trim();
  const cache = ask('CACHE');
  if (!env.EM_CACHE && cache && ask('FROZEN_CACHE') !== 'True' && !isWritable(cache)) env.EM_CACHE = join(tree, 'cache');
  return { env, bin };
}

function buildWasm(log, quiet) {
  requirePrograms('cmake', ['ninja', 'make'], 'python3');         // before 330 MB are fetched; emcc is a Python program
  const { env, bin } = emscriptenEnvironment(log);
  log('building the engine for WebAssembly');
  cmakeBuild('build/wasm', ['emcmake', 'cmake', `-DNEEDLE_VARIANTS=${variants.join(';')}`], { env, quiet, key: bin });
  checkGlue();
  for (const glue of glues) cpSync(join(generated, 'needle.d.ts'), join(generated, typesOf(glue)));
}

/** js/loading/builds.ts runs each relaxed build by the other's glue, which holds only if they differ in nothing but a name. */
function checkGlue() {
  for (const [threads, suffix] of [['', '.mjs'], ['-mt', '.js']]) {
    const [simd, relaxed] = ['simd', 'relaxed'].map((isa) => readFileSync(join(generated, `needle-${isa}${threads}${suffix}`), 'utf8').replaceAll(`needle-${isa}${threads}`, 'needle'));
    if (simd !== relaxed) throw new SetUpError(`needle-simd${threads}${suffix} does not fit needle-relaxed${threads}.wasm: js/loading/builds.ts has to import both.`);
  }
}

async function buildPackage(log, quiet) {
  log('building the package');
  rmSync(dist, { recursive: true, force: true });
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'js/tsconfig.json')], { quiet, what: 'tsc' });
  mkdirSync(join(dist, 'generated'), { recursive: true });
  const { build, transform } = await import('esbuild');
  const shipped = [...variants.map((variant) => `needle-${variant}.wasm`), ...glues.map(typesOf)];
  for (const name of shipped) cpSync(join(generated, name), join(dist, 'generated', name));
  for (const name of ['cli/example-tools.json', 'entry/wasm-module.d.ts', 'THIRD-PARTY.md']) cpSync(join(root, 'js', name), join(dist, name));
  // Bundlers take the threads' file as it is, so it is made small here. Parcel alone bundles it, and leaves its exports
  // away: hence the symbol, which js/loading/builds.ts knows.
  for (const glue of glues) {
    const isThreadsFile = glue === 'needle-simd-mt.js';
    const source = readFileSync(join(generated, glue), 'utf8') + (isThreadsFile ? "\nglobalThis[Symbol.for('needle-router.threads')] = createNeedle;\n" : '');
    const { code } = await transform(source, { minify: true, format: 'esm', target: 'es2022' });
    writeFileSync(join(dist, 'generated', glue), code);
  }
  const bundle = (name, options) => build({ entryPoints: [join(dist, name)], outfile: join(dist, name), allowOverwrite: true, bundle: true, format: 'esm', ...options });
  // One request begins a worker, instead of a chain of them, five deep. Its white space stays, because comments that bundlers
  // read would go with it.
  const banner = { js: '// SPDX-License-Identifier: Apache-2.0 AND MIT (dist/THIRD-PARTY.md)' };
  await bundle('host/web-worker-entry.js', { minifySyntax: true, minifyIdentifiers: true, platform: 'browser', target: 'es2022', banner });
  // The only file that imports somebody else's package gets it bundled in: the published package depends on nothing.
  await bundle('cli/schema-validator.js', { platform: 'node', target: 'node20', legalComments: 'inline' });
}

/** A hash over everything that the build reads, by content: a checkout, a touch or a copy changes no answer. */
function hashSources() {
  const hash = createHash('sha256').update(process.version);
  const add = (path) => hash.update(path).update('\0').update(readFileSync(join(root, path))).update('\0');
  const walk = (folder) => {
    const entries = readdirSync(join(root, folder), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const path = `${folder}/${entry.name}`;
      if (path === 'js/generated') continue;
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) add(path);
    }
  };
  for (const path of ['CMakeLists.txt', 'package.json', 'package-lock.json']) add(path);
  walk('wasm');
  walk('js');
  return hash.digest('hex');
}

/** Makes dist current. `quiet`: say nothing unless it fails. */
export async function setUp({ quiet = false } = {}) {
  const log = (text) => quiet || process.stderr.write(`needle-router: ${text}\n`);
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20) throw new SetUpError(`needle-router needs Node.js >= 20 and this is ${process.version}: install a newer one.`);
  if (isBuilt(hashSources())) return;
  // Two would write the same files.
  await whileAlone(lockFile, () => log('waiting for another set-up (build/set-up.lock)'), async () => {
    const hash = hashSources();
    if (isBuilt(hash)) return; // by the one that we waited for
    rmSync(stampFile, { force: true });
    if (!packagesAreInstalled()) {
      log('installing the Node packages');
      npmCi(root, quiet);
    }
    buildWasm(log, quiet);
    await buildPackage(log, quiet);
    writeFileSync(stampFile, hash);
  });
}

function isBuilt(hash) {
  const isStamped = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash;
  return isStamped && existsSync(join(dist, 'cli/main.js')) && existsSync(join(root, 'node_modules'));
}

/** Sets up and answers whether that worked; the sentence that says why not is on stderr. */
export async function setUpOrExplain(options) {
  try {
    await setUp(options);
    return true;
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    if (error.message) process.stderr.write(`needle-router: ${error.message}\n`);
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url) && !(await setUpOrExplain())) process.exitCode = 1;
