// SPDX-License-Identifier: Apache-2.0
// One suite of behaviours for every browser.
import { describe } from 'vitest';
import { hasBrowser, type BrowserName } from './drivers/index.js';
import { describeRobustness } from './robustness.js';
import { describeRouting } from './routing.js';
import { useBrowser } from './setting.js';
import { describeThreads } from './threads.js';
import { describeWeights } from './weights.js';

export function describeBrowser(name: BrowserName): void {
  describe.skipIf(!hasBrowser(name))(`the package in ${name}`, () => {
    const setting = useBrowser(name);
    describeRouting(setting);
    describeWeights(setting);
    describeRobustness(setting);
    describeThreads(setting);
  });
}
