// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// What a ToolRouter needs to know of the place where it runs; the entry points give it one.
import type { Transport } from '../client/transport.js';
import type { ModelSource, RouterStatus } from '../protocol/messages.js';

export interface Platform {
  openTransport(): Transport;
  /** A path or URL as an absolute URL. */
  resolveUrl(pathOrUrl: string | URL): string;
  /** The model that is loaded when the caller names none. */
  defaultModel(): Promise<ModelSource>;
  status(): Promise<RouterStatus>;
}
