// SPDX-License-Identifier: Apache-2.0
// Runs in: both
import { guarded, memberPath } from './unknown.js';

/** JSON text for the engine, which is valid UTF-8: a lone surrogate, as JavaScript allows it, becomes U+FFFD. */
export function toWireJson(value: unknown, path: string, depth = 2): string {
  return guarded(path, () => {
    try {
      const text = JSON.stringify(value);
      return /\\ud[89a-f]/.test(text) ? wellFormed(text) : text;
    } catch (cause) {
      // The place is the member that cannot be written by itself; no deeper than a tool's schema, because a cycle has no end.
      if (depth > 0) {
        for (const [key, member] of Object.entries(value as object)) toWireJson(member, memberPath(path, key, Array.isArray(value)), depth - 1);
      }
      throw cause;
    }
  });
}

/** JSON.stringify escapes those surrogates that stand alone, in keys as in values. */
function wellFormed(text: string): string {
  const sound = text.replace(/\\(ud[89a-f]..|.)/g, (escape) => (escape.length > 2 ? '\ufffd' : escape));
  // Of keys that became the same, parsing keeps one.
  if (JSON.stringify(JSON.parse(sound)).length < sound.length) throw new TypeError('two keys differ in lone surrogates only');
  return sound;
}
