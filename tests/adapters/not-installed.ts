// SPDX-License-Identifier: Apache-2.0
// In the place of the adapters' tests, where the packages that they need could not be installed.
import { test } from 'vitest';

test.skip('they take `npm ci --prefix tests/adapters`', () => {});
