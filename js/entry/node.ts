// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// The package's entry in Node: ToolRouter with its engine in a worker thread.
import { BoundToolRouter } from '../api/bound-tool-router.js';
import { nodePlatform } from '../platform/node.js';

export class ToolRouter extends BoundToolRouter {
  protected static override readonly platform = nodePlatform;
}

export * from './public.js';
