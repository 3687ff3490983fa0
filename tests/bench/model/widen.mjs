// SPDX-License-Identifier: Apache-2.0
// Runs in: node
// A network of the 26M geometry that computes what the released, smaller one computes: every number of the residual
// stream stands there several times, every head several times, and layers that the small one does not have are gated
// off (their work is done, and then multiplied by almost nothing). So its calls are the released model's, with as many
// tokens as real calls have, and every matrix has the size, and costs the time, of the real one.
//
//   residual   x' = (x, x, ...), so norms keep their statistics; a matrix [out, in] becomes [copies of out, (W, 0, ...)]
//   embedding  x' = E' sqrt(d'), hence E' = E / sqrt(copies); logits then are too large by sqrt(copies): dec.norm takes it
//   heads      query head h reads kv head h / group: a head's copies stand next to one another; o reads the first of them
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromFloats, readModelFile, toFloats, writeModelFile } from './safetensors.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Config() of models/needle_models/config.py. */
export const geometry26m = { d_model: 512, heads: 8, kv_heads: 4, head_dim: 64, enc_layers: 12, dec_layers: 8 };

/** sigmoid(-80) = 1.8e-35: the layer's sum vanishes beside the residual's 24 bits. */
const closedGate = -80;
const quantGroup = 32;

