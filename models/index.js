// SPDX-License-Identifier: Apache-2.0
// Written by `needle_models release` from manifest.json. The URL stands here literally, for bundlers to find the file.
export const url = new URL('./needle-router-6m-0.2.safetensors', import.meta.url);
export const name = 'needle-router-6m-0.2';
export const bytes = 4621515;
export const sha256 = 'e96a298b73964b38310c2e98de0a4550692746e2834a340c57b3ee97520b6e92';
export const format = 'needle-router/1';
