// SPDX-License-Identifier: Apache-2.0
// How much a soak does: little in `npm test`, a night's worth in `npm run test:long` (js/test-long.mjs).
const number = (name: string, few: number) => Number(process.env[name] ?? few);

export const soak = {
  routes: number('NEEDLE_SOAK_ROUTES', 200),
  toolSets: number('NEEDLE_SOAK_TOOL_SETS', 20),
  loads: number('NEEDLE_SOAK_LOADS', 12),
};

/** Some milliseconds each, on a slow and busy machine a second. */
export const soakTimeout = 600_000 + 1_000 * Math.max(soak.routes / 10, soak.toolSets, soak.loads);

/** Tools that noise answers without end would not suit: no free text among the values. */
export const soakTools = ['light', 'radio', 'door'].map((thing) => ({
  name: `set_${thing}`,
  description: `Switch the ${thing} on or off`,
  parameters: { type: 'object', properties: { room: { enum: ['kitchen', 'hall'] }, is_on: { type: 'boolean' } }, required: ['room', 'is_on'] },
}));
export const soakOptions = { toolChoice: 'required', maxCalls: 1 } as const;
