// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// The border to what callers pass, which may be anything: reading it, and writing it as JSON, runs the getters, proxies
// and toJSON() in it, and they may throw anything.
import { makeError, NeedleError, type ErrorCode } from '../protocol/errors.js';

/** What `read` makes of the caller's value at `path`. What it throws has a code and a path: its own, or these. */
export function guarded<Value>(path: string, read: () => Value, code: ErrorCode = 'invalid_argument'): Value {
  try {
    return read();
  } catch (cause) {
    throw typedError(cause, path, code);
  }
}

function typedError(cause: unknown, path: string, code: ErrorCode): NeedleError {
  try {
    if (NeedleError.isInstance(cause)) return cause;
    const [reason] = String((cause as Error | null | undefined)?.message ?? cause).split('\n');
    return makeError(code, `cannot be read: ${reason}`, { path, cause });
  } catch {
    return makeError(code, 'cannot be read', { path, cause }); // as cannot what it throws
  }
}

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

export function memberPath(path: string, key: string, isIndex = false): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${isIndex ? key : JSON.stringify(key)}]`;
}
