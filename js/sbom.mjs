// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// `npm run -s sbom`: a CycloneDX bill of materials of what is published: npm's own, and what is compiled or bundled in,
// which for npm is a development dependency.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** simdjson is in every .wasm, the validator in the command line. */
const builtIn = ['@nozbe/simdjson', '@cfworker/json-schema'];

const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
const { status, stdout, stderr } = spawnSync(npm[0], [...npm.slice(1), 'sbom', '--omit=dev', '--sbom-format=cyclonedx', '--package-lock-only'], { cwd: root, encoding: 'utf8' });
if (status !== 0) {
  process.stderr.write(stderr);
  process.exit(1);
}
const bill = JSON.parse(stdout);
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
for (const name of builtIn) {
  const { version, license, integrity } = packages[`node_modules/${name}`];
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  bill.components.push({
    'bom-ref': `${name}@${version}`,
    type: 'library',
    name,
    version,
    scope: 'required',
    purl,
    licenses: [{ license: { id: license } }],
    hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex') }],
  });
}
process.stdout.write(`${JSON.stringify(bill, null, 2)}\n`);
