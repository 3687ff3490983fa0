// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// The layout of help texts: sections under headings, and in them two columns, a term and its description.

export interface Section {
  /** Without its colon; '' for what stands before the first heading. */
  title: string;
  lines: string[];
}

export interface Entry {
  term: string;
  description: string;
}

const heading = /^([A-Za-z][\w &/-]{0,40}):$|^([A-Z][A-Z &-]{2,40})$/;
const usage = /^usage:?\s+(\S.*)$/i;

export function sectionsOf(text: string): Section[] {
  const sections: Section[] = [{ title: '', lines: [] }];
  for (const line of text.replaceAll('\t', '    ').split(/\r?\n/)) {
    const [, lower, upper] = heading.exec(line.trimEnd()) ?? [];
    const inline = usage.exec(line);
    const title = lower ?? upper;
    if (title !== undefined) sections.push({ title, lines: [] });
    else if (inline) sections.push({ title: 'usage', lines: [inline[1]!] });
    // What is not indented after the usage is about the program, not about how it is used.
    else if (/^\S/.test(line) && sections.at(-1)!.title.toLowerCase() === 'usage') sections[0]!.lines.push(line);
    else sections.at(-1)!.lines.push(line);
  }
  for (const section of sections) if (section.title !== '') section.lines = section.lines.filter((line) => line.trim() !== '');
  return sections;
}

/** The entries of a section. A line that is indented further than the entry before continues its description. */
export function readEntries(lines: string[]): Entry[] {
  const entries: Entry[] = [];
  let indent = Infinity;
  for (const line of lines) {
    const [, space, content] = /^(\s+)(\S.*)$/.exec(line.trimEnd()) ?? [];
    if (space === undefined) continue;
    const last = entries.at(-1);
    const isOption = content!.startsWith('-');
    if (last && space.length > indent + 1 && !(isOption && space.length < indent + 6)) {
      last.description = `${last.description} ${content}`.trim();
      continue;
    }
    const [, term, description = ''] = /^(\S.*?)(?:\s{2,}(\S.*))?$/.exec(content!)!;
    entries.push({ term: term!, description });
    indent = space.length;
  }
  return entries;
}