export function widen(file, wanted = geometry26m) {
  const { metadata, config, tensors } = readModelFile(file);
  const copies = wanted.d_model / config.d_model;
  const headCopies = wanted.heads / config.heads;
  const fits = Number.isInteger(copies) && Number.isInteger(headCopies) && wanted.kv_heads === config.kv_heads &&
    wanted.head_dim === config.head_dim && wanted.enc_layers >= config.enc_layers && wanted.dec_layers >= config.dec_layers;
  if (!fits) throw new Error(`a network of ${JSON.stringify(config)} cannot be widened to ${JSON.stringify(wanted)}`);

  const out = new Map();
  const take = (name) => tensors.get(name) ?? fail(`the model file has no ${name}`);
  const vector = (name, change) => {
    const floats = change(toFloats(take(name)));
    out.set(name, fromFloats([floats.length], floats));
  };
  const repeat = (factor) => (x) => Array.from({ length: copies * x.length }, (_, i) => factor(x[i % x.length]));
  const same = (x) => x;

  /** Rows of the new matrix are rows `rowOf(i)` of the old; its columns come by whole heads, or by the width of x. */
  const matrix = (from, to, { rows, rowOf, cols, spread = (row) => row, scaleBy = 1 }) => {
    const kind = tensors.has(`${from}.q7`) ? 'q7' : 'q4';
    const scales = toFloats(take(`${from}.scale`));
    const parts = kind === 'q7' ? { q7: [1, 64] } : { q4: [2, 0x88], mul: [2 * quantGroup, 0] }; // inputs a byte; a zero
    for (const [part, [perByte, zero]] of Object.entries(parts)) {
      const { shape: [, width], bytes } = take(`${from}.${part}`);
      const all = new Uint8Array((rows * cols) / perByte);
      for (let i = 0; i < rows; i++) {
        const row = bytes.subarray(rowOf(i) * width, (rowOf(i) + 1) * width);
        all.set(padTo(cols / perByte, zero, spread(row)), (i * cols) / perByte);
      }
      out.set(`${to}.${part}`, { dtype: 'U8', shape: [rows, cols / perByte], bytes: all });
    }
    out.set(`${to}.scale`, fromFloats([rows], Array.from({ length: rows }, (_, i) => scales[rowOf(i)] * scaleBy)));
  };

  const d = config.d_model;
  const group = config.heads / config.kv_heads;
  const headDim = config.head_dim;
  /** Head of the new network -> head of the old. */
  const headOf = (h) => Math.floor(h / (group * headCopies)) * group + Math.floor((h % (group * headCopies)) / headCopies);
  const sizeQ = wanted.heads * headDim;
  const sizeKv = wanted.kv_heads * headDim;
  /** The inputs of o: of each head the first copy counts, the others are zero. */
  const spreadHeads = (row) => {
    const perHead = row.length / config.heads;
    const isMultiplier = row.length === (config.heads * headDim) / (2 * quantGroup);
    const wide = new Uint8Array(wanted.heads * perHead).fill(isMultiplier ? 0 : 0x88);
    for (let h = 0; h < wanted.heads; h += headCopies) wide.set(row.subarray(headOf(h) * perHead, (headOf(h) + 1) * perHead), h * perHead);
    return wide;
  };
  const attention = (from, to, isOpen) => {
    const copy = (part, change) => {
      const floats = change(toFloats(take(`${from}.${part}`)));
      out.set(`${to}.${part}`, fromFloats([floats.length], floats));
    };
    copy('norm', repeat(same));
    matrix(`${from}.q`, `${to}.q`, { rows: sizeQ, rowOf: (i) => headOf(Math.floor(i / headDim)) * headDim + (i % headDim), cols: wanted.d_model });
    for (const name of ['k', 'v']) matrix(`${from}.${name}`, `${to}.${name}`, { rows: sizeKv, rowOf: same, cols: wanted.d_model });
    matrix(`${from}.o`, `${to}.o`, { rows: wanted.d_model, rowOf: (i) => i % d, cols: sizeQ, spread: spreadHeads });
    for (const name of ['q_norm', 'k_norm', ...(config.smear ? ['smear'] : [])]) copy(name, same);
    copy('gate', (gate) => (isOpen ? gate : [closedGate]));
  };

  const copyInputs = (row) => Uint8Array.from({ length: copies * row.length }, (_, i) => row[i % row.length]);
  matrix('embed', 'embed', { rows: config.vocab, rowOf: same, cols: wanted.d_model, spread: copyInputs, scaleBy: 1 / Math.sqrt(copies) });
  for (let l = 0; l < wanted.enc_layers; l++) attention(`enc.${l % config.enc_layers}`, `enc.${l}`, l < config.enc_layers);
  vector('enc.norm', repeat(same));
  for (let l = 0; l < wanted.dec_layers; l++) {
    for (const kind of ['self', 'cross']) attention(`dec.${l % config.dec_layers}.${kind}`, `dec.${l}.${kind}`, l < config.dec_layers);
  }
  vector('dec.norm', repeat((g) => (1 + g) / Math.sqrt(copies) - 1));
  matrix('retrieval', 'retrieval', { rows: config.retrieval_dim, rowOf: same, cols: wanted.d_model });
  for (const name of ['rope.cos', 'rope.sin', 'tokenizer']) out.set(name, take(name));
  const meta = { ...metadata, config: JSON.stringify({ ...config, ...wanted }), name: `${metadata.name}-widened`, provenance: 'tests/bench/model/widen.mjs: for measurements only' };
  return writeModelFile(meta, out);
}

function padTo(length, zero, row) {
  const padded = new Uint8Array(length).fill(zero);
  padded.set(row.subarray(0, length));
  return padded;
}

function fail(message) {
  throw new Error(message);
}

/** The released model, and one of the 26M geometry, made when it is not there or older than the released one. */
export function models() {
  const manifest = JSON.parse(readFileSync(join(root, 'models/manifest.json'), 'utf8'));
  const path26m = `build/bench/${manifest.sha256.slice(0, 12)}-26m.safetensors`;
  if (!existsSync(join(root, path26m))) {
    mkdirSync(dirname(join(root, path26m)), { recursive: true });
    writeFileSync(join(root, path26m), widen(new Uint8Array(readFileSync(join(root, 'models', manifest.file)))));
  }
  return [{ key: 'released', name: manifest.name, path: `models/${manifest.file}` }, { key: '26m', name: '26M geometry', path: path26m }];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(`${models().map(({ path }) => path).join('\n')}\n`);
