// SPDX-License-Identifier: Apache-2.0
// The package's worker as some bundlers leave it: the file that a thread runs is not where it was.
const { Worker } = globalThis;
globalThis.Worker = class extends Worker {
  constructor(url, options) {
    super(`${url}.is-not-there`, options);
  }
};
await import('/dist/host/web-worker-entry.js');
