// SPDX-License-Identifier: Apache-2.0
// The package's worker on a machine where no memory grows beyond 48 MB.
const { grow } = WebAssembly.Memory.prototype;
WebAssembly.Memory.prototype.grow = function (pages) {
  if (this.buffer.byteLength + pages * 65_536 > 48 << 20) throw new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded');
  return grow.call(this, pages);
};
await import('/dist/host/web-worker-entry.js');
