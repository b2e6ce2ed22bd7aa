"""A tiny seeded Whisper and what the reference answers for it, and the layouts of real ones.

Made with torch 2.15, transformers 4.57.6, safetensors 0.8.0; run as `python tests/golden/whisper.py`.

In `whisper/`: `config.json` and `model.safetensors` as `transformers` writes them; `golden.safetensors`
with a sound's mel, the encoder's states, the logits after each token of a prompt, and the tokens that follow
greedily; `layout.json` with names and shapes of the tensors of real
checkpoints, whose networks are built on the meta device from their configurations.
`mel.safetensors`: 0.9 seconds of `jfk.wav` of openai/whisper (MIT), and what WhisperFeatureExtractor makes of
them with 80 and 128 bands.
"""

import json
import re
import sys
import wave
from pathlib import Path

import numpy as np
import torch
import transformers as tf
from safetensors.torch import save_file

HERE = Path(__file__).parent / "whisper"
CONFIG = tf.WhisperConfig(vocab_size=60, d_model=32, encoder_layers=1, encoder_attention_heads=2, encoder_ffn_dim=64,
                          decoder_layers=2, decoder_attention_heads=4, decoder_ffn_dim=64, num_mel_bins=12,
                          max_source_positions=30, max_target_positions=24, pad_token_id=0, bos_token_id=1,
                          eos_token_id=2, decoder_start_token_id=3)
PROMPT = [3, 17, 5, 40, 8]


def whisper(d_model, layers, decoder_layers, heads, vocab_size):
    return tf.WhisperConfig(vocab_size=vocab_size, d_model=d_model, encoder_layers=layers, decoder_layers=decoder_layers,
                            encoder_attention_heads=heads, decoder_attention_heads=heads,
                            encoder_ffn_dim=4 * d_model, decoder_ffn_dim=4 * d_model)


# The checkpoints' own configurations, as far as they shape the network.
REAL = {"whisper-tiny": whisper(384, 4, 4, 6, 51865), "whisper-tiny.en": whisper(384, 4, 4, 6, 51864),
        "whisper-base": whisper(512, 6, 6, 8, 51865), "whisper-base.en": whisper(512, 6, 6, 8, 51864),
        "whisper-small": whisper(768, 12, 12, 12, 51865), "whisper-small.en": whisper(768, 12, 12, 12, 51864),
        "distil-small.en": whisper(768, 12, 4, 12, 51864)}


def seeded():
    """A model whose attention is not flat, whose norms are not one and whose biases are not zero."""
    torch.manual_seed(3)
    model = tf.WhisperForConditionalGeneration(CONFIG).float().eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" in name.lower() and name.endswith("weight"):
                weight.uniform_(0.6, 1.4)
            elif weight.dim() == 1:
                weight.uniform_(-0.3, 0.3)
            else:
                weight.normal_(0, 0.25)
    return model


def greedy(model, states, ids, count):
    for _ in range(count):
        logits = model(encoder_outputs=(states,), decoder_input_ids=torch.tensor([ids])).logits[0, -1]
        ids = ids + [int(logits.argmax())]
    return ids


def mels():
    """Excerpts of the recording in `sys.argv[1]` and the reference's mels; made only where it is given."""
    with wave.open(sys.argv[1]) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)[8000:22400]
    sound = pcm.astype(np.float32) / 32768
    golden = {"pcm": torch.tensor(sound)}
    for bands in (80, 128):
        mel = tf.WhisperFeatureExtractor(feature_size=bands)(sound, sampling_rate=16000, return_tensors="pt")
        mel = mel.input_features[0]
        # What follows is one number: that of silence.
        assert (mel[:, 100:] == mel[0, 100]).all()
        golden[f"mel_{bands}"] = mel[:, :100].contiguous()
    save_file(golden, HERE / "mel.safetensors")


@torch.no_grad()
def main():
    HERE.mkdir(exist_ok=True)
    model = seeded()
    mel = torch.randn(1, 12, 60)
    states = model.model.encoder(mel).last_hidden_state
    logits = model(encoder_outputs=(states,), decoder_input_ids=torch.tensor([PROMPT])).logits[0]
    tokens = greedy(model, states, PROMPT, 24 - len(PROMPT))
    tensors = {name: tensor.contiguous().clone() for name, tensor in model.state_dict().items()
               if name != "proj_out.weight"}
    save_file(tensors, HERE / "model.safetensors")
    (HERE / "config.json").write_text(json.dumps(CONFIG.to_dict(), indent=1, sort_keys=True) + "\n")
    save_file({"mel": mel[0], "states": states[0], "prompt": torch.tensor(PROMPT), "logits": logits.contiguous(),
               "tokens": torch.tensor(tokens)}, HERE / "golden.safetensors")
    layouts = {}
    for name, config in REAL.items():
        with torch.device("meta"):
            network = tf.WhisperForConditionalGeneration(config)
        # Layers are alike: one entry for all, with `*` for their number.
        shapes = {re.sub(r"layers\.\d+", "layers.*", key): list(w.shape) for key, w in network.state_dict().items()
                  if key != "proj_out.weight"}
        said = {key: value for key, value in config.to_dict().items()
                if key.startswith(("d_model", "encoder_", "decoder_", "num_mel", "max_", "vocab", "activation_f"))}
        layouts[name] = {"config": said, "tensors": shapes}
    (HERE / "layout.json").write_text(json.dumps(layouts) + "\n")
    if len(sys.argv) > 1:
        mels()


if __name__ == "__main__":
    main()
