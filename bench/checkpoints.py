"""Synthetic GGUF checkpoints of real shapes, for the benchmark: seeded random weights, no knowledge.

Made with gguf 0.19.0, numpy 2.4.6; run as `python bench/checkpoints.py FOLDER [NAME ..]`, where NAME is
such as `135M-Q8_0`. Writes FOLDER/llama-NAME.gguf.

Weights are random blocks of each type with sensible scales, so that a network of them stays finite.
Types are chosen tensor by tensor as llama.cpp does (`llama_tensor_get_type` in src/llama-quant.cpp).
The vocabulary is made up so that the benchmark's prompts have a known length in every tokenizer: each
word of two syllables, with a space before it or not, is one token.
"""

import itertools
import sys
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

VOCAB, CONTEXT = 49152, 8192
# SmolLM2-135M and -360M: their config.json.
SHAPES = {
    "135M": dict(hidden=576, inter=1536, layers=30, heads=9, kv_heads=3),
    "360M": dict(hidden=960, inter=2560, layers=32, heads=15, kv_heads=5),
}
QUANTIZATIONS = ["Q8_0", "Q4_0", "Q4_K_M"]
SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
# What llama.cpp falls back to where a row is no multiple of 256.
FALLBACK = {Type.Q4_K: Type.Q5_0, Type.Q6_K: Type.Q8_0}
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def half(value, blocks):
    """A column of f16 bytes, each `value` within a fifth."""
    spread = np.linspace(0.8, 1.2, blocks, dtype=np.float32) * value
    return spread.astype("<f2").view(np.uint8).reshape(blocks, 2)


def random_blocks(kind, count, rng):
    """`count` blocks of a type, weights of a deviation of some 0.03."""
    raw = lambda n: rng.integers(0, 256, (count, n), dtype=np.uint8)
    match kind:
        case Type.Q8_0:
            parts = [half(0.03 / 74, count), raw(32)]
        case Type.Q4_0:
            parts = [half(0.03 / 4.6, count), raw(16)]
        case Type.Q5_0:
            parts = [half(0.03 / 9.2, count), raw(4), raw(16)]
        case Type.Q4_K:
            # Scale times quant, less minimum: 6-bit scales and minimums average 32, quants 7.5.
            parts = [half(0.03 / 250, count), half(0.03 / 250 * 7.5, count), raw(12), raw(128)]
        case Type.Q6_K:
            scales = rng.integers(-16, 16, (count, 16), dtype=np.int8).view(np.uint8)
            parts = [raw(128), raw(64), scales, half(0.03 / 170, count)]
    return np.concatenate(parts, axis=1)


def tensor(kind, rows, columns, rng):
    if kind == Type.F32:
        return rng.uniform(0.8, 1.2, columns).astype(np.float32)
    block, _ = gguf.GGML_QUANT_SIZES[kind]
    return random_blocks(kind, rows * columns // block, rng).reshape(rows, -1)


def more_bits(index, layers):
    return index < layers // 8 or index >= 7 * layers // 8 or (index - layers // 8) % 3 == 2


def kind_of(name, columns, layer, layers, quantization):
    """The type llama.cpp's quantize gives a tensor of a model with a tied head."""
    if quantization == "Q8_0":
        return Type.Q8_0
    kind = {"Q4_0": Type.Q4_0, "Q4_K_M": Type.Q4_K}[quantization]
    if name == "token_embd":
        kind = Type.Q6_K
    elif quantization == "Q4_K_M" and name in ("attn_v", "ffn_down") and more_bits(layer, layers):
        kind = Type.Q6_K
    return FALLBACK.get(kind, kind) if columns % 256 else kind


def vocabulary():
    """Tokens and merges: bytes, syllables, words of two with and without a space, longer ones."""
    spelled = bytes_to_unicode()
    syllables = [c + v for c in "bcdfghjklmnpqrstvwxz" for v in "aeiou"]
    words = ["".join(pair) for pair in itertools.product(syllables, repeat=2)]
    merges = [f"{s[0]} {s[1]}" for s in syllables]
    merges += [f"{w[:2]} {w[2:]}" for w in words]
    merges += [f"Ġ {w}" for w in words]
    long = VOCAB - len(SPECIALS) - len(spelled) - len(merges)
    merges += [f"{a} {b}" for a, b in itertools.islice(itertools.product(words, repeat=2), long)]
    tokens = SPECIALS + spelled + [merge.replace(" ", "") for merge in merges]
    assert len(tokens) == len(set(tokens)) == VOCAB
    return tokens, merges


def bytes_to_unicode():
    """GPT-2's spelling of the 256 bytes."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = (chr(256 + i) for i in range(256))
    return [chr(byte) if byte in plain else next(others) for byte in range(256)]


def write(path, size, quantization):
    shape = SHAPES[size]
    hidden, inter, layers = shape["hidden"], shape["inter"], shape["layers"]
    head = hidden // shape["heads"]
    kv = head * shape["kv_heads"]
    out = gguf.GGUFWriter(path, "llama")
    out.add_name(f"random weights in the shape of SmolLM2-{size}, {quantization}")
    out.add_block_count(layers)
    out.add_context_length(CONTEXT)
    out.add_embedding_length(hidden)
    out.add_feed_forward_length(inter)
    out.add_head_count(shape["heads"])
    out.add_head_count_kv(shape["kv_heads"])
    out.add_layer_norm_rms_eps(1e-5)
    out.add_rope_freq_base(100000.0)
    out.add_rope_dimension_count(head)
    out.add_vocab_size(VOCAB)
    out.add_file_type(getattr(gguf.LlamaFileType, "MOSTLY_" + quantization))
    tokens, merges = vocabulary()
    out.add_tokenizer_model("gpt2")
    out.add_tokenizer_pre("smollm")
    out.add_token_list(tokens)
    out.add_token_types([3] * len(SPECIALS) + [1] * (VOCAB - len(SPECIALS)))
    out.add_token_merges(merges)
    out.add_bos_token_id(1)
    out.add_eos_token_id(2)
    out.add_add_bos_token(False)
    out.add_chat_template(TEMPLATE)
    rng = np.random.default_rng(20261124)

    def add(name, rows, columns, layer=None, kind=None):
        if kind is None:
            kind = kind_of(name, columns, layer, layers, quantization)
        full = f"{name}.weight" if layer is None else f"blk.{layer}.{name}.weight"
        out.add_tensor(full, tensor(kind, rows, columns, rng), raw_dtype=kind)

    add("token_embd", VOCAB, hidden)
    for layer in range(layers):
        # In the order of a file that llama.cpp's converter makes of the hub's.
        for name, rows, columns, kind in [
            ("attn_norm", 1, hidden, Type.F32), ("ffn_down", hidden, inter, None), ("ffn_gate", inter, hidden, None),
            ("ffn_up", inter, hidden, None), ("ffn_norm", 1, hidden, Type.F32), ("attn_k", kv, hidden, None),
            ("attn_output", hidden, hidden, None), ("attn_q", hidden, hidden, None), ("attn_v", kv, hidden, None),
        ]:
            add(name, rows, columns, layer, kind)
    add("output_norm", 1, hidden, kind=Type.F32)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    every = [f"{size}-{kind}" for size in SHAPES for kind in QUANTIZATIONS]
    for name in sys.argv[2:] or every:
        size, quantization = name.split("-")
        path = folder / f"llama-{name}.gguf"
        half_written = path.with_suffix(".part")
        write(half_written, size, quantization)
        half_written.rename(path)
        print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
