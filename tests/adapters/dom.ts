// SPDX-License-Identifier: Apache-2.0
// A document for React, and nothing else of a browser: fetch, AbortSignal and timers stay Node's. To be imported before React.
import { Window } from 'happy-dom';

const window = new Window();
Object.defineProperty(globalThis, 'navigator', { value: window.navigator, configurable: true }); // Node 21 has one of its own
Object.assign(globalThis, { window, document: window.document, HTMLIFrameElement: window.HTMLIFrameElement, IS_REACT_ACT_ENVIRONMENT: true });
