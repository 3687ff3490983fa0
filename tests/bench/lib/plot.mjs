// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// Growth as two small plots in one SVG: milliseconds over the number of tools, and over the length of the request.

const size = { width: 360, height: 240, left: 48, right: 12, top: 28, bottom: 36 };
const colours = ['#2a5db0', '#b0562a', '#3a8a4d', '#7a4aa0'];

function ticksOf(max) {
  const step = [1, 2, 2.5, 5, 10].map((n) => n * 10 ** Math.floor(Math.log10(max / 4))).find((n) => max / n <= 5);
  return Array.from({ length: Math.floor(max / step) + 1 }, (_, i) => i * step);
}

/** `lines`: [{ label, points: [[x, y]] }], x and y from 0. */
function plot({ title, xLabel, lines, at }) {
  const { width, height, left, right, top, bottom } = size;
  const maxX = Math.max(...lines.flatMap(({ points }) => points.map(([x]) => x)));
  const maxY = Math.max(...lines.flatMap(({ points }) => points.map(([, y]) => y)));
  const x = (value) => left + (value / maxX) * (width - left - right);
  const y = (value) => height - bottom - (value / maxY) * (height - top - bottom);
  const number = (value) => value.toFixed(1);
  const parts = [`<text x="${left}" y="16" font-weight="bold">${title}</text>`];
  for (const tick of ticksOf(maxY)) {
    parts.push(`<path d="M${left} ${number(y(tick))}H${width - right}" stroke="#ddd"/><text x="${left - 6}" y="${number(y(tick) + 4)}" text-anchor="end">${tick}</text>`);
  }
  for (const tick of ticksOf(maxX)) parts.push(`<text x="${number(x(tick))}" y="${height - bottom + 16}" text-anchor="middle">${tick}</text>`);
  parts.push(`<text x="${number((left + width - right) / 2)}" y="${height - 4}" text-anchor="middle">${xLabel}</text>`);
  lines.forEach(({ label, points }, i) => {
    const colour = colours[i % colours.length];
    parts.push(`<path d="M${points.map(([px, py]) => `${number(x(px))} ${number(y(py))}`).join('L')}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    for (const [px, py] of points) parts.push(`<circle cx="${number(x(px))}" cy="${number(y(py))}" r="3" fill="${colour}"/>`);
    parts.push(`<text x="${left + 8}" y="${top + 14 * (i + 1)}" fill="${colour}">${label}</text>`);
  });
  return `<g transform="translate(${at} 0)">${parts.join('')}</g>`;
}

/** Of what runtime/growth.mjs measured. */
export function growthPlot({ runtime, growth }) {
  const lines = (kind, xOf, yOf) => growth.map(({ model, [kind]: rows }) => ({ label: model, points: rows.map((row) => [xOf(row), yOf(row)]) }));
  const plots = [
    plot({ title: 'route, ms: reading and choosing', xLabel: 'tools in the set (8 to 16 considered)', lines: lines('tools', ({ tools }) => tools, ({ ms }) => ms.total), at: 0 }),
    plot({ title: 'reading the request, ms', xLabel: 'tokens of the request', lines: lines('length', ({ tokens }) => tokens, ({ ms }) => ms.encode), at: size.width }),
    plot({ title: 'compiling the tools, ms', xLabel: 'tools in the set', lines: lines('tools', ({ tools }) => tools, ({ compileMs }) => compileMs), at: 2 * size.width }),
  ];
  const all = `<svg xmlns="http://www.w3.org/2000/svg" width="${3 * size.width}" height="${size.height}" font-family="sans-serif" font-size="11" fill="#333" role="img" aria-label="Growth with tools and with the request, ${runtime}">`;
  return `${all}<rect width="100%" height="100%" fill="#fff"/>${plots.join('')}</svg>\n`;
}
