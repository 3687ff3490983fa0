// SPDX-License-Identifier: Apache-2.0
// Written by `needle_models release` from manifest.json. The URL stands here literally, for bundlers to find the file.
export const url = new URL('./needle-router-6m-0.5.safetensors', import.meta.url);
export const name = 'needle-router-6m-0.5';
export const bytes = 4621403;
export const sha256 = '4e079876d76e6f609d9b7037f2fe3faf0b841b1d4e42445898d599b249dba823';
export const format = 'needle-router/1';
