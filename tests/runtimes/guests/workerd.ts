// SPDX-License-Identifier: Apache-2.0
// A worker that answers with its report.
import * as needle from 'needle-router';
import { reportOf } from '../../e2e/behaviours.js';

interface Env {
  model: ArrayBuffer;
  modelUrl: string;
  sha256: string;
}

export default {
  async fetch(_: Request, { model, modelUrl, sha256 }: Env): Promise<Response> {
    return Response.json(await reportOf({ needle, options: { model }, download: { modelUrl, sha256 } }));
  },
};
