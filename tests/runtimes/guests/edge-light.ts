// SPDX-License-Identifier: Apache-2.0
// A script of an edge runtime: its host puts the .wasm, imported there, and the model in the global scope.
import * as needle from 'needle-router';
import { reportOf } from '../../e2e/behaviours.js';

const { given } = globalThis as unknown as {
  given: { wasmModule: WebAssembly.Module; model: Uint8Array; modelUrl: string; sha256: string; receive(report: string): void };
};
const { wasmModule, model, modelUrl, sha256 } = given;
reportOf({ needle, options: { wasmModule, model }, download: { modelUrl, sha256 } }).then(
  (report) => given.receive(JSON.stringify(report)),
  (error: Error) => given.receive(JSON.stringify({ variant: String(error.stack), answers: [], faults: {} })),
);
