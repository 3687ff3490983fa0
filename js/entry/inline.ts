// SPDX-License-Identifier: Apache-2.0
// Runs in: service workers and extensions, and pages
// 'needle-router/inline': everything imported at once, the engine in place. Importing it does nothing.
import { BoundToolRouter } from '../api/bound-tool-router.js';
import { inlinePlatform } from '../platform/inline.js';

export class ToolRouter extends BoundToolRouter {
  protected static override readonly platform = inlinePlatform;
}

export * from './public.js';
