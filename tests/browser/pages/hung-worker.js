// SPDX-License-Identifier: Apache-2.0
// The package's worker in a browser that blocks it for good when it starts a thread; with ?once, only the first of them.
const isFirst = !(await caches.has('hung-worker'));
await caches.open('hung-worker');
if (isFirst || !location.search) {
  globalThis.Worker = function () {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
}
await import('/dist/host/web-worker-entry.js');
