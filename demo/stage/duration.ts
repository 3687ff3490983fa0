// SPDX-License-Identifier: Apache-2.0
// A length of time as people say it ("10 minutes", "an hour and a half", "1h20m") or as ISO 8601 writes it (PT10M).

const unitMs: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000 };
const ones = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'];
const tens = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];

/** Number words as digits: "twenty-five" is 25, "half an" and "a" are 0.5 and 1. */
function withDigits(text: string): string {
  return text
    .replace(/\bhalf an?\b/g, '0.5')
    .replace(/\band a half\b/g, '+half')
    .replace(/\ban?\b/g, '1')
    .replace(new RegExp(`\\b(${tens.join('|')})(?:[\\s-](${ones.slice(1, 10).join('|')}))?\\b`, 'g'), (_, ten: string, one?: string) => String((tens.indexOf(ten) + 2) * 10 + (one ? ones.indexOf(one) : 0)))
    .replace(new RegExp(`\\b(${ones.join('|')})\\b`, 'g'), (one) => String(ones.indexOf(one)));
}

/** In milliseconds; undefined for what is no length of time, or less than a second. */
export function parseDuration(text: string): number | undefined {
  const plain = withDigits(text.trim().toLowerCase().replace(/^pt(?=\d)/, ''));
  let total = 0;
  for (const [, amount, unit, half] of plain.matchAll(/(\d+(?:[.,]\d+)?)[\s-]*(h|m|s)(?:(?:ou)?rs?|r|in(?:ute)?s?|ec(?:ond)?s?)?(?![a-z])( \+half)?/g)) {
    total += (Number(amount!.replace(',', '.')) + (half ? 0.5 : 0)) * unitMs[unit!]!;
  }
  const [, minutes] = /h(?:ours?)? (\d+)$/.exec(plain) ?? []; // "1 h 20"
  total += Number(minutes ?? 0) * unitMs['m']!;
  return total >= 1000 ? Math.round(total) : undefined;
}
