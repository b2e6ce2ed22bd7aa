"""Encoder-decoders of real shapes with seeded random weights, for the benchmark: ONNX files as
Transformers.js asks for them, in f32 and q8, and the same weights as safetensors with the checkpoint's
own names.

Made with onnx 1.23.2, onnxruntime 1.32.0, safetensors 0.8.0, numpy 2.4.6; run as
`python bench/writers.py FOLDER`. Writes FOLDER/NAME/{onnx/encoder_model.onnx,
onnx/decoder_model_merged.onnx, model.safetensors, config.json} and quantized twins, for opus and bart.

The decoder has two branches, as an export by optimum has: one for the first token, which computes what is
kept of the input, and one for all others. No mask hides what follows a token: one is read at a time.
"""

import sys
from pathlib import Path

import numpy as np
from onnx import TensorProto

from graph import Graph, finish

# config.json of Helsinki-NLP/opus-mt-en-de and facebook/bart-base, without a token that ends an answer.
COMMON = dict(decoder_start_token_id=0, is_encoder_decoder=True, use_cache=True, tie_word_embeddings=True)
CONFIGS = {
    "opus": dict(
        model_type="marian", vocab_size=58101, d_model=512, encoder_layers=6, decoder_layers=6,
        encoder_attention_heads=8, decoder_attention_heads=8, encoder_ffn_dim=2048, decoder_ffn_dim=2048,
        max_position_embeddings=512, activation_function="swish", scale_embedding=True, pad_token_id=58100,
        static_position_embeddings=True, **COMMON,
    ),
    "bart": dict(
        model_type="bart", vocab_size=50265, d_model=768, encoder_layers=6, decoder_layers=6,
        encoder_attention_heads=12, decoder_attention_heads=12, encoder_ffn_dim=3072, decoder_ffn_dim=3072,
        max_position_embeddings=1024, activation_function="gelu", scale_embedding=False, pad_token_id=1,
        **COMMON,
    ),
}
EPS = 1e-5
# Rows of BART's table of positions that stand for nothing.
OFFSET = 2


