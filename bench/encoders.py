"""Encoders of real shapes with seeded random weights, for the benchmark: one ONNX file in f32, one in q8,
and the same weights as safetensors with the checkpoint's own names.

Made with onnx 1.23.2, onnxruntime 1.32.0, safetensors 0.8.0, numpy 2.4.6; run as
`python bench/encoders.py FOLDER`. Writes FOLDER/NAME/{onnx/model.onnx, onnx/model_quantized.onnx,
model.safetensors, config.json} for minilm, vit and whisper.
"""

import sys
from pathlib import Path

import numpy as np
from onnx import TensorProto

from graph import Graph, finish

# Their config.json: sentence-transformers/all-MiniLM-L6-v2, openai/clip-vit-base-patch32 (the vision
# half), openai/whisper-tiny (the encoder).
CONFIGS = {
    "minilm": dict(
        model_type="bert", hidden_size=384, intermediate_size=1536, num_hidden_layers=6,
        num_attention_heads=12, vocab_size=30522, max_position_embeddings=512, type_vocab_size=2,
        hidden_act="gelu", layer_norm_eps=1e-12, pad_token_id=0,
    ),
    "vit": dict(
        model_type="clip_vision_model", hidden_size=768, intermediate_size=3072, num_hidden_layers=12,
        num_attention_heads=12, image_size=224, patch_size=32, num_channels=3, projection_dim=512,
        hidden_act="quick_gelu", layer_norm_eps=1e-5,
    ),
    "whisper": dict(
        model_type="whisper", d_model=384, encoder_ffn_dim=1536, encoder_layers=4,
        encoder_attention_heads=6, num_mel_bins=80, max_source_positions=1500,
        activation_function="gelu",
    ),
}


def minilm(graph, c):
    size, eps = c["hidden_size"], c["layer_norm_eps"]
    inputs = [(name, TensorProto.INT64, ["batch", "tokens"]) for name in ("input_ids", "attention_mask", "token_type_ids")]
    table = lambda name, rows, ids: graph.op("Gather", graph.weight(f"embeddings.{name}.weight", rows, size), ids)
    xs = graph.op("Add", table("word_embeddings", c["vocab_size"], "input_ids"),
                  table("token_type_embeddings", c["type_vocab_size"], "token_type_ids"))
    xs = graph.op("Add", xs, table("position_embeddings", c["max_position_embeddings"], graph.positions("input_ids")))
    xs = graph.norm(xs, "embeddings.LayerNorm", size, eps)
    mask = graph.hidden("attention_mask")
    for index in range(c["num_hidden_layers"]):
        layer = f"encoder.layer.{index}"
        parts = [f"{layer}.attention.{part}" for part in ("self.query", "self.key", "self.value", "output.dense")]
        ys = graph.attention(xs, parts, size, c["num_attention_heads"], mask)
        xs = graph.norm(graph.op("Add", ys, xs), f"{layer}.attention.output.LayerNorm", size, eps)
        ys = graph.gelu(graph.linear(xs, f"{layer}.intermediate.dense", size, c["intermediate_size"]))
        ys = graph.linear(ys, f"{layer}.output.dense", c["intermediate_size"], size)
        xs = graph.norm(graph.op("Add", ys, xs), f"{layer}.output.LayerNorm", size, eps)
    return inputs, xs, ["batch", "tokens", size]


def vit(graph, c):
    size, patch, eps = c["hidden_size"], c["patch_size"], c["layer_norm_eps"]
    side = c["image_size"] // patch
    prefix = "vision_model.embeddings"
    patches = graph.op("Conv", "pixel_values", graph.weight(f"{prefix}.patch_embedding.weight", size, 3, patch, patch),
                       kernel_shape=[patch, patch], strides=[patch, patch])
    patches = graph.op("Reshape", patches, graph.constant([0, size, side * side], np.int64))
    patches = graph.op("Transpose", patches, perm=[0, 2, 1])
    first = graph.op("Reshape", graph.weight(f"{prefix}.class_embedding", size), graph.constant([1, 1, size], np.int64))
    xs = graph.op("Concat", first, patches, axis=1)
    xs = graph.op("Add", xs, graph.weight(f"{prefix}.position_embedding.weight", side * side + 1, size))
    xs = graph.norm(xs, "vision_model.pre_layrnorm", size, eps)
    names = ("layer_norm1", "self_attn", "layer_norm2", "mlp.fc1", "mlp.fc2")
    sizes = (size, c["num_attention_heads"], c["intermediate_size"], True)
    for index in range(c["num_hidden_layers"]):
        xs = graph.before_norm(xs, f"vision_model.encoder.layers.{index}", names, sizes, graph.quick_gelu, eps)
    xs = graph.op("Gather", xs, graph.constant(0, np.int64), axis=1)
    xs = graph.norm(xs, "vision_model.post_layernorm", size, eps)
    xs = graph.linear(xs, "visual_projection", size, c["projection_dim"], bias=False)
    return [("pixel_values", TensorProto.FLOAT, [1, 3, c["image_size"], c["image_size"]])], xs, [1, c["projection_dim"]]


def whisper(graph, c):
    size, eps = c["d_model"], 1e-5
    prefix = "model.encoder"
    xs = "input_features"
    for name, channels, stride in [("conv1", c["num_mel_bins"], 1), ("conv2", size, 2)]:
        weight = graph.weight(f"{prefix}.{name}.weight", size, channels, 3)
        bias = graph.weight(f"{prefix}.{name}.bias", size)
        xs = graph.gelu(graph.op("Conv", xs, weight, bias, kernel_shape=[3], strides=[stride], pads=[1, 1]))
    xs = graph.op("Transpose", xs, perm=[0, 2, 1])
    xs = graph.op("Add", xs, graph.weight(f"{prefix}.embed_positions.weight", c["max_source_positions"], size))
    names = ("self_attn_layer_norm", "self_attn", "final_layer_norm", "fc1", "fc2")
    sizes = (size, c["encoder_attention_heads"], c["encoder_ffn_dim"], False)
    for index in range(c["encoder_layers"]):
        xs = graph.before_norm(xs, f"{prefix}.layers.{index}", names, sizes, graph.gelu, eps)
    xs = graph.norm(xs, f"{prefix}.layer_norm", size, eps)
    frames = 2 * c["max_source_positions"]
    return [("input_features", TensorProto.FLOAT, [1, c["num_mel_bins"], frames])], xs, [1, c["max_source_positions"], size]


def write(folder, name, build):
    config, graph = CONFIGS[name], Graph(20261124)
    inputs, output, shape = build(graph, config)
    graph.op("Identity", output, name="output")
    graph.save(folder / name, "model", inputs, [("output", shape)])
    finish(folder / name, graph.weights, config)


if __name__ == "__main__":
    for name, build in [("minilm", minilm), ("vit", vit), ("whisper", whisper)]:
        write(Path(sys.argv[1]), name, build)
