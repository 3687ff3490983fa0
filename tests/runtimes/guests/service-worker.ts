// SPDX-License-Identifier: Apache-2.0
// A service worker, of a page or an extension: answers 'report' with its report.
import * as needle from 'needle-router/inline';
import { reportOf } from '../../e2e/behaviours.js';

interface Asked {
  modelUrl: string;
  sha256: string;
}

const scope = globalThis as unknown as {
  addEventListener(type: 'message', listener: (event: MessageEvent<Asked> & { waitUntil(work: Promise<unknown>): void }) => void): void;
  askForReport(asked: Asked): Promise<unknown>;
};
scope.askForReport = (asked) => reportOf({ needle, options: asked, download: asked });
scope.addEventListener('message', (event) => {
  const { source, data } = event;
  event.waitUntil(scope.askForReport(data).then(
    (report) => source!.postMessage(report),
    (error: Error) => source!.postMessage({ variant: String(error.stack), answers: [], faults: {} }),
  ));
});
