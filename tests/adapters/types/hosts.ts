// SPDX-License-Identifier: Apache-2.0
// Compiled, never run: the adapters' types against those of the packages that they are for.
import type Anthropic from '@anthropic-ai/sdk';
import type { Content } from '@google/genai';
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { tool as langchainTool } from '@langchain/core/tools';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { CallToolRequest } from '@modelcontextprotocol/sdk/types.js';
import { generateText, streamText, tool as aiTool, wrapLanguageModel, type LanguageModel, type ModelMessage } from 'ai';
import { generateText as generateText6, wrapLanguageModel as wrap6 } from 'ai6';
import { type } from 'arktype';
import { tool, ToolRouter, type ToolCall } from 'needle-router';
import { localFirst, needleModel } from 'needle-router/ai';
import { toAiSdk, toAnthropic, toGemini, toMcp, toOpenAI, toOpenAIResponses } from 'needle-router/formats';
import { ChatNeedle } from 'needle-router/langchain';
import { mcpTools } from 'needle-router/mcp';
import { openAI, openAIFetch, type ChatCompletion, type ChatCompletionChunk } from 'needle-router/openai';
import { useRoute, useToolRouter } from 'needle-router/react';
import { ScriptedRouter } from 'needle-router/testing';
import { pageTools, registerTools } from 'needle-router/webmcp';
import OpenAI from 'openai';
import * as v from 'valibot';
import * as z from 'zod';
import 'webmcp-types';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(equal: Equal<A, B>): void;
declare const router: ToolRouter;
declare const bigger: Exclude<LanguageModel, string>;

export async function ai(): Promise<void> {
  const tools = { set_light: aiTool({ inputSchema: z.object({ room: z.string(), level: z.number().default(5) }), execute: async ({ level }) => level * 2 }) };
  await generateText({ model: needleModel(router), prompt: 'x', tools });
  streamText({ model: wrapLanguageModel({ model: bigger as never, middleware: localFirst(router, { minConfidence: 0.9 }) }), prompt: 'x', tools });
  await generateText6({ model: needleModel(router), prompt: 'x' });
  wrap6({ model: needleModel(router), middleware: localFirst(router) });
  const { calls } = await router.run('x', tools);
  for (const call of calls) {
    same<typeof call.name, 'set_light'>(true);
    same<typeof call.arguments, { room: string; level: number }>(true); // all that an AI SDK tool's type says
    if (call.status === 'done') same<typeof call.result, number>(true);
  }
}

export async function openai(params: OpenAI.ChatCompletionCreateParams, client: OpenAI): Promise<void> {
  const ours = openAI(router).chat.completions;
  await ours.create(params);
  const completion: ChatCompletion = await ours.create({ ...params, stream: false });
  completion satisfies OpenAI.ChatCompletion;
  for await (const chunk of await ours.create({ ...params, stream: true })) {
    same<typeof chunk, ChatCompletionChunk>(true);
    chunk satisfies OpenAI.ChatCompletionChunk;
  }
  new OpenAI({ apiKey: '', fetch: openAIFetch(router) });
  const result = await router.route('x', []);
  toOpenAI(result) satisfies OpenAI.ChatCompletionMessageParam[];
  toOpenAIResponses(result) satisfies OpenAI.Responses.ResponseInputItem[];
  await client.responses.create({ model: '', input: toOpenAIResponses(result) });
}

export async function formats(client: Client): Promise<void> {
  const result = await router.run('x', [{ name: 'a' }]);
  toAnthropic(result) satisfies Anthropic.MessageParam[];
  toGemini(result) satisfies Content[];
  toAiSdk(result) satisfies ModelMessage[];
  for (const request of toMcp(result)) {
    request satisfies CallToolRequest;
    await client.callTool(request.params);
  }
}

export async function hosts(client: Client): Promise<void> {
  const chat: BaseChatModel = new ChatNeedle({ router, facts: { date: '2026-11-21' } }) as never;
  const bound = new ChatNeedle({ router }).bindTools([langchainTool(() => 1, { name: 'a', schema: z.object({}) })], { tool_choice: 'any' });
  (await bound.invoke('x')).tool_calls?.[0]?.name satisfies string | undefined;
  await router.run('x', await mcpTools({ files: client, other: client }));
  await mcpTools([client]);
  await router.run('x', await pageTools({ modelContext: document.modelContext! }));
  await registerTools([], { modelContext: document.modelContext! });
  const { calls } = await (await ScriptedRouter.load({ x: 'none' })).route('x', [{ name: 'a' }]);
  same<(typeof calls)[0], ToolCall<'a'>>(true);
  void chat;
}

export function react(): unknown {
  const { router: loaded, progress, status } = useToolRouter((options) => ToolRouter.load(options));
  same<typeof loaded, ToolRouter | undefined>(true);
  const { result } = useRoute(loaded, 'x', [{ name: 'a', parameters: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } }]);
  return [result?.calls[0]?.arguments.n satisfies number | undefined, progress?.loaded, status];
}

export async function schemas(): Promise<void> {
  const zod = await router.run('x', [tool({ name: 'a', parameters: z.object({ n: z.string().transform(Number) }), execute: ({ n }) => n.toFixed(1) })]);
  same<(typeof zod.calls)[0]['arguments'], { n: string }>(true);
  const ark = await router.route('x', { a: { inputSchema: type({ room: "'kitchen' | 'hall'" }) } });
  same<(typeof ark.calls)[0]['arguments'], { room: 'kitchen' | 'hall' }>(true);
  const valibot = await router.route('x', [{ name: 'b', parameters: v.object({ n: v.number() }) }]);
  same<(typeof valibot.calls)[0], ToolCall<'b', { n: number }>>(true);
  // @ts-expect-error: n is text before the transform, a number after it
  tool({ name: 'a', parameters: z.object({ n: z.string().transform(Number) }), execute: ({ n }) => n.length });
}
