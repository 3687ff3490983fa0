// SPDX-License-Identifier: Apache-2.0
// Copies the weights from their package to where the worker serves its assets from.
import { copyFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { url } from 'needle-router-model';

const folder = fileURLToPath(new URL('assets/', import.meta.url));
mkdirSync(folder, { recursive: true });
copyFileSync(fileURLToPath(url), `${folder}model.safetensors`);
