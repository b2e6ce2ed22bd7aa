"""Networks of sounds of real shapes with seeded random weights, for the benchmark: ONNX files as Transformers.js asks
for them, in f32 and q8, and the same weights as safetensors with the checkpoint's own names.

Made with torch 2.15.0, transformers 4.57.6, onnx 1.23.2, onnxruntime 1.32.0; run as `python bench/sounds.py FOLDER`.
Writes FOLDER/NAME/{onnx/.., model.safetensors, config.json} for whisper-tiny, whisper-base, clap and vits, and
preprocessor_config.json of those that hear. Whisper's graphs are like an export by optimum, with a decoder of two
branches: what it keeps of a sound is computed once. CLAP and VITS are exports of the reference's own modules.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from onnx import TensorProto
from torch.nn.utils import parametrize
from transformers import (
    ClapAudioConfig, ClapConfig, ClapFeatureExtractor, ClapModel, ClapTextConfig, VitsConfig, VitsModel,
    WhisperFeatureExtractor,
)

import encoders
from graph import Graph, finish
from vision import export, told
from writers import nothing, save_merged, written_before

EPS = 1e-5


def whisper(size, layers, heads):
    """config.json of openai/whisper-tiny and -base, without a token that ends an answer."""
    return dict(
        model_type="whisper", vocab_size=51865, d_model=size, num_mel_bins=80, max_source_positions=1500,
        max_target_positions=448, activation_function="gelu", scale_embedding=False, decoder_start_token_id=50258,
        pad_token_id=50257, is_encoder_decoder=True, use_cache=True, tie_word_embeddings=True,
        encoder_layers=layers, encoder_attention_heads=heads, encoder_ffn_dim=4 * size,
        decoder_layers=layers, decoder_attention_heads=heads, decoder_ffn_dim=4 * size,
    )


WHISPERS = {"whisper-tiny": whisper(384, 4, 6), "whisper-base": whisper(512, 6, 8)}


class Decoder:
    """What writes. No mask hides what follows a token: one is read at a time."""

    def __init__(self, graph, config):
        self.graph, self.config, self.size = graph, config, config["d_model"]
        self.heads = config["decoder_attention_heads"]

    def norm(self, xs, name):
        return self.graph.norm(xs, name, self.size, EPS)

    def project(self, xs, attention):
        """Keys, which have no bias, and values."""
        parts = (("k", False), ("v", True))
        return [self.graph.heads(xs, f"{attention}.{part}_proj", self.size, self.heads, bias=bias) for part, bias in parts]

    def attend(self, xs, attention, keys, values):
        q = self.graph.heads(xs, f"{attention}.q_proj", self.size, self.heads)
        turned = self.graph.op("Transpose", keys, perm=[0, 1, 3, 2])
        return self.graph.attend(q, turned, values, f"{attention}.out_proj", self.size, self.heads, None)

    def layer(self, xs, index, past):
        """The states after a layer, and what it keeps: of words, and of the sound if there was no past."""
        graph, layer, before = self.graph, f"model.decoder.layers.{index}", f"past_key_values.{index}"
        inner = self.norm(xs, f"{layer}.self_attn_layer_norm")
        own = self.project(inner, f"{layer}.self_attn")
        if past:
            own = [graph.op("Concat", f"{before}.decoder.{kind}", new, axis=2) for kind, new in zip(("key", "value"), own)]
            read, kept = [f"{before}.encoder.{kind}" for kind in ("key", "value")], nothing(graph, self.config)
        else:
            read = kept = self.project("encoder_hidden_states", f"{layer}.encoder_attn")
        xs = graph.op("Add", xs, self.attend(inner, f"{layer}.self_attn", *own))
        inner = self.norm(xs, f"{layer}.encoder_attn_layer_norm")
        xs = graph.op("Add", xs, self.attend(inner, f"{layer}.encoder_attn", *read))
        inner = self.norm(xs, f"{layer}.final_layer_norm")
        inner = graph.gelu(graph.linear(inner, f"{layer}.fc1", self.size, self.config["decoder_ffn_dim"]))
        xs = graph.op("Add", xs, graph.linear(inner, f"{layer}.fc2", self.config["decoder_ffn_dim"], self.size))
        return xs, [*own, *kept]

    def decoder(self, past):
        """Logits, and keys and values of each layer; with `past` those of the sound are taken from there."""
        graph, config = self.graph, self.config
        table = graph.weight("model.decoder.embed_tokens.weight", config["vocab_size"], self.size)
        places = graph.weight("model.decoder.embed_positions.weight", config["max_target_positions"], self.size)
        at = graph.positions("input_ids", written_before(graph) if past else None)
        xs = graph.op("Add", graph.op("Gather", table, "input_ids"), graph.op("Gather", places, at))
        present = []
        for index in range(config["decoder_layers"]):
            xs, kept = self.layer(xs, index, past)
            present += kept
        logits = graph.product(self.norm(xs, "model.decoder.layer_norm"), table)
        return [graph.op("Identity", one) for one in (logits, *present)]


def write_whisper(place, config):
    encoder, decoder = Graph(20261127), Graph(20261128)
    inputs, states, shape = encoders.whisper(encoder, config)
    encoder.op("Identity", states, name="last_hidden_state")
    encoder.save(place, "encoder_model", inputs, [("last_hidden_state", shape)])
    save_merged(decoder, config, Decoder(decoder, config).decoder, [], place)
    WhisperFeatureExtractor(feature_size=config["num_mel_bins"]).save_pretrained(place)
    finish(place, {**encoder.weights, **decoder.weights}, config)


class Place(torch.nn.Module):
    """The half of CLAP that hears, as `get_audio_features` has it."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_features):
        return self.model.get_audio_features(input_features)


