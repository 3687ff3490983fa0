// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// What a ToolRouter needs to know of the place where it runs; the entry points give it one.
import type { Transport } from '../client/transport.js';
import type { ModelSource, PackagedModel, Variant } from '../protocol/messages.js';

export interface Platform {
  openTransport(workerUrl: string | undefined): Transport;
  /** A path or URL as an absolute URL; throws if it is none. */
  resolveUrl(pathOrUrl: string | URL): string;
  /** The released model. Rejects with `model_not_found` where there is none. */
  packagedModel(): Promise<PackagedModel>;
  /** The builds that run here, the best first. */
  detectVariants(threads: number | undefined): Promise<Variant[]>;
  /** Whether loading the model would use the network. */
  willDownload(model: ModelSource): Promise<boolean>;
}
