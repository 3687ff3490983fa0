// SPDX-License-Identifier: Apache-2.0
// The tools that requests may name by an id instead of sending them. Put yours here.
import home from '../toolsets/home.json' with { type: 'json' };

export const toolsets: Record<string, unknown> = { home };
