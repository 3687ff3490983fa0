// SPDX-License-Identifier: Apache-2.0
// Runs in: both

/** The date and time on the wall, which is what a request's "tomorrow" is meant from. */
export function localTime(now: Date): string {
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
