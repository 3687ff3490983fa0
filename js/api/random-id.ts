// SPDX-License-Identifier: Apache-2.0
// Runs in: both

/** An identifier that no other call has. Not by randomUUID(), which pages on plain http: lack. */
export function randomId(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return prefix + Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
