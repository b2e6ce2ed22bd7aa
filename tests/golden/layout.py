"""Names and shapes of the tensors of real checkpoints, for `layout.json`.

Made with torch 2.15, transformers 4.57.6, gguf 0.19; run as `python tests/golden/layout.py`.

The configurations are those of the checkpoints' own `config.json`. The reference builds each network on
the meta device, so nothing is downloaded and nothing takes memory. `gguf` says what llama.cpp calls each
tensor. Layers that look alike are one entry, with `*` for their number.
"""

import json
import re
from pathlib import Path

import gguf
import torch
import transformers as tf

LLAMA3 = dict(rope_type="llama3", factor=32.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=8192)
SMOLLM2 = dict(model_type="llama", vocab_size=49152, max_position_embeddings=8192, rope_theta=100000,
               rms_norm_eps=1e-5, tie_word_embeddings=True, hidden_act="silu")
QWEN = dict(vocab_size=151936, rms_norm_eps=1e-6, rope_theta=1000000.0, tie_word_embeddings=True,
            hidden_act="silu", use_sliding_window=False)
GEMMA3 = dict(model_type="gemma3_text", vocab_size=262144, max_position_embeddings=32768, rms_norm_eps=1e-6,
              head_dim=256, num_attention_heads=4, num_key_value_heads=1, query_pre_attn_scalar=256,
              rope_theta=1000000.0, rope_local_base_freq=10000.0, sliding_window=512,
              hidden_activation="gelu_pytorch_tanh")
CONFIGS = {
    "SmolLM2-135M-Instruct": dict(SMOLLM2, hidden_size=576, intermediate_size=1536, num_hidden_layers=30,
                                  num_attention_heads=9, num_key_value_heads=3),
    "SmolLM2-360M-Instruct": dict(SMOLLM2, hidden_size=960, intermediate_size=2560, num_hidden_layers=32,
                                  num_attention_heads=15, num_key_value_heads=5),
    "Llama-3.2-1B-Instruct": dict(model_type="llama", vocab_size=128256, hidden_size=2048, intermediate_size=8192,
                                  num_hidden_layers=16, num_attention_heads=32, num_key_value_heads=8, head_dim=64,
                                  max_position_embeddings=131072, rope_theta=500000.0, rope_scaling=LLAMA3,
                                  rms_norm_eps=1e-5, tie_word_embeddings=True, hidden_act="silu"),
    "Qwen2.5-0.5B-Instruct": dict(QWEN, model_type="qwen2", hidden_size=896, intermediate_size=4864,
                                  num_hidden_layers=24, num_attention_heads=14, num_key_value_heads=2,
                                  max_position_embeddings=32768, max_window_layers=21, sliding_window=32768),
    "Qwen3-0.6B": dict(QWEN, model_type="qwen3", hidden_size=1024, intermediate_size=3072, num_hidden_layers=28,
                       num_attention_heads=16, num_key_value_heads=8, head_dim=128,
                       max_position_embeddings=40960, max_window_layers=28),
    "gemma-3-270m-it": dict(GEMMA3, hidden_size=640, intermediate_size=2048, num_hidden_layers=18),
    "gemma-3-1b-it": dict(GEMMA3, hidden_size=1152, intermediate_size=6912, num_hidden_layers=26),
    "Phi-3-mini-4k-instruct": dict(model_type="phi3", vocab_size=32064, hidden_size=3072, intermediate_size=8192,
                                   num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=32,
                                   max_position_embeddings=4096, original_max_position_embeddings=4096,
                                   rope_theta=10000.0, rms_norm_eps=1e-5, sliding_window=2047,
                                   tie_word_embeddings=False, hidden_act="silu", pad_token_id=32000),
}


def shapes_of(config):
    """Name and shape of every tensor a checkpoint stores: tied heads are left out."""
    reference = tf.AutoConfig.for_model(**config)
    with torch.device("meta"):
        model = tf.AutoModelForCausalLM.from_config(reference)
    tied = {"lm_head.weight"} if reference.tie_word_embeddings else set()
    return {name: list(w.shape) for name, w in model.state_dict().items() if name not in tied}


def folded(shapes):
    """Layers as one entry; fails if they are not alike."""
    layers, alike = set(), {}
    for name, shape in shapes.items():
        layers.update(int(n) for n in re.findall(r"(?<=layers\.|...blk\.)(\d+)", "..." + name))
        pattern = re.sub(r"(layers|blk)\.\d+", r"\1.*", name)
        assert alike.setdefault(pattern, shape) == shape, name
    count = max(layers) + 1
    expanded = sum(count if "*" in pattern else 1 for pattern in alike)
    assert expanded == len(shapes), (expanded, len(shapes))
    return alike


def gguf_shapes(shapes, config):
    architecture = {"gemma3_text": "gemma3"}.get(config["model_type"], config["model_type"])
    known = next(a for a, n in gguf.MODEL_ARCH_NAMES.items() if n == architecture)
    names = gguf.get_tensor_name_map(known, config["num_hidden_layers"])
    renamed = {names.get_name(name, try_suffixes=(".weight", ".bias")): shape for name, shape in shapes.items()}
    if config.get("rope_scaling"):
        renamed["rope_freqs.weight"] = [config["head_dim"] // 2]
    return renamed


if __name__ == "__main__":
    layouts = {}
    for name, config in CONFIGS.items():
        shapes = shapes_of(config)
        layouts[name] = {"config": config, "hugging_face": folded(shapes),
                         "gguf": folded(gguf_shapes(shapes, config))}
    lines = json.dumps(layouts, indent=1)
    # Shapes on one line.
    lines = re.sub(r"\[\s+(\d+)(?:,\s+(\d+))?\s+\]", lambda m: "[" + ", ".join(filter(None, m.groups())) + "]", lines)
    (Path(__file__).parent / "layout.json").write_text(lines + "\n")
