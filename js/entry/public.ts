// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// What every entry exports beside its ToolRouter.
export type { ToolSet } from '../api/tool-set.js';
export { tool, type TypedTool } from '../api/tool.js';
export type * from '../api/types.js';
export {
  AbortedError, EngineCrashedError, InvalidArgumentError, ModelLoadError, NeedleError, SchemaError, type ErrorCode,
} from '../protocol/errors.js';
