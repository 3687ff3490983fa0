// SPDX-License-Identifier: Apache-2.0
// Runs in: page
// The engine in the page's own thread, with everything that it would have in a worker. The page stays alive because the
// host gives the event loop a turn after every step.
import type { HostMessage } from '../protocol/messages.js';
import { startInPlace } from './in-place.js';
import { webEnvironment } from './web-environment.js';

export const startWebInPlace = (onMessage: (message: HostMessage) => void, onFailure: (cause: Error) => void) =>
  startInPlace(webEnvironment(false), onMessage, onFailure);
