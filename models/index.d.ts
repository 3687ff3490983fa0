// SPDX-License-Identifier: Apache-2.0
// The released model: where its file is, and what must be in it.

/** Of the model file, beside this one. Literal in index.js, so that bundlers emit the file and put its new URL here. */
export declare const url: URL;
export declare const name: string;
/** The file's size. */
export declare const bytes: number;
/** Of the file, hexadecimal. */
export declare const sha256: string;
/** What an engine must be able to read. */
export declare const format: string;
