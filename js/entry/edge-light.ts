// SPDX-License-Identifier: Apache-2.0
// Runs in: edge-light
// The package's entry in edge runtimes that do not let a package import its .wasm: the caller imports it.
import { BoundToolRouter } from '../api/bound-tool-router.js';
import { edgePlatform } from '../platform/edge.js';

export class ToolRouter extends BoundToolRouter {
  protected static override readonly platform = edgePlatform();
}

export * from './public.js';
