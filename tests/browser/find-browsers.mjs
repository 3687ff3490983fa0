// SPDX-License-Identifier: Apache-2.0
// Runs in: node (also before Vitest: a plain script)
// The browsers that the tests drive, as this machine has them. Where one is missing, and this is a Debian or a relative
// of it and we may, it is installed from the distribution's packages; no test tool downloads one.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function onPath(...names) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // not there
      }
    }
  }
  return undefined;
}

/** WebKitGTK's plain browser is in its library's folder, whose name has the architecture and the API's version. */
function miniBrowser() {
  const inside = (folder) => (existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder).map((name) => join(folder, name)) : []);
  const libraries = ['/usr/lib', '/usr/libexec'].flatMap(inside);
  return [...libraries, ...libraries.filter((path) => path.endsWith('-linux-gnu')).flatMap(inside)]
    .filter((path) => /\/webkit2gtk-4\.\d$/.test(path)).map((path) => join(path, 'MiniBrowser')).filter(existsSync).sort().at(-1);
}

/** For each browser what its driver starts; undefined where something is missing. */
export function findBrowsers() {
  const chromium = onPath('chromium', 'chromium-browser', 'google-chrome');
  const firefox = onPath('firefox-esr', 'firefox');
  const webkit = { driver: onPath('WebKitWebDriver'), browser: miniBrowser(), screen: onPath('Xvfb') };
  return { chromium, firefox, webkit: Object.values(webkit).every(Boolean) ? webkit : undefined };
}

const packages = { chromium: ['chromium'], firefox: ['firefox-esr'], webkit: ['webkit2gtk-driver', 'xvfb'] };

/** Installs what is missing, if root on a Debian. Answers the names of the browsers that are missing after that. */
export function installBrowsers(log = () => {}) {
  const missing = () => Object.entries(findBrowsers()).filter(([, found]) => !found).map(([name]) => name);
  const wanted = missing();
  if (wanted.length === 0 || process.getuid?.() !== 0 || !onPath('apt-get')) return wanted;
  log(`installing ${wanted.join(' and ')} for the tests`);
  const apt = (...args) => spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  apt('update');
  apt('install', '-y', '--no-install-recommends', ...wanted.flatMap((name) => packages[name]));
  return missing();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const missing = installBrowsers((text) => process.stderr.write(`needle-router: ${text}\n`));
  if (missing.length > 0) process.stderr.write(`needle-router: not found and not installed: ${missing.join(', ')}\n`);
  process.exitCode = missing.length > 0 ? 1 : 0;
}
