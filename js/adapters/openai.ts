// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// needle-router/openai: a look-alike of an OpenAI client over a router, and a `fetch` that lets the real one talk to it.
export type { ChatOptions, Router } from './chat.js';
export { openAI, type OpenAILike } from './openai-completions.js';
export { openAIFetch } from './openai-fetch.js';
export type * from './openai-types.js';
