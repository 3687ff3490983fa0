// SPDX-License-Identifier: Apache-2.0
// Runs in: node, browser
// SAN-1 as two ONNX graphs, written as somebody would who wants onnxruntime to be fast: one matrix for q, k and v, fused
// norms, rotations and products (onnxruntime's own operators), gates folded into weights, keys and values kept by the
// caller, tools' and own keys attended to without copying them together.
//   encoder   ids [n], tool keys and values of every layer -> own keys and values of every layer, cross keys and values
//   decoder   ids [n], what was written before, cross keys and values -> logits of the last, what is written now
// `kind` says how matrices are multiplied: f32, int8 (dynamic quantisation) or q4 (MatMulNBits in int8).
import { float, OnnxGraph } from './onnx-file.mjs';
import { dequantized, transpose, Weights } from './weights.mjs';

const own = 'com.microsoft';
const epsilon = float(1e-6);

class Network {
  constructor(model, kind) {
    this.w = new Weights(model);
    this.c = model.config;
    this.kind = kind;
    this.g = new OnnxGraph();
    const { g, c } = this;
    this.half = c.head_dim / 2;
    this.cos = g.constant(this.w.floats('rope.cos'), [c.max_position, this.half]);
    this.sin = g.constant(this.w.floats('rope.sin'), [c.max_position, this.half]);
    this.axis0 = g.ints(0);
    this.minusOne = g.ints(-1);
  }

  /** x [n, in] -> [n, out], times `factor` */
  linear(x, names, factor = 1) {
    const { g, w } = this;
    if (this.kind === 'q4' && names.every((name) => w.isQ4(name))) {
      const { codes, scales, rows, cols } = w.joinedQ4(names);
      const inputs = [x, g.constant(codes, [rows, cols / 32, 16]), g.constant(scales.map((v) => v * factor), [rows * (cols / 32)])];
      return g.add('MatMulNBits', inputs, { K: cols, N: rows, bits: 4, block_size: 32, accuracy_level: 4 }, own);
    }
    const joined = w.joined(names);
    joined.scale = joined.scale.map((v) => v * factor);
    const { rows, cols } = joined;
    if (this.kind === 'f32') return g.add('MatMul', [x, g.constant(transpose(dequantized(joined), rows, cols), [cols, rows])]);
    const inputs = [x, g.constant(transpose(joined.units, rows, cols), [cols, rows]), g.constant(joined.scale, [rows])];
    return g.add('DynamicQuantizeMatMul', inputs, {}, own);
  }

  norm(x, name) {
    const gain = this.w.floats(name).map((v) => 1 + v);
    return this.g.add('SimplifiedLayerNormalization', [x, this.g.constant(gain, [gain.length])], { axis: -1, epsilon });
  }

  embed(ids) {
    const { g, w, c } = this;
    const table = w.units('embed');
    const factor = Math.sqrt(c.d_model);
    if (this.kind === 'f32') return g.add('Gather', [g.constant(dequantized(table).map((v) => v * factor), [c.vocab, c.d_model]), ids], { axis: 0 });
    const units = g.add('Cast', [g.add('Gather', [g.constant(table.units, [c.vocab, c.d_model]), ids], { axis: 0 })], { to: 1 });
    const scale = g.add('Gather', [g.constant(table.scale.map((v) => v * factor), [c.vocab, 1]), ids], { axis: 0 });
    return g.add('Mul', [units, scale]);
  }

  /** x [n, heads * hd] -> [1, heads, n, hd], rotated from position `at` on. */
  rotated(x, heads, at) {
    const split = this.g.add('Transpose', [this.g.add('Reshape', [x, this.g.ints(1, -1, heads, this.c.head_dim)])], { perm: [0, 2, 1, 3] });
    return at ? this.g.add('RotaryEmbedding', [split, at, this.cos, this.sin], { interleaved: 0 }, own) : split;
  }

