// SPDX-License-Identifier: Apache-2.0
// Runs in: node, browser
// The model file as models/needle_models/format.py writes it: length of the header, header, tensors. Just enough of it to
// make another file from a released one, and to take the weights out for the network that onnxruntime runs.

const bytesOf = { F32: 4, F16: 2, U8: 1 };

/** -> { metadata, config, tensors: Map name -> { dtype, shape, bytes } }, views into `file`. */
export function readModelFile(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const size = Number(view.getBigUint64(0, true));
  const { __metadata__: metadata, ...entries } = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + size)));
  const tensors = new Map();
  for (const [name, { dtype, shape, data_offsets: [begin, end] }] of Object.entries(entries)) {
    tensors.set(name, { dtype, shape, bytes: file.subarray(8 + size + begin, 8 + size + end) });
  }
  return { metadata, config: JSON.parse(metadata.config), tensors };
}

export function writeModelFile(metadata, tensors) {
  const header = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { dtype, shape, bytes }] of tensors) {
    const length = shape.reduce((product, n) => product * n, bytesOf[dtype]);
    if (bytes.length !== length) throw new Error(`${name} has ${bytes.length} bytes; ${dtype} [${shape}] has ${length}`);
    header[name] = { dtype, shape, data_offsets: [offset, (offset += length)] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + padded + offset).fill(32, 0, 8 + padded);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.set(text, 8);
  let at = 8 + padded;
  for (const { bytes } of tensors.values()) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

export function toFloats({ dtype, bytes }) {
  if (dtype !== 'F32') throw new Error(`F32 was expected, not ${dtype}`);
  return new Float32Array(bytes.slice().buffer);
}

export const fromFloats = (shape, floats) => ({ dtype: 'F32', shape, bytes: new Uint8Array(Float32Array.from(floats).buffer) });
