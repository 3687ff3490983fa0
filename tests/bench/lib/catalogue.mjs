// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// Sets of real tools of any size: the scenario's eight first, then those that the training data is written about.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tools } from '../scenario.mjs';
import { root } from './places.mjs';

export function catalogueOf(count) {
  const folder = join(root, 'models/families');
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  for (const file of readdirSync(folder).sort()) {
    for (const { name, description, parameters } of JSON.parse(readFileSync(join(folder, file), 'utf8')).tools) {
      if (!byName.has(name)) byName.set(name, { name, description, parameters });
    }
  }
  if (byName.size < count) throw new Error(`there are ${byName.size} tools, not ${count}`);
  return [...byName.values()].slice(0, count);
}
