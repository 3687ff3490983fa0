// SPDX-License-Identifier: Apache-2.0
// The package's worker on a machine whose disk is full.
Cache.prototype.put = async () => {
  throw new DOMException('there is no room', 'QuotaExceededError');
};
await import('/dist/host/web-worker-entry.js');
