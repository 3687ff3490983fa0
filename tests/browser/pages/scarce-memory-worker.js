// SPDX-License-Identifier: Apache-2.0
// The package's worker on a machine that has no 128 MB in one piece.
const { Memory } = WebAssembly;
WebAssembly.Memory = function (descriptor) {
  if (descriptor.shared) throw new RangeError('WebAssembly.Memory(): could not allocate memory');
  return new Memory(descriptor);
};
await import('/dist/host/web-worker-entry.js');
