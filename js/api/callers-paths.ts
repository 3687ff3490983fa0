// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// The engine knows tools in the plain form only. Its paths into them (`tools[1].parameters.not`) become paths into what
// the caller passed (`tools[1].function.parameters.not`).
import { makeError, NeedleError } from '../protocol/errors.js';
import type { ToolSetInfo } from '../protocol/messages.js';
import { plainTools, type ReadTool } from './tool-formats.js';
import { toWireJson } from './wire-json.js';

const place = /^tools\[(\d+)\](\.parameters(?=$|[.[:]))?/;

function inCallersWords(path: string, tools: readonly ReadTool[]): string {
  return path.replace(place, (own, index: string, schema?: string) => {
    const tool = tools[Number(index)];
    return tool ? (schema ? tool.schemaPath : tool.path) : own;
  });
}

export function errorOnCallersPath(error: unknown, tools: readonly ReadTool[]): unknown {
  if (!NeedleError.isInstance(error) || !place.test(error.path)) return error;
  return makeError(error.code, error.message, { path: inCallersWords(error.path, tools), cause: error });
}

/** JSON of the tools for the engine. */
export function wireTools(tools: readonly ReadTool[]): string {
  try {
    return toWireJson(plainTools(tools), 'tools');
  } catch (error) {
    throw errorOnCallersPath(error, tools);
  }
}

/** Warnings begin with their path. */
export function infoOnCallersPaths(info: ToolSetInfo, tools: readonly ReadTool[]): ToolSetInfo {
  return { ...info, warnings: info.warnings.map((warning) => inCallersWords(warning, tools)) };
}
