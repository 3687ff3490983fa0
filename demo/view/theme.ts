// SPDX-License-Identifier: Apache-2.0
// Dark, light, or as the system has it. The choice is kept; public/theme.js applies it before the first paint.
import { byId } from '../dom.js';

const order = ['auto', 'light', 'dark'] as const;
type Theme = (typeof order)[number];
const names: Record<Theme, string> = { auto: 'Auto', light: 'Light', dark: 'Dark' };

export function startTheme(): void {
  const root = document.documentElement;
  const show = () => {
    const theme = (root.dataset['theme'] ?? 'auto') as Theme;
    byId('theme-text').textContent = names[theme];
    byId('theme').setAttribute('aria-label', `Theme: ${names[theme]}`);
  };
  byId('theme').addEventListener('click', () => {
    const next = order[(order.indexOf((root.dataset['theme'] ?? 'auto') as Theme) + 1) % order.length]!;
    if (next === 'auto') delete root.dataset['theme'];
    else root.dataset['theme'] = next;
    try {
      localStorage.setItem('theme', next);
    } catch {
      // Storage is switched off: the choice holds until the page is left.
    }
    show();
  });
  show();
}
