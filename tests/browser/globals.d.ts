// SPDX-License-Identifier: Apache-2.0
// What pages/blank.html gives to the functions that run in it.
declare const needle: typeof import('../../js/entry/browser.js');
/** The test runner would rewrite an import(). */
declare const importModule: (url: string) => Promise<typeof needle>;
/** The workers that the page starts from now on, the oldest first. */
declare const watchWorkers: () => Worker[];
