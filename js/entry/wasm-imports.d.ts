// SPDX-License-Identifier: Apache-2.0
// Runs in: workerd
// There a .wasm file is a module whose default export is compiled already.
declare module '*.wasm' {
  const wasmModule: WebAssembly.Module;
  export default wasmModule;
}
