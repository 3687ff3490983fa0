// SPDX-License-Identifier: Apache-2.0
// Runs in: node, browser
// The model file's matrices in the forms that onnxruntime multiplies by: the same numbers, without rounding them again.
//   f32   transposed [in, out]
//   int8  m (c - 8), or u - 64, transposed [in, out], and one scale a column
//   q4    the codes as they are, [out, in / 32, 16], and a scale a group: scale m. 7-bit matrices stay int8
import { toFloats } from '../model/safetensors.mjs';

const quantGroup = 32;

export class Weights {
  constructor({ config, tensors }) {
    this.config = config;
    this.tensors = tensors;
  }

  floats(name) {
    return toFloats(this.tensors.get(name));
  }

  /** -> { units: Int8Array [out, in], scale: Float32Array [out], rows, cols } */
  units(name) {
    const scale = this.floats(`${name}.scale`);
    const rows = scale.length;
    const q7 = this.tensors.get(`${name}.q7`);
    if (q7) return { units: Int8Array.from(q7.bytes, (u) => u - 64), scale, rows, cols: q7.shape[1] };
    const codes = this.tensors.get(`${name}.q4`).bytes;
    const multipliers = this.tensors.get(`${name}.mul`).bytes;
    const units = Int8Array.from({ length: codes.length * 2 }, (_, i) => {
      const group = Math.floor(i / quantGroup); // groups never cross rows
      const m = 1 + ((multipliers[group >> 1] >> (4 * (group & 1))) & 15);
      return m * (((codes[i >> 1] >> (4 * (i & 1))) & 15) - 8);
    });
    return { units, scale, rows, cols: units.length / rows };
  }

  /** Several matrices over the same input as one: [sum of out, in]. */
  joined(names) {
    const parts = names.map((name) => this.units(name));
    const { cols } = parts[0];
    const units = new Int8Array(parts.reduce((sum, part) => sum + part.units.length, 0));
    const scale = new Float32Array(units.length / cols);
    let row = 0;
    for (const part of parts) {
      units.set(part.units, row * cols);
      scale.set(part.scale, row);
      row += part.rows;
    }
    return { units, scale, rows: row, cols };
  }

  isQ4(name) {
    return this.tensors.has(`${name}.q4`);
  }

  /** Codes and group scales of several 4-bit matrices over the same input, as MatMulNBits wants them. */
  joinedQ4(names) {
    const parts = names.map((name) => this.tensors.get(`${name}.q4`).bytes);
    const codes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    const scales = [];
    let at = 0;
    for (const [i, name] of names.entries()) {
      codes.set(parts[i], at);
      at += parts[i].length;
      const scale = this.floats(`${name}.scale`);
      const multipliers = this.tensors.get(`${name}.mul`).bytes;
      const groups = (multipliers.length * 2) / scale.length;
      for (let j = 0; j < multipliers.length * 2; j++) scales.push(scale[Math.floor(j / groups)] * (1 + ((multipliers[j >> 1] >> (4 * (j & 1))) & 15)));
    }
    const rows = names.reduce((sum, name) => sum + this.tensors.get(`${name}.scale`).shape[0], 0);
    return { codes, scales: Float32Array.from(scales), rows, cols: (codes.length * 2) / rows };
  }
}

export function transpose(values, rows, cols, make = values.constructor) {
  const out = new make(values.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) out[c * rows + r] = values[r * cols + c];
  return out;
}

export function dequantized({ units, scale, cols }) {
  return Float32Array.from(units, (u, i) => u * scale[Math.floor(i / cols)]);
}
