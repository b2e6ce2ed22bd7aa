"""A tiny seeded VITS, and what the reference makes of it, for `vits/`.

Made with torch 2.15, transformers 4.57.6, safetensors 0.8.0; run as `python tests/golden/vits.py`. A checkpoint as the
hub has MMS's; `golden.safetensors` with noise and answers in f32; `tokens.json`, texts and phonemes in tokens;
`layout.json` with names and shapes of kakao-enterprise/vits-ljs and facebook/mms-tts-eng, which differ in their words.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
import transformers as tf
from safetensors.torch import save_file

from encoder import seeded

HERE = Path(__file__).parent
FOLDER = HERE / "vits"
LETTERS = ["k", "'", "z", "y", "u", "d", "h", "e", "s", "w", "–", "3", "c", "p", "-", "1", "j", "m", "i", "X", " ", "f", "l", "o", "0", "b", "r", "a", "4", "2", "n", "_", "x", "v", "t", "q", "5", "6", "g", "ɑ"]
TEXTS = ["Hello, World!", "the X marks 2 spots – again", "  a  'b' ", "élan", "\U0001f600 ok", "dɑt"]
PHONEMES = ["həlˈoʊ wˈɜːld.", "wʌn, tˈuː! θɹˈiː?", "«ɐ» x"]
SOUNDS = ["_"] + list(";:,.!?¡¿—…\"«»“” ") + list("ABCabcdefhijklmnopstuvwxyzɑɐæʌɔɕðəɚɛɜɡɪŋɹʃʊʒθːˈˌ")


def tokenizer(folder: Path, symbols: list[str], **how: bool) -> tf.VitsTokenizer:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({one: at for at, one in enumerate(symbols)}, ensure_ascii=False) + "\n")
    return tf.VitsTokenizer(folder / "vocab.json", pad_token=symbols[0], unk_token="<unk>", **how)


def tiny() -> tf.VitsConfig:
    return tf.VitsConfig(
        vocab_size=len(LETTERS), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, window_size=3, ffn_dim=64, flow_size=32, spectrogram_bins=33,
        upsample_initial_channel=32, upsample_rates=[4, 2], upsample_kernel_sizes=[8, 4], resblock_kernel_sizes=[3, 5], resblock_dilation_sizes=[[1, 3], [1, 2]],
        duration_predictor_flow_bins=6, duration_predictor_num_flows=2, depth_separable_num_layers=2, prior_encoder_num_flows=2, prior_encoder_num_wavenet_layers=2, posterior_encoder_num_wavenet_layers=1,
        wavenet_kernel_size=3, wavenet_dilation_rate=2, sampling_rate=8000, noise_scale=0.5, noise_scale_duration=0.7, speaking_rate=1.0)


class Noise:
    """Hands out what was drawn beforehand, and remembers it."""

    def __init__(self):
        self.drawn: list[torch.Tensor] = []

    def __call__(self, *size: int) -> torch.Tensor:
        self.drawn.append(torch.empty(*size).normal_())
        return self.drawn[-1]

    def like(self, other: torch.Tensor) -> torch.Tensor:
        return self(*other.shape)


def golden(model: tf.VitsModel, words: tf.VitsTokenizer) -> dict[str, torch.Tensor]:
    made, noise = {}, Noise()
    keep = lambda name: lambda _, __, out: made.__setitem__(name, out)
    hooks = [model.duration_predictor.register_forward_hook(keep("log_durations")), model.text_encoder.register_forward_hook(keep("read"))]
    ids = words(TEXTS[1], return_tensors="pt").input_ids
    randn, randn_like = torch.randn, torch.randn_like
    torch.randn, torch.randn_like = noise, noise.like
    out = model(ids)
    torch.randn, torch.randn_like = randn, randn_like
    for hook in hooks:
        hook.remove()
    read, logs = made.pop("read"), made.pop("log_durations")
    frames = torch.ceil(torch.exp(logs))[0, 0]
    made |= {"ids": ids[0], "hidden": read.last_hidden_state[0], "means": read.prior_means[0], "log_variances": read.prior_log_variances[0]}
    made |= {"duration_noise": noise.drawn[0][0] * model.noise_scale_duration, "log_durations": logs[0, 0], "frames": frames, "slow": torch.ceil(torch.exp(logs) / 0.7)[0, 0]}
    made |= {"noise": noise.drawn[1][0].T * model.noise_scale, "latents": out.spectrogram[0].T, "waveform": out.waveform[0]}
    model.noise_scale, model.noise_scale_duration = 0.0, 0.0
    made["plain"] = model(words(TEXTS[0], return_tensors="pt").input_ids).waveform[0]
    print("frames", frames.long().tolist(), "samples", out.waveform.shape, "loudest", float(out.waveform.abs().max()))
    return {name: one.detach().contiguous().clone() for name, one in made.items()}


def tokens(letters: tf.VitsTokenizer, sounds: tf.VitsTokenizer) -> dict:
    cases = lambda words, texts: [{"text": one, "ids": words(one).input_ids} for one in texts]
    return {"letters": cases(letters, TEXTS), "vocab": sounds.encoder, "sounds": cases(sounds, PHONEMES)}


def layout(config: tf.VitsConfig) -> dict:
    with torch.device("meta"):
        model = tf.VitsModel(config)
    return {"config": config.to_dict(), "tensors": {name: list(tensor.shape) for name, tensor in model.state_dict().items()}}


@torch.no_grad()
def main():
    FOLDER.mkdir(exist_ok=True)
    letters = tokenizer(FOLDER, LETTERS, phonemize=False, normalize=True, add_blank=True, is_uroman=False)
    with TemporaryDirectory() as folder:
        # The reference asks espeak for phonemes first; these are given.
        sounds = tokenizer(Path(folder), SOUNDS, phonemize=False, normalize=False, add_blank=True, is_uroman=False)
    model = seeded(tf.VitsModel, tiny(), 3)
    for name, weight in model.named_parameters():
        if "decoder" in name or "flow." in name[:5]:
            weight.mul_(0.6)
    model.decoder.conv_post.weight.mul_(0.02)
    model.duration_predictor.flows[0].translate[0] = -3.5
    # Kept in 16 bits, and answered by what is kept.
    model = model.half()
    model.save_pretrained(FOLDER)
    letters.save_pretrained(FOLDER)
    model = model.float()
    for unneeded in ("special_tokens_map.json", "added_tokens.json"):
        (FOLDER / unneeded).unlink(missing_ok=True)
    save_file(golden(model, letters), FOLDER / "golden.safetensors")
    (FOLDER / "tokens.json").write_text(json.dumps(tokens(letters, sounds), ensure_ascii=False) + "\n")
    ljs = tf.VitsConfig(vocab_size=178, sampling_rate=22_050)
    (FOLDER / "layout.json").write_text(json.dumps(layout(ljs)) + "\n")


if __name__ == "__main__":
    main()
