// SPDX-License-Identifier: Apache-2.0
// Numbers and values as people read them.

export function bytes(count: number): string {
  return count < 1e6 ? `${Math.round(count / 1e3)} kB` : `${(count / 1e6).toFixed(1)} MB`;
}

export function ms(value: number): string {
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

export const percent = (share: number): string => `${Math.round(share * 100)}%`;

/** 6,123,456 is "6 million" in running text. */
export function millions(count: number): string {
  const value = count / 1e6;
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} million`;
}

/** An argument's value, without the quotes of a plain string. */
export const plainValue = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** `set_light_brightness`, `setLightBrightness` → "set light brightness". */
export const words = (name: string): string => name.replace(/[_.\-/]+/g, ' ').replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase().trim();

export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, '0'));
  return (parts[0] === '00' ? parts.slice(1) : parts).join(':');
}

/** The local date and time, as the router wants it: what "tomorrow" is counted from. */
export function localDate(now = new Date()): string {
  const two = (part: number) => String(part).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}T${two(now.getHours())}:${two(now.getMinutes())}`;
}
