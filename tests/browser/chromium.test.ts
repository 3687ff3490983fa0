// SPDX-License-Identifier: Apache-2.0
import { describeBrowser } from './suite.js';

describeBrowser('chromium');