  perHead(x, heads, normName) {
    return this.norm(this.g.add('Reshape', [x, this.g.ints(-1, heads, this.c.head_dim)]), normName);
  }

  queries(q, name, at) {
    const { c, g } = this;
    const rotated = this.rotated(this.perHead(q, c.heads, `${name}.q_norm`), c.heads, at);
    return g.add('Reshape', [rotated, g.ints(c.kv_heads, -1, c.head_dim)]); // the heads of a group one below the other
  }

  /** k, v [n, kv * hd] -> keys and values [kv, n, hd], the last raw key [1, kv, hd]. */
  keysValues(k, v, name, at, lastKey) {
    const { c, g } = this;
    const raw = g.add('Reshape', [k, g.ints(-1, c.kv_heads, c.head_dim)]);
    const last = g.add('Slice', [raw, this.minusOne, g.ints(Number.MAX_SAFE_INTEGER), this.axis0]);
    const before = lastKey ?? g.constant(new Float32Array(c.kv_size), [1, c.kv_heads, c.head_dim]);
    const previous = g.add('Concat', [before, g.add('Slice', [raw, this.axis0, this.minusOne, this.axis0])], { axis: 0 });
    const smear = g.constant(this.w.floats(`${name}.smear`), [c.kv_heads, 1]);
    const smeared = g.add('Add', [raw, g.add('Mul', [previous, smear])]);
    const keys = this.rotated(this.norm(smeared, `${name}.k_norm`), c.kv_heads, at);
    const shape = g.ints(c.kv_heads, -1, c.head_dim);
    return {
      keys: g.add('Reshape', [keys, shape]),
      values: g.add('Transpose', [g.add('Reshape', [v, g.ints(-1, c.kv_heads, c.head_dim)])], { perm: [1, 0, 2] }),
      last,
    };
  }

  /** q [kv, group * n, hd] over the segments in turn -> [n, heads * hd]. */
  attend(q, segments, mask) {
    const { c, g } = this;
    const alpha = float(1 / Math.sqrt(c.head_dim));
    const scores = segments.map(({ keys }) => g.add('FusedMatMul', [q, keys], { transB: 1, alpha }, own));
    const joined = scores.length > 1 ? g.add('Concat', scores, { axis: 2 }) : scores[0];
    const p = g.add('Softmax', [mask ? g.add('Add', [joined, mask]) : joined], { axis: -1 });
    let sum;
    if (segments.length === 1) {
      sum = g.add('MatMul', [p, segments[0].values]);
    } else {
      const sizes = g.add('Concat', segments.map(({ values }) => g.add('Shape', [values], { start: 1, end: 2 })), { axis: 0 });
      const parts = g.many(segments.length, 'Split', [p, sizes], { axis: 2 });
      sum = parts.map((part, i) => g.add('MatMul', [part, segments[i].values])).reduce((a, b) => g.add('Add', [a, b]));
    }
    const split = g.add('Reshape', [sum, g.ints(1, c.heads, -1, c.head_dim)]);
    return g.add('Reshape', [g.add('Transpose', [split], { perm: [0, 2, 1, 3] }), g.ints(-1, c.heads * c.head_dim)]);
  }

  residual(x, attended, name) {
    const gate = 1 / (1 + Math.exp(-this.w.floats(`${name}.gate`)[0]));
    return this.g.add('Add', [x, this.linear(attended, [`${name}.o`], gate)]);
  }

  splitQkv(h, name) {
    const { c, g } = this;
    return g.many(3, 'Split', [this.linear(h, ['q', 'k', 'v'].map((part) => `${name}.${part}`)), g.ints(c.heads * c.head_dim, c.kv_size, c.kv_size)], { axis: 1 });
  }
}

const prepare = (model) => ({ ...model, config: { ...model.config, kv_size: model.config.kv_heads * model.config.head_dim } });

