"""Writes a trained model as one GGUF file: matrices as Q8_0, norms as F32, tokenizer and chat template inside.

    python -m recipes.chat.export --trained OUT --to www/models/wick-chat-q8_0.gguf
"""

import argparse
import json
from pathlib import Path

import gguf
import numpy as np
import torch

from recipes.chat import tokens

DESCRIPTION = "A very small chat model trained on synthetic text, made for demonstration."
LAYER_NAMES = {
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
NAMES = {"embed_tokens.weight": "token_embd.weight", "norm.weight": "output_norm.weight"}


def gguf_name(name: str) -> str:
    """`layers.3.mlp.up_proj.weight` becomes `blk.3.ffn_up.weight`."""
    if name in NAMES:
        return NAMES[name]
    _, layer, rest = name.split(".", 2)
    return f"blk.{layer}.{LAYER_NAMES[rest.removesuffix('.weight')]}.weight"


def interleaved(weight: np.ndarray, heads: int) -> np.ndarray:
    """Rows reordered so that the two rotated together are neighbours: the order that GGUF wants for queries and keys."""
    return weight.reshape(heads, 2, -1, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


def halved(weight: np.ndarray, heads: int) -> np.ndarray:
    """The way back from `interleaved`."""
    return weight.reshape(heads, -1, 2, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


def write_about(writer: gguf.GGUFWriter, config: dict) -> None:
    writer.add_name("Wick Chat")
    writer.add_description(DESCRIPTION)
    writer.add_license("MIT OR Apache-2.0")
    writer.add_languages(["en"])
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_dimension_count(config["hidden_size"] // config["num_attention_heads"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_vocab_size(config["vocab_size"])


def write_tokenizer(writer: gguf.GGUFWriter, folder: Path) -> None:
    model = json.loads((folder / "tokenizer.json").read_text())["model"]
    words = sorted(model["vocab"], key=model["vocab"].get)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(words)
    writer.add_token_types([gguf.TokenType.CONTROL if word in tokens.SPECIAL else gguf.TokenType.NORMAL for word in words])
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]])
    writer.add_bos_token_id(words.index(tokens.PAD))
    writer.add_eos_token_id(words.index(tokens.END))
    writer.add_pad_token_id(words.index(tokens.PAD))
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_chat_template(tokens.TEMPLATE)


def write_weights(writer: gguf.GGUFWriter, weights: dict[str, torch.Tensor], config: dict) -> None:
    heads = {"q_proj": config["num_attention_heads"], "k_proj": config["num_key_value_heads"]}
    for name, weight in weights.items():
        values = weight.float().numpy()
        part = name.split(".")[-2]
        if part in heads:
            values = interleaved(values, heads[part])
        if values.ndim == 1:
            writer.add_tensor(gguf_name(name), values)
            continue
        packed = gguf.quantize(np.ascontiguousarray(values), gguf.GGMLQuantizationType.Q8_0)
        writer.add_tensor(gguf_name(name), packed, raw_dtype=gguf.GGMLQuantizationType.Q8_0)


def main() -> None:
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--trained", type=Path, required=True)
    read.add_argument("--to", type=Path, required=True)
    args = read.parse_args()
    config = json.loads((args.trained / "config.json").read_text())
    trained = torch.load(args.trained / "model.pt", weights_only=True)
    fresh = args.to.with_suffix(".new")
    writer = gguf.GGUFWriter(fresh, "llama")
    write_about(writer, config)
    write_tokenizer(writer, args.trained)
    write_weights(writer, trained["weights"], config)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    fresh.replace(args.to)
    print(f"{args.to}: {args.to.stat().st_size} bytes")


if __name__ == "__main__":
    main()
