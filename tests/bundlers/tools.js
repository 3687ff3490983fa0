// SPDX-License-Identifier: Apache-2.0
export const tools = [{
  name: 'set_light',
  description: 'Set the brightness of the lights in a room',
  parameters: {
    type: 'object',
    properties: { room: { type: 'string' }, brightness: { type: 'integer', minimum: 0, maximum: 100 } },
    required: ['room'],
  },
}];