def write_clap(place):
    """laion/clap-htsat-unfused. Its other half, which nobody asks here, is tiny."""
    text = ClapTextConfig(vocab_size=8, hidden_size=32, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
                          max_position_embeddings=20)
    model = ClapModel(ClapConfig(text_config=text.to_dict(), audio_config=ClapAudioConfig().to_dict())).eval()
    model.save_pretrained(place)
    ClapFeatureExtractor(frequency_min=50, frequency_max=14_000, truncation="rand_trunc").save_pretrained(place)
    export(Place(model), place / "onnx/audio_model.onnx", {"input_features": torch.randn(1, 1, 1001, 64)}, "audio_embeds")
    told(place)


class Voice(torch.nn.Module):
    """A text to the waveform alone."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids, attention_mask).waveform


# Frames of each token, whatever it is and however weights are rounded: random ones would say some tokens for minutes.
FRAMES = 3
TOKENS = 121


def write_vits(place):
    """facebook/mms-tts-eng, without noise."""
    model = VitsModel(VitsConfig()).eval()
    # The logarithm of a token's frames is `(x - translate) / e^log_scale`, and they are rounded up.
    last = model.duration_predictor.flows[0]
    last.log_scale.data[0] = 4
    last.translate.data[0] = -np.log(FRAMES - 0.5) * np.exp(4)
    # Not so loud that most samples are cut off.
    model.decoder.conv_post.weight.data.mul_(0.05)
    model.noise_scale = model.noise_scale_duration = 0.0
    model.config.noise_scale = model.config.noise_scale_duration = 0.0
    model.save_pretrained(place)
    # Else no convolution of the flow would be rounded in q8: its weights are quotients that the graph works out.
    for module in model.modules():
        if parametrize.is_parametrized(module):
            parametrize.remove_parametrizations(module, "weight")
    ids = torch.arange(TOKENS)[None] % 38
    export(Voice(model), place / "onnx/model.onnx", {"input_ids": ids, "attention_mask": torch.ones_like(ids)}, "waveform")
    told(place)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for name, config in WHISPERS.items():
        write_whisper(folder / name, config)
    for name, write in (("clap", write_clap), ("vits", write_vits)):
        torch.manual_seed(20261129)
        write(folder / name)
