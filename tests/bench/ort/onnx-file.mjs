// SPDX-License-Identifier: Apache-2.0
// Runs in: node, browser
// Writes ONNX files, which are protocol buffers: the few messages that a network needs, by the field numbers of
// github.com/onnx/onnx/blob/main/onnx/onnx.proto. No package does this in JavaScript.

const elementTypes = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7 };
const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 };
const text = new TextEncoder();

function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

function concat(parts) {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const number = (field, value) => concat([varint(field << 3), varint(value)]);
const bytes = (field, value) => concat([varint((field << 3) | 2), varint(value.length), value]);
const string = (field, value) => bytes(field, text.encode(value));
const float32 = (field, value) => concat([varint((field << 3) | 5), new Uint8Array(Float32Array.of(value).buffer)]);
const message = (...parts) => concat(parts.flat());

function attribute(name, value) {
  const kind = Array.isArray(value) ? 'ints' : typeof value === 'string' ? 'string' : typeof value === 'object' ? 'float' : 'int';
  const body = {
    ints: () => value.map((v) => number(8, v)), string: () => [string(4, value)],
    float: () => [float32(2, value.float)], int: () => [number(3, value)],
  }[kind]();
  return message(string(1, name), body, number(20, attributeTypes[kind]));
}

/** A number with a point, where a plain number means an integer. */
export const float = (value) => ({ float: value });

/** A graph under construction: nodes are added in order, each answers the names of its outputs. */
export class OnnxGraph {
  #nodes = [];
  #initializers = [];
  #inputs = [];
  #outputs = [];
  #count = 0;

  #valueInfo(name, type, shape) {
    const dims = shape.map((dim) => bytes(1, typeof dim === 'string' ? string(2, dim) : number(1, dim)));
    const tensor = message(number(1, elementTypes[type]), bytes(2, message(dims)));
    return message(string(1, name), bytes(2, bytes(1, tensor)));
  }

  /** A dimension that is a word may be any length. */
  input(name, type, shape) {
    this.#inputs.push(this.#valueInfo(name, type, shape));
    return name;
  }
  output(value, name, type, shape) {
    this.#nodes.push(this.#node('Identity', [value], [name]));
    this.#outputs.push(this.#valueInfo(name, type, shape));
  }

  constant(data, shape) {
    const name = `c${this.#count++}`;
    const type = { Float32Array: 'float', Uint8Array: 'uint8', Int8Array: 'int8', BigInt64Array: 'int64' }[data.constructor.name];
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#initializers.push(message(shape.map((dim) => number(1, dim)), number(2, elementTypes[type]), string(8, name), bytes(9, raw)));
    return name;
  }
  ints(...values) {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length]);
  }

  #node(op, inputs, outputs, attributes = {}, domain = '') {
    return message(inputs.map((name) => string(1, name)), outputs.map((name) => string(2, name)), string(4, op),
      Object.entries(attributes).map(([name, value]) => bytes(5, attribute(name, value))), domain ? string(7, domain) : []);
  }
  /** Adds a node with several outputs. */
  many(count, op, inputs, attributes, domain) {
    const outputs = Array.from({ length: count }, () => `t${this.#count++}`);
    this.#nodes.push(this.#node(op, inputs, outputs, attributes, domain));
    return outputs;
  }
  add(op, inputs, attributes, domain) {
    return this.many(1, op, inputs, attributes, domain)[0];
  }

  /** The file, for the operator set that onnxruntime 1.30 knows best, with its own operators beside it. */
  toBytes() {
    const graph = message(this.#nodes.map((node) => bytes(1, node)), string(2, 'san1'), this.#initializers.map((tensor) => bytes(5, tensor)),
      this.#inputs.map((value) => bytes(11, value)), this.#outputs.map((value) => bytes(12, value)));
    const operators = (domain, version) => bytes(8, message(string(1, domain), number(2, version)));
    return message(number(1, 10), string(2, 'needle-router'), bytes(7, graph), operators('', 21), operators('com.microsoft', 1));
  }
}
