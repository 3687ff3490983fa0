// SPDX-License-Identifier: Apache-2.0
// Written by `needle_models release` from manifest.json. The URL stands here literally, for bundlers to find the file.
export const url = new URL('./needle-router-6m-0.3.safetensors', import.meta.url);
export const name = 'needle-router-6m-0.3';
export const bytes = 4621427;
export const sha256 = 'ce1f681143be3854e3fa0eabc38bd630bce31bff2977b2ac73322c2881bec2c7';
export const format = 'needle-router/1';
