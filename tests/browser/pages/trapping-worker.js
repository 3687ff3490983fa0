// SPDX-License-Identifier: Apache-2.0
// The package's worker with an engine that traps when it is asked to.
import '/dist/host/web-worker-entry.js';
addEventListener('message', ({ data }) => {
  if (data.payload?.request?.includes('please trap')) setTimeout(() => { throw new WebAssembly.RuntimeError('unreachable'); });
});
