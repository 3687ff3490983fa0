// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// What importing 'needle-router/needle-simd.wasm' gives, where a runtime or bundler gives a compiled module.
declare const wasmModule: WebAssembly.Module;
export default wasmModule;
