// SPDX-License-Identifier: Apache-2.0
// Runs in: node, browser
// A route by onnxruntime-web: what the engine's network does for a request, with its own caches of keys and values, one
// call for the request's block and one for every token that is chosen (forced tokens go along, as in the engine). Which
// tokens the grammar allows is taken from the engine's own explanation of the same route, and costs this side nothing.
import { readModelFile } from '../model/safetensors.mjs';
import { decoderGraph, encoderGraph } from './network.mjs';

const beginOfText = 2;

/** What the engine explains of a route -> what may be chosen at each step, and what was. */
export function scriptOf({ query, tools, emitted, decisions }) {
  const steps = decisions.map(({ at, isLikeliest, mask, bias }, i) => {
    const allowed = [];
    for (let j = 0; j < mask.length; j++) {
      const nibble = parseInt(mask[j], 16); // hexadecimal words of 64 bits, the highest bits first
      for (let bit = 0; bit < 4; bit++) if ((nibble >> bit) & 1) allowed.push(Math.floor(j / 16) * 64 + (15 - (j % 16)) * 4 + bit);
    }
    allowed.sort((a, b) => a - b);
    const fed = i === 0 ? [beginOfText, ...emitted.slice(0, at)] : emitted.slice(decisions[i - 1].at, at);
    return { fed, allowed, bias, isLikeliest, chosen: emitted[at] };
  });
  return { query, tools, steps };
}

export class OrtRouter {
  /** `ort` is the module, `kind` f32, int8 or q4. */
  static async load(ort, file, kind) {
    const model = readModelFile(file);
    const options = { executionProviders: ['wasm'], graphOptimizationLevel: 'all', enableCpuMemArena: true, enableMemPattern: true, logSeverityLevel: 3 };
    const open = (bytes) => ort.InferenceSession.create(bytes, options);
    const router = new OrtRouter();
    Object.assign(router, { ort, config: model.config });
    router.toolEncoder = await open(encoderGraph(model, kind, { tools: false }));
    router.encoder = await open(encoderGraph(model, kind, { tools: true }));
    router.decoder = await open(decoderGraph(model, kind));
    return router;
  }

  #ids(tokens) {
    return new this.ort.Tensor('int64', BigInt64Array.from(tokens, BigInt), [tokens.length]);
  }
  #floats(data, dims) {
    return new this.ort.Tensor('float32', data, dims);
  }

  /** Keys or values [kv, n, hd] of blocks, one behind the other. */
  #joined(blocks, name) {
    const tensors = blocks.map((block) => block[name]);
    const { kv_heads: heads, head_dim: size } = this.config;
    const total = tensors.reduce((sum, { dims }) => sum + dims[1], 0);
    const out = new Float32Array(heads * total * size);
    let at = 0;
    for (const { data, dims: [, n] } of tensors) {
      for (let h = 0; h < heads; h++) out.set(data.subarray(h * n * size, (h + 1) * n * size), (h * total + at) * size);
      at += n;
    }
    return this.#floats(out, [heads, total, size]);
  }

  /** Encodes tools, each by itself, once. */
  async compile(tools) {
    const blocks = [];
    for (const tokens of tools) blocks.push(await this.toolEncoder.run({ ids: this.#ids(tokens) }));
    const joined = (name, layers) => Array.from({ length: layers }, (_, l) => [`${name}${l}`, this.#joined(blocks, `${name}${l}`)]);
    const inputs = ['k', 'v'].flatMap((name) => joined(name, this.config.enc_layers)).map(([name, tensor]) => [`tool_${name}`, tensor]);
    const cross = ['cross_k', 'cross_v'].flatMap((name) => joined(name, this.config.dec_layers));
    return { inputs: Object.fromEntries(inputs), cross: Object.fromEntries(cross) };
  }

  async encode(compiled, query) {
    return this.encoder.run({ ids: this.#ids(query), ...compiled.inputs });
  }

  /** -> { chosen: [token], logits of each, times: { total, encode, decode } } */
  async route(compiled, { query, steps }, now = () => performance.now()) {
    const { dec_layers: layers, kv_heads: heads, head_dim: size, heads: queryHeads } = this.config;
    const begin = now();
    const encoded = await this.encode(compiled, query);
    const end = now();
    const state = {};
    for (let l = 0; l < layers; l++) {
      for (const part of ['cross_k', 'cross_v']) state[`${part}${l}`] = this.#joined([compiled.cross, encoded], `${part}${l}`);
      for (const part of ['k', 'v']) state[`${part}${l}`] = this.#floats(new Float32Array(0), [heads, 0, size]);
      state[`last${l}`] = this.#floats(new Float32Array(heads * size), [1, heads, size]);
    }
    const chosen = [];
    const margins = [];
    let position = 0;
    for (const { fed, allowed, bias } of steps) {
      const n = fed.length;
      const out = await this.decoder.run({ ids: this.#ids(fed), position: this.#ids([position]), mask: this.#mask(position, n, queryHeads / heads), ...state });
      for (let l = 0; l < layers; l++) for (const part of ['k', 'v', 'last']) state[`${part}${l}`] = out[`new_${part}${l}`];
      position += n;
      const best = choose(out.logits.data, allowed, bias);
      chosen.push(best.token);
      margins.push(best.margin);
    }
    const last = now();
    return { chosen, margins, times: { total: last - begin, encode: end - begin, decode: last - end } };
  }

  /** Rows of a group one below the other, each of them causal. */
  #mask(position, n, group) {
    const seen = position + n;
    const mask = new Float32Array(group * n * seen);
    for (let row = 0; row < group * n; row++) mask.fill(-1e9, row * seen + position + (row % n) + 1, (row + 1) * seen);
    return this.#floats(mask, [1, group * n, seen]);
  }

  async release() {
    for (const session of [this.toolEncoder, this.encoder, this.decoder]) await session.release();
  }
}

/** The most probable allowed token, as the engine chooses it: equal logits go to the lower id. */
function choose(logits, allowed, bias) {
  let token = -1;
  let best = -Infinity;
  let second = -Infinity;
  allowed.forEach((id, i) => {
    const logit = logits[id] + (bias[i] ?? 0);
    if (logit > best) [second, best, token] = [best, logit, id];
    else if (logit > second) second = logit;
  });
  return { token, margin: best - second };
}
