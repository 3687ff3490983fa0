// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// How a Channel reaches its engine: a worker thread in Node, and whatever else a platform has.
import type { ClientMessage, HostMessage } from '../protocol/messages.js';

/** Why a worker failed whose threads were starting and that says nothing more: it may do better the next time. */
export class HungWorker extends Error {}

export interface Transport {
  post(message: ClientMessage): void;
  onMessage(listener: (message: HostMessage) => void): void;
  /** Called at most once, when the other side has died. */
  onFailure(listener: (cause: Error) => void): void;
  close(): void;
  /** Whether answers are awaited: an idle engine must not keep a Node process alive. */
  setBusy(busy: boolean): void;
}
