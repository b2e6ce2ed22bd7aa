"""Encoders of real shapes with seeded random weights, for the benchmark: one ONNX file in f32, one in q8,
and the same weights as safetensors with the checkpoint's own names.

Made with onnx 1.23.2, onnxruntime 1.32.0, safetensors 0.8.0, numpy 2.4.6; run as
`python bench/encoders.py FOLDER`. Writes FOLDER/NAME/{onnx/model.onnx, onnx/model_quantized.onnx,
model.safetensors, config.json} for minilm, vit and whisper.

The graphs hold the operators that an export of the reference's network by torch holds (products and sums
for linear layers, Erf for gelu), so that onnxruntime fuses what it fuses there. q8 is made as
Transformers.js makes it: dynamic quantization, uint8 weights where there are convolutions, else int8.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import save_file

OPSET = 17
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


class Graph:
    """Nodes of an ONNX graph, and the weights under the checkpoint's names."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.weights, self.constants, self.nodes = {}, {}, []

    def op(self, kind, *inputs, **attributes):
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name, **attributes))
        return name

    def constant(self, value, dtype=np.float32):
        name = f"constant_{len(self.constants)}"
        self.constants[name] = np.array(value, dtype)
        return name

    def weight(self, name, *shape):
        self.weights[name] = self.rng.normal(0, 0.03, shape).astype(np.float32)
        return name

    def linear(self, xs, name, inner, outer, bias=True):
        self.weight(f"{name}.weight", outer, inner)
        # As an export does: the product's right side is the weight turned over.
        turned = f"{name}.weight^T"
        self.constants[turned] = np.ascontiguousarray(self.weights[f"{name}.weight"].T)
        ys = self.op("MatMul", xs, turned)
        return self.op("Add", self.weight(f"{name}.bias", outer), ys) if bias else ys

    def norm(self, xs, name, size, eps):
        self.weights[f"{name}.weight"] = self.rng.uniform(0.8, 1.2, size).astype(np.float32)
        bias = self.weight(f"{name}.bias", size)
        return self.op("LayerNormalization", xs, f"{name}.weight", bias, axis=-1, epsilon=eps)

    def gelu(self, xs):
        halved = self.op("Div", xs, self.constant(np.sqrt(2)))
        grown = self.op("Add", self.op("Erf", halved), self.constant(1))
        return self.op("Mul", self.op("Mul", xs, grown), self.constant(0.5))

    def quick_gelu(self, xs):
        return self.op("Mul", xs, self.op("Sigmoid", self.op("Mul", xs, self.constant(1.702))))

    def attention(self, xs, names, size, heads, mask=None, key_bias=True):
        query, key, value, output = names
        split = self.constant([0, -1, heads, size // heads], np.int64)

        def part(name, order, bias=True):
            ys = self.op("Reshape", self.linear(xs, name, size, size, bias), split)
            return self.op("Transpose", ys, perm=order)

        q = part(query, [0, 2, 1, 3])
        k = part(key, [0, 2, 3, 1], key_bias)
        v = part(value, [0, 2, 1, 3])
        scores = self.op("Div", self.op("MatMul", q, k), self.constant(np.sqrt(size // heads)))
        if mask:
            scores = self.op("Add", scores, mask)
        ys = self.op("MatMul", self.op("Softmax", scores, axis=-1), v)
        ys = self.op("Transpose", ys, perm=[0, 2, 1, 3])
        ys = self.op("Reshape", ys, self.constant([0, -1, size], np.int64))
        return self.linear(ys, output, size, size)

    def before_norm(self, xs, layer, names, sizes, act, eps):
        """A layer that normalises before each half: CLIP's and Whisper's."""
        size, heads, inter, key_bias = sizes
        norm1, attention, norm2, fc1, fc2 = (f"{layer}.{name}" for name in names)
        parts = [f"{attention}.{part}" for part in ("q_proj", "k_proj", "v_proj", "out_proj")]
        ys = self.attention(self.norm(xs, norm1, size, eps), parts, size, heads, key_bias=key_bias)
        xs = self.op("Add", xs, ys)
        ys = act(self.linear(self.norm(xs, norm2, size, eps), fc1, size, inter))
        return self.op("Add", xs, self.linear(ys, fc2, inter, size))


def minilm(graph, c):
    size, eps = c["hidden_size"], c["layer_norm_eps"]
    inputs = [(name, TensorProto.INT64, ["batch", "tokens"]) for name in ("input_ids", "attention_mask", "token_type_ids")]
    table = lambda name, rows, ids: graph.op("Gather", graph.weight(f"embeddings.{name}.weight", rows, size), ids)
    tokens = graph.op("Slice", graph.op("Shape", "input_ids"), *(graph.constant([n], np.int64) for n in (1, 2)))
    length = graph.op("Squeeze", tokens)
    positions = graph.op("Range", graph.constant(0, np.int64), length, graph.constant(1, np.int64))
    xs = graph.op("Add", table("word_embeddings", c["vocab_size"], "input_ids"),
                  table("token_type_embeddings", c["type_vocab_size"], "token_type_ids"))
    xs = graph.op("Add", xs, table("position_embeddings", c["max_position_embeddings"], positions))
    xs = graph.norm(xs, "embeddings.LayerNorm", size, eps)
    mask = graph.op("Cast", "attention_mask", to=TensorProto.FLOAT)
    mask = graph.op("Unsqueeze", mask, graph.constant([1, 2], np.int64))
    mask = graph.op("Mul", graph.op("Sub", graph.constant(1), mask), graph.constant(np.finfo(np.float32).min))
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
    config = CONFIGS[name]
    graph = Graph(20261124)
    inputs, output, shape = build(graph, config)
    graph.nodes.append(helper.make_node("Identity", [output], ["output"]))
    held = [w for w in graph.weights if any(w in node.input for node in graph.nodes)]
    initializers = [numpy_helper.from_array(graph.weights[w], w) for w in held]
    initializers += [numpy_helper.from_array(value, key) for key, value in graph.constants.items()]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes, name, [helper.make_tensor_value_info(*one) for one in inputs],
            [helper.make_tensor_value_info("output", TensorProto.FLOAT, shape)], initializers,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8,
    )
    onnx.checker.check_model(model, full_check=True)
    place = folder / name
    # Laid out as on the hub, which is how Transformers.js looks for them.
    graphs = place / "onnx"
    graphs.mkdir(parents=True, exist_ok=True)
    onnx.save(model, graphs / "model.onnx")
    has_conv = any(node.op_type == "Conv" for node in graph.nodes)
    quantize_dynamic(graphs / "model.onnx", graphs / "model_quantized.onnx",
                     weight_type=QuantType.QUInt8 if has_conv else QuantType.QInt8)
    save_file(graph.weights, place / "model.safetensors")
    (place / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    for file in sorted(place.rglob("*.*")):
        print(f"{file.relative_to(folder)}: {file.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    for name, build in [("minilm", minilm), ("vit", vit), ("whisper", whisper)]:
        write(Path(sys.argv[1]), name, build)