def sines(positions, size):
    """Marian's: sines of every position, then cosines."""
    angles = np.arange(positions)[:, None] * 10_000.0 ** (-np.arange(size // 2) / (size // 2))
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)


class Network:
    """Both halves over one set of weights."""

    def __init__(self, graph, config):
        self.graph, self.config, self.size = graph, config, config["d_model"]
        graph.weight("model.shared.weight", config["vocab_size"], self.size)
        graph.weight("final_logits_bias", 1, config["vocab_size"])

    def embed(self, side, ids, first=None):
        graph, config = self.graph, self.config
        xs = graph.op("Gather", "model.shared.weight", ids)
        if config["scale_embedding"]:
            xs = graph.op("Mul", xs, graph.constant(np.sqrt(self.size)))
        at, most = graph.positions(ids, first), config["max_position_embeddings"]
        if config["model_type"] == "marian":
            return graph.op("Add", xs, graph.op("Gather", graph.constant(sines(most, self.size)), at))
        table = graph.weight(f"model.{side}.embed_positions.weight", most + OFFSET, self.size)
        at = graph.op("Add", at, graph.constant(OFFSET, np.int64))
        xs = graph.op("Add", xs, graph.op("Gather", table, at))
        return graph.norm(xs, f"model.{side}.layernorm_embedding", self.size, EPS)

    def summed(self, xs, ys, norm):
        return self.graph.norm(self.graph.op("Add", xs, ys), norm, self.size, EPS)

    def mlp(self, xs, layer, inner):
        graph = self.graph
        ys = graph.linear(xs, f"{layer}.fc1", self.size, inner)
        swish = self.config["activation_function"] == "swish"
        ys = graph.op("Mul", ys, graph.op("Sigmoid", ys)) if swish else graph.gelu(ys)
        return self.summed(xs, graph.linear(ys, f"{layer}.fc2", inner, self.size), f"{layer}.final_layer_norm")

    def encoder(self):
        xs, mask = self.embed("encoder", "input_ids"), self.graph.hidden("attention_mask")
        for index in range(self.config["encoder_layers"]):
            layer = f"model.encoder.layers.{index}"
            parts = [f"{layer}.self_attn.{part}_proj" for part in ("q", "k", "v", "out")]
            ys = self.graph.attention(xs, parts, self.size, self.config["encoder_attention_heads"], mask)
            xs = self.mlp(self.summed(xs, ys, f"{layer}.self_attn_layer_norm"), layer, self.config["encoder_ffn_dim"])
        return xs

    def attend(self, xs, attention, heads, keys, values, mask=None):
        graph = self.graph
        q = graph.heads(xs, f"{attention}.q_proj", self.size, heads)
        turned = graph.op("Transpose", keys, perm=[0, 1, 3, 2])
        ys = graph.attend(q, turned, values, f"{attention}.out_proj", self.size, heads, mask)
        return self.summed(xs, ys, f"{attention}_layer_norm")

    def decoder(self, past):
        """Logits, and keys and values of each layer; with `past` those of the input are taken from there."""
        graph, heads = self.graph, self.config["decoder_attention_heads"]
        xs, mask = self.embed("decoder", "input_ids", written_before(graph) if past else None), graph.hidden("encoder_attention_mask")
        present = []
        for index in range(self.config["decoder_layers"]):
            layer, before = f"model.decoder.layers.{index}", f"past_key_values.{index}"
            project = lambda of, name: [graph.heads(of, f"{layer}.{name}.{part}_proj", self.size, heads) for part in "kv"]
            own = project(xs, "self_attn")
            if past:
                own = [graph.op("Concat", f"{before}.decoder.{kind}", new, axis=2)
                       for kind, new in zip(("key", "value"), own)]
                read, kept = [f"{before}.encoder.{kind}" for kind in ("key", "value")], nothing(graph, self.config)
            else:
                read = kept = project("encoder_hidden_states", "encoder_attn")
            xs = self.attend(xs, f"{layer}.self_attn", heads, *own)
            xs = self.attend(xs, f"{layer}.encoder_attn", heads, *read, mask)
            xs = self.mlp(xs, layer, self.config["decoder_ffn_dim"])
            present += [*own, *kept]
        logits = graph.op("Add", graph.product(xs, "model.shared.weight"), "final_logits_bias")
        return [graph.op("Identity", one) for one in (logits, *present)]


def nothing(graph, config):
    """In place of keys and values that the caller has: nobody looks at it."""
    heads = config["decoder_attention_heads"]
    return [graph.constant(np.zeros((0, heads, 1, config["d_model"] // heads)))] * 2


def written_before(graph):
    """How many tokens a decoder with a past has read."""
    shape = graph.op("Shape", "past_key_values.0.decoder.key")
    return graph.op("Gather", shape, graph.constant(2, np.int64))


def save_merged(graph, config, decoder, inputs, place):
    """Both branches of a decoder in one file; `decoder(past)` writes one. Its past and what asks for it follow `inputs`."""
    size, heads, layers = (config[key] for key in ("d_model", "decoder_attention_heads", "decoder_layers"))
    kinds = [f"{index}.{side}.{kind}" for index in range(layers) for side in ("decoder", "encoder") for kind in ("key", "value")]
    present = [None, heads, None, size // heads]
    outputs = [("logits", [None, None, config["vocab_size"]]), *((f"present.{kind}", present) for kind in kinds)]
    graph.choice("use_cache_branch", outputs, lambda: decoder(True), lambda: decoder(False))
    kept = lambda kind: ["batch_size", heads, "read" if "encoder" in kind else "written", size // heads]
    graph.save(place, "decoder_model_merged", [
        ("input_ids", TensorProto.INT64, ["batch_size", "tokens"]),
        ("encoder_hidden_states", TensorProto.FLOAT, ["batch_size", "read", size]), *inputs,
        ("use_cache_branch", TensorProto.BOOL, [1]),
        *((f"past_key_values.{kind}", TensorProto.FLOAT, kept(kind)) for kind in kinds),
    ], outputs)


def write(folder, name):
    config, place = CONFIGS[name], folder / name
    ids = ("input_ids", TensorProto.INT64, ["batch_size", "tokens"])

    encoder = Graph(20261124)
    encoder.op("Identity", Network(encoder, config).encoder(), name="last_hidden_state")
    mask = ("attention_mask", TensorProto.INT64, ["batch_size", "tokens"])
    encoder.save(place, "encoder_model", [ids, mask], [("last_hidden_state", ["batch_size", "tokens", config["d_model"]])])

    decoder = Graph(20261125)
    decoder.weights.update({name: encoder.weights[name] for name in ("model.shared.weight", "final_logits_bias")})
    mask = ("encoder_attention_mask", TensorProto.INT64, ["batch_size", "read"])
    save_merged(decoder, config, Network(decoder, config).decoder, [mask], place)
    finish(place, {**encoder.weights, **decoder.weights}, config)


if __name__ == "__main__":
    for name in CONFIGS:
        write(Path(sys.argv[1]), name)