/** With `tools`: the request's block, which sees tools. Without: a tool's own block. */
export function encoderGraph(model, kind, { tools }) {
  const net = new Network(prepare(model), kind);
  const { g, c } = net;
  let x = net.embed(g.input('ids', 'int64', ['n']));
  const kept = [];
  for (let l = 0; l < c.enc_layers; l++) {
    const name = `enc.${l}`;
    const [q, k, v] = net.splitQkv(net.norm(x, `${name}.norm`), name);
    const block = net.keysValues(k, v, name, net.axis0);
    const segments = [block];
    if (tools) {
      const keys = g.input(`tool_k${l}`, 'float', [c.kv_heads, 's', c.head_dim]);
      segments.unshift({ keys, values: g.input(`tool_v${l}`, 'float', [c.kv_heads, 's', c.head_dim]) });
    }
    x = net.residual(x, net.attend(net.queries(q, name, net.axis0), segments), name);
    kept.push(block);
  }
  x = net.norm(x, 'enc.norm');
  const keep = (k, v, { keys, values }) => {
    g.output(keys, k, 'float', [c.kv_heads, 'n', c.head_dim]);
    g.output(values, v, 'float', [c.kv_heads, 'n', c.head_dim]);
  };
  if (!tools) kept.forEach((block, l) => keep(`k${l}`, `v${l}`, block));
  const names = Array.from({ length: c.dec_layers }, (_, l) => `dec.${l}.cross`);
  for (const [l, name] of names.entries()) {
    const [k, v] = g.many(2, 'Split', [net.linear(x, [`${name}.k`, `${name}.v`]), g.ints(c.kv_size, c.kv_size)], { axis: 1 });
    keep(`cross_k${l}`, `cross_v${l}`, net.keysValues(k, v, name));
  }
  return g.toBytes();
}

export function decoderGraph(model, kind) {
  const net = new Network(prepare(model), kind);
  const { g, c } = net;
  let x = net.embed(g.input('ids', 'int64', ['n']));
  const at = g.input('position', 'int64', [1]);
  const mask = g.input('mask', 'float', [1, 'rows', 'seen']); // [1, group * n, position + n]
  for (let l = 0; l < c.dec_layers; l++) {
    const self = `dec.${l}.self`;
    const [q, k, v] = net.splitQkv(net.norm(x, `${self}.norm`), self);
    const now = net.keysValues(k, v, self, at, g.input(`last${l}`, 'float', [1, c.kv_heads, c.head_dim]));
    const keys = g.add('Concat', [g.input(`k${l}`, 'float', [c.kv_heads, 'p', c.head_dim]), now.keys], { axis: 1 });
    const values = g.add('Concat', [g.input(`v${l}`, 'float', [c.kv_heads, 'p', c.head_dim]), now.values], { axis: 1 });
    g.output(keys, `new_k${l}`, 'float', [c.kv_heads, 'q', c.head_dim]);
    g.output(values, `new_v${l}`, 'float', [c.kv_heads, 'q', c.head_dim]);
    g.output(now.last, `new_last${l}`, 'float', [1, c.kv_heads, c.head_dim]);
    x = net.residual(x, net.attend(net.queries(q, self, at), [{ keys, values }], mask), self);
    const cross = `dec.${l}.cross`;
    const seen = {
      keys: g.input(`cross_k${l}`, 'float', [c.kv_heads, 's', c.head_dim]), values: g.input(`cross_v${l}`, 'float', [c.kv_heads, 's', c.head_dim]),
    };
    x = net.residual(x, net.attend(net.queries(net.linear(net.norm(x, `${cross}.norm`), [`${cross}.q`]), cross), [seen]), cross);
  }
  const last = g.add('Slice', [x, net.minusOne, g.ints(Number.MAX_SAFE_INTEGER), net.axis0]);
  g.output(net.linear(net.norm(last, 'dec.norm'), ['embed']), 'logits', 'float', [1, c.vocab]);
  return g.toBytes();
}
