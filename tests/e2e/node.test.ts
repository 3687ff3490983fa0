// SPDX-License-Identifier: Apache-2.0
// The suite on this Node, for each build that it runs correctly.
import { describe, test } from 'vitest';
import { detectVariants } from '../../js/loading/detect-variants.js';
import { hasModel, root } from './built.js';
import { describeRouter } from './suite.js';

if (hasModel) {
  const built = (await import(`${root}/dist/entry/node.js`)) as typeof import('../../js/entry/node.js');
  for (const variant of await detectVariants(2)) describeRouter(built, variant);
} else {
  describe('the released model', () => test.skip('is not there yet: models/manifest.json', () => {}));
}
