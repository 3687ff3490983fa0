// SPDX-License-Identifier: Apache-2.0
// Runs in: workerd
// The package's entry in workerd: the .wasm is a module like others, compiled when the worker is uploaded.
import { BoundToolRouter } from '../api/bound-tool-router.js';
import { edgePlatform } from '../platform/edge.js';
import relaxed from '../generated/needle-relaxed.wasm';

export class ToolRouter extends BoundToolRouter {
  protected static override readonly platform = edgePlatform(relaxed);
}

export * from './public.js';
