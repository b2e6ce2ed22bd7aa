// Checkpoints made in a test: a tiny one with something changed, and one too large to be kept.

import { createCipheriv } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A tiny seeded checkpoint of `golden/decoder.py`. */
export const tiny = (family) =>
  readFileSync(join(import.meta.dirname, `../golden/decoder/${family}/model-float.gguf`));

/** `bytes` with the one `old` in them replaced by as many `fresh`. */
export function patched(bytes, old, fresh) {
  const [from, to] = [Buffer.from(old), Buffer.from(fresh)];
  const at = bytes.indexOf(from);
  if (at < 0 || bytes.indexOf(from, at + 1) >= 0) throw new Error(`not there just once: ${old}`);
  if (from.length !== to.length) throw new Error(`${from.length} bytes are not ${to.length}`);
  const copy = Buffer.from(bytes);
  to.copy(copy, at);
  return copy;
}

const u32 = (value) => Buffer.from(new Uint32Array([value]).buffer);
const u64 = (value) => Buffer.from(new BigUint64Array([BigInt(value)]).buffer);
const text = (value) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
const padded = (length) => Math.ceil(length / 32) * 32;

const [F32, Q8_0] = [0, 8];
const BLOCK = { numbers: 32, bytes: 34 };
/** 2^-10 as a half: with bytes up to 127 weights stay below one eighth. */
const SCALE = Buffer.from([0x00, 0x14]);

/** Bytes without a pattern, the same on every run. */
const noise = (length) => createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(length));

const SHAPE = { embedding_length: 1024, feed_forward_length: 2816, block_count: 8, "attention.head_count": 16,
  "attention.head_count_kv": 16, "rope.dimension_count": 64 };

/** Names and shapes `[columns, rows]` of a Llama of `SHAPE`. */
function tensors(vocabulary) {
  const { embedding_length: hidden, feed_forward_length: inner, block_count: blocks } = SHAPE;
  const layer = { attn_norm: [hidden], attn_q: [hidden, hidden], attn_k: [hidden, hidden], attn_v: [hidden, hidden],
    attn_output: [hidden, hidden], ffn_norm: [hidden], ffn_gate: [hidden, inner], ffn_up: [hidden, inner],
    ffn_down: [inner, hidden] };
  const layers = Array.from({ length: blocks }, (_, at) =>
    Object.entries(layer).map(([name, shape]) => [`blk.${at}.${name}.weight`, shape]));
  return [["token_embd.weight", [hidden, vocabulary]], ...layers.flat(), ["output_norm.weight", [hidden]]];
}

const numbers = (shape) => shape.reduce((a, b) => a * b);
const byteLength = (shape) => (shape.length === 1 ? 4 * shape[0] : (numbers(shape) / BLOCK.numbers) * BLOCK.bytes);

/**
 * A Llama of a hundred million weights in Q8_0, which says nonsense, with the tokenizer and template of
 * the tiny one. Gives `{ file, largestBytes }`, the latter of its largest tensor.
 */
export function large() {
  const small = tiny("llama");
  let metadata = small.subarray(24, small.indexOf("token_embd.weight") - 8);
  for (const [name, value] of Object.entries(SHAPE)) {
    const key = Buffer.from(`llama.${name}\x04\0\0\0`);
    const at = metadata.indexOf(key) + key.length;
    metadata = Buffer.concat([metadata.subarray(0, at), u32(value), metadata.subarray(at + 4)]);
  }
  const all = tensors(264);
  let offset = 0;
  const infos = all.map(([name, shape]) => {
    const info = [text(name), u32(shape.length), ...shape.map(u64), u32(shape.length === 1 ? F32 : Q8_0), u64(offset)];
    offset += padded(byteLength(shape));
    return Buffer.concat(info);
  });
  const head = Buffer.concat([Buffer.from("GGUF"), u32(3), u64(all.length), u64(small.readBigUInt64LE(16)), metadata, ...infos]);
  const data = noise(offset);
  let at = 0;
  for (const [, shape] of all) {
    if (shape.length === 1) Buffer.from(new Float32Array(shape[0]).fill(1).buffer).copy(data, at);
    else for (let block = at; block < at + byteLength(shape); block += BLOCK.bytes) SCALE.copy(data, block);
    at += padded(byteLength(shape));
  }
  const file = Buffer.concat([head, Buffer.alloc(padded(head.length) - head.length), data]);
  return { file, largestBytes: Math.max(...all.map(([, shape]) => byteLength(shape))) };
}

/** The tensors of a safetensors file: `{ name: { dtype, shape, bytes } }`. */
function opened(file) {
  const end = 8 + Number(file.readBigUInt64LE());
  const header = Object.entries(JSON.parse(file.subarray(8, end))).filter(([name]) => name !== "__metadata__");
  return header.map(([name, { dtype, shape, data_offsets: [from, to] }]) =>
    ({ name, dtype, shape, bytes: file.subarray(end + from, end + to) }));
}

/**
 * The tiny BERT of `golden/encoder.py` with a feed-forward of `inner` numbers, its weights over and over
 * again. Gives `{ config, model }`, the bytes of `config.json` and `model.safetensors`.
 */
export function wideBert(inner) {
  const folder = join(import.meta.dirname, "../golden/encoder/bert");
  const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  const times = inner / config.intermediate_size;
  let at = 0;
  const tensors = opened(readFileSync(join(folder, "model.safetensors"))).map((tensor) => {
    const isWide = tensor.shape.includes(config.intermediate_size);
    const shape = tensor.shape.map((count) => (count === config.intermediate_size ? inner : count));
    const bytes = isWide ? Buffer.alloc(tensor.bytes.length * times, tensor.bytes) : tensor.bytes;
    at += bytes.length;
    return { ...tensor, shape, bytes, offsets: [at - bytes.length, at] };
  });
  const entries = tensors.map(({ name, dtype, shape, offsets }) => [name, { dtype, shape, data_offsets: offsets }]);
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const space = Buffer.alloc(padded(header.length) - header.length, " ");
  const model = Buffer.concat([u64(header.length + space.length), header, space, ...tensors.map(({ bytes }) => bytes)]);
  return { config: Buffer.from(JSON.stringify({ ...config, intermediate_size: inner })), model };
}
