// SPDX-License-Identifier: Apache-2.0
// Runs in: both
// SHA-256 (FIPS 180-4) as hexadecimal: by the platform, or where a page has no crypto.subtle (plain http: to another
// host, as when a phone is tried against a developer's machine) by the code below, which takes some 30 ms for 5 MB.

export async function sha256Of(bytes: Uint8Array): Promise<string> {
  if (!globalThis.crypto?.subtle) return toHex(digest(bytes));
  const isShared = typeof SharedArrayBuffer === 'function' && bytes.buffer instanceof SharedArrayBuffer;
  const own = (isShared ? bytes.slice() : bytes) as Uint8Array<ArrayBuffer>; // shared memory is refused
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', own)));
}

const toHex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** The first 32 bits of the fractional parts of the roots of the first primes: cube roots for K, square roots for H. */
function rootsOfPrimes(count: number, exponent: number): Uint32Array {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return Uint32Array.from(primes, (prime) => (prime ** exponent % 1) * 2 ** 32);
}

export function digest(message: Uint8Array): Uint8Array {
  const k = rootsOfPrimes(64, 1 / 3);
  const hash = rootsOfPrimes(8, 1 / 2);
  const w = new Uint32Array(64);
  // The last one or two blocks: what is left, a 1 bit, zeros, and the length in bits.
  const wholeBytes = message.length - (message.length % 64);
  const tail = new Uint8Array(message.length - wholeBytes < 56 ? 64 : 128);
  tail.set(message.subarray(wholeBytes));
  tail[message.length - wholeBytes] = 0x80;
  const tailView = new DataView(tail.buffer);
  tailView.setUint32(tail.length - 8, Math.floor(message.length / 2 ** 29));
  tailView.setUint32(tail.length - 4, message.length * 8);
  const view = new DataView(message.buffer, message.byteOffset, wholeBytes);
  for (let offset = 0; offset < wholeBytes; offset += 64) addBlock(hash, view, offset, k, w);
  for (let offset = 0; offset < tail.length; offset += 64) addBlock(hash, tailView, offset, k, w);
  const result = new DataView(new ArrayBuffer(32));
  hash.forEach((word, i) => result.setUint32(4 * i, word));
  return new Uint8Array(result.buffer);
}

const rotate = (x: number, bits: number) => (x >>> bits) | (x << (32 - bits));

function addBlock(hash: Uint32Array, view: DataView, offset: number, k: Uint32Array, w: Uint32Array): void {
  for (let t = 0; t < 16; t++) w[t] = view.getUint32(offset + 4 * t);
  for (let t = 16; t < 64; t++) {
    const x = w[t - 15]!;
    const y = w[t - 2]!;
    w[t] = w[t - 16]! + w[t - 7]! + (rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)) + (rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = hash as unknown as [number, number, number, number, number, number, number, number];
  for (let t = 0; t < 64; t++) {
    const t1 = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + k[t]! + w[t]!) | 0;
    const t2 = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0;
    d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => (hash[i]! += word));
}
