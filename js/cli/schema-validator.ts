// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// Whether arguments validate against a tool's schema, asked of somebody else's validator: the engine that made them
// must not be its own judge. The only import of a foreign package; the build bundles it into this file.
import { Validator, type Schema } from '@cfworker/json-schema';

export function isValid(args: unknown, parameters: object | undefined): boolean {
  try {
    return new Validator((parameters ?? { type: 'object' }) as Schema, '2020-12').validate(args).valid;
  } catch {
    return false; // a schema that the validator cannot read vouches for nothing
  }
}
