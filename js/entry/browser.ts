// SPDX-License-Identifier: Apache-2.0
// Runs in: page
// The package's entry in browsers: ToolRouter with its engine in a Web Worker. Importing it does nothing, so that a page
// can be rendered on a server.
import { BoundToolRouter } from '../api/bound-tool-router.js';
import { browserPlatform } from '../platform/browser.js';

export class ToolRouter extends BoundToolRouter {
  protected static override readonly platform = browserPlatform;
}

export * from './public.js';
