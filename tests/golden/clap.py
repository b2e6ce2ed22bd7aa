"""A tiny seeded CLAP, and what the reference makes of it, for `clap/`.

Made with torch 2.15, transformers 4.57.6, safetensors 0.8.0; run as `python tests/golden/clap.py`. A checkpoint as the
hub has it; `golden.safetensors` with inputs and answers in f32; `task.json`, the whole way of sounds; `features.json`,
bands of sounds as the published checkpoint has them, every hundredth frame; `layout.json` with names and shapes of
the published one.
"""

import json
from pathlib import Path

import numpy as np
import torch
import transformers as tf
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from encoder import seeded

HERE = Path(__file__).parent
FOLDER = HERE / "clap"
TEXTS = ["This is a sound of Sound of a dog.", "This is a sound of rain.", "x", "This is a sound of a siren, far away."]
LABELS, TEMPLATE = ["Sound of a dog", "rain", "a siren, far away"], "This is a sound of {}."
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def sound(count: int, rate: int) -> np.ndarray:
    """A tone that rises: the tests make the same."""
    seconds = np.arange(count, dtype=np.float64) / rate
    return (0.5 * np.sin(2 * np.pi * (200 + 300 * seconds) * seconds)).astype(np.float32)


def tokenizer() -> tf.RobertaTokenizerFast:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    made.train_from_iterator(TEXTS * 5, trainers.BpeTrainer(vocab_size=300, special_tokens=SPECIAL, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False))
    made.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
    return tf.RobertaTokenizerFast(tokenizer_object=made, model_max_length=60)


def tiny(words: int) -> tf.ClapConfig:
    # Windows of an odd side move in both stages; rows are of whole blocks of Q8_0, so that both halves can be rounded.
    audio = dict(window_size=5, num_mel_bins=16, spec_size=80, patch_size=4, patch_stride=[4, 4], hidden_size=64, depths=[3, 2], num_attention_heads=[2, 4],
                 patch_embeds_hidden_size=32, mlp_ratio=1.5, projection_dim=32, enable_fusion=False)
    text = dict(vocab_size=words, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64, max_position_embeddings=62, projection_dim=32)
    return tf.ClapConfig(text_config=text, audio_config=audio, projection_dim=32)


def golden(model: tf.ClapModel, words: tf.RobertaTokenizerFast) -> dict:
    bands = torch.randn(1, 1, 157, 16) * 20 - 40
    heard = model.audio_model(bands, output_hidden_states=True)
    made = {"bands": bands[0, 0], "audio": model.get_audio_features(bands)[0]}
    # The first is what the stages begin with.
    states = model.audio_model.audio_encoder(bands, output_hidden_states=True).hidden_states[1:]
    made |= {f"level_{at}": one[0].flatten(1).T for at, one in enumerate(states)}
    made["pooled"] = heard.pooler_output[0]
    rows = [words(text).input_ids for text in TEXTS]
    for at, ids in enumerate(rows):
        made[f"ids_{at}"] = torch.tensor(ids)
    made["texts"] = torch.cat([model.get_text_features(torch.tensor([ids])) for ids in rows])
    made["texts"] /= made["texts"].norm(dim=-1, keepdim=True)
    made["audio"] /= made["audio"].norm()
    made["logits"] = made["texts"] @ made["audio"] * model.logit_scale_a.exp()
    return {name: one.detach().contiguous() for name, one in made.items()}


def tasks(model: tf.ClapModel, words: tf.RobertaTokenizerFast, features: tf.ClapFeatureExtractor) -> list:
    cases = []
    for count in (900, 8000, 3001):
        bands = features(sound(count, 8000), sampling_rate=8000, return_tensors="pt").input_features
        texts = words([TEMPLATE.format(label) for label in LABELS], return_tensors="pt", padding=True)
        logits = model(**texts, input_features=bands).logits_per_audio[0]
        cases.append({"count": count, "logits": logits.tolist(), "probabilities": logits.softmax(-1).tolist()})
    return cases


def published() -> list:
    # Not the class default of 0: the published preprocessor_config.json has 50.
    features = tf.ClapFeatureExtractor(frequency_min=50, truncation="rand_trunc", padding="repeatpad")
    cases = []
    for count in (7_001, 200_000, 480_000):
        bands = features(sound(count, 48_000), sampling_rate=48_000, return_tensors="np").input_features[0, 0]
        assert bands.shape == (1001, 64), bands.shape
        cases.append({"count": count, "frames": [[round(float(x), 5) for x in row] for row in bands[::100]]})
    return cases


def layout() -> dict:
    config = tf.ClapConfig()
    with torch.device("meta"):
        model = tf.ClapModel(config)
    shapes = {name: list(tensor.shape) for name, tensor in model.state_dict().items()}
    return {"config": config.to_diff_dict(), "tensors": shapes}


@torch.no_grad()
def main():
    FOLDER.mkdir(exist_ok=True)
    words = tokenizer()
    model = seeded(tf.ClapModel, tiny(len(words)), 5)
    norm = model.audio_model.audio_encoder.batch_norm
    norm.running_mean.copy_(torch.randn(16) * 10 - 40)
    norm.running_var.copy_(torch.rand(16) * 100 + 20)
    model.logit_scale_a.fill_(2.0)
    features = tf.ClapFeatureExtractor(feature_size=16, sampling_rate=8000, hop_length=64, max_length_s=1, fft_window_size=256, frequency_min=50, frequency_max=3900, truncation="rand_trunc", padding="repeatpad")
    # Kept in 16 bits, and answered by what is kept.
    model = model.half()
    for part in (model, words, features):
        part.save_pretrained(FOLDER)
    model = model.float()
    for unneeded in ("vocab.json", "merges.txt", "special_tokens_map.json"):
        (FOLDER / unneeded).unlink(missing_ok=True)
    save_file(golden(model, words), FOLDER / "golden.safetensors")
    (FOLDER / "task.json").write_text(json.dumps({"labels": LABELS, "template": TEMPLATE, "cases": tasks(model, words, features)}, indent=1) + "\n")
    (FOLDER / "features.json").write_text(json.dumps(published()) + "\n")
    (FOLDER / "layout.json").write_text(json.dumps(layout()) + "\n")


if __name__ == "__main__":
    main()
