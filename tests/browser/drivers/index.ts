// SPDX-License-Identifier: Apache-2.0
import { findBrowsers } from '../find-browsers.mjs';
import { openChromium } from './chromium.js';
import type { Browser, BrowserOptions } from './driver.js';
import { openFirefox } from './firefox.js';
import { openWebKit, type WebKitPrograms } from './webkit.js';

export const browserNames = ['chromium', 'firefox', 'webkit'] as const;
export type BrowserName = (typeof browserNames)[number];

const found = findBrowsers() as { chromium?: string; firefox?: string; webkit?: WebKitPrograms };

export const hasBrowser = (name: BrowserName): boolean => found[name] !== undefined;

export function openBrowser(name: BrowserName, options?: BrowserOptions): Promise<Browser> {
  switch (name) {
    case 'chromium': return openChromium(found.chromium!, options);
    case 'firefox': return openFirefox(found.firefox!, options);
    case 'webkit': return openWebKit(found.webkit!, options);
  }
}
