// SPDX-License-Identifier: Apache-2.0
// Written by `needle_models release` from manifest.json. The URL stands here literally, for bundlers to find the file.
export const url = new URL('./needle-router-6m-0.4.safetensors', import.meta.url);
export const name = 'needle-router-6m-0.4';
export const bytes = 4621587;
export const sha256 = '110e3f5bca4478cbca8ab25c440ee6c35f0027fee57943095d056e1ef2ba8cd8';
export const format = 'needle-router/1';
