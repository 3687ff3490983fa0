// SPDX-License-Identifier: Apache-2.0
// How many tools a request brings along, in whatever form: the limit is for what will be compiled.

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** How many tools the router will read there, or more; never fewer. */
export function countTools(tools: unknown): number {
  if (Array.isArray(tools)) return countEntries(tools);
  if (!isObject(tools)) return 1;
  const members = Object.values(tools);
  const byName = members.every(isObject) ? countEntries(members) : 0; // as the AI SDK has them
  const listed = [tools['tools'], tools['result']].filter((list) => typeof list === 'object' && list !== null).map(countTools); // MCP
  return Math.max(countEntries([tools]), byName, ...listed);
}

/** A tool each, or Gemini's declarations of several. */
function countEntries(entries: readonly unknown[]): number {
  const lengthOf = (list: unknown) => (Array.isArray(list) ? list.length : 0);
  const declared = (entry: unknown) => (isObject(entry) ? lengthOf(entry['functionDeclarations']) + lengthOf(entry['function_declarations']) : 0);
  return entries.reduce((sum: number, entry) => sum + Math.max(1, declared(entry)), 0);
}
