// SPDX-License-Identifier: Apache-2.0
// Before the first paint: the theme that was chosen last, so that a dark page never flashes white. A plain script in a
// file of its own, because the page's policy allows no inline ones and a module would come too late.
try {
  const theme = localStorage.getItem('theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is switched off; the system's theme it is.
}
