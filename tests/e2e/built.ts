// SPDX-License-Identifier: Apache-2.0
// Where the end-to-end tests find what they test: the built package and the released model.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const hasModel = existsSync(`${root}/models/manifest.json`);
export const node24 = `${root}/tests/runtimes/node_modules/node24/bin/node`;
export const hasNode24 = existsSync(node24);
