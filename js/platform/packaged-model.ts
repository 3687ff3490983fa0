// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// The released model: a package of its own, because weights and code change at different times. Its name stands here
// literally, so that bundlers find it and emit the weights as a file.
import { makeError } from '../protocol/errors.js';
import type { PackagedModel } from '../protocol/messages.js';

/** @throws NeedleError `model_not_found` when the package is not there. */
export async function packagedModel(): Promise<PackagedModel> {
  try {
    const { name, url, bytes, sha256 } = await import('needle-router-model');
    return { name, url: url.href, bytes, sha256 };
  } catch (cause) {
    throw makeError('model_not_found', 'the package needle-router-model is not there: install it, or give a model by modelUrl or model', { path: 'needle-router-model', cause });
  }
}
