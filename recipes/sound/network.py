"""Network, tokenizer and hearing of the model that says what a sound is: the shape of laion/clap-htsat-unfused, small."""

from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from torch import Tensor, nn
from transformers import ClapConfig, ClapFeatureExtractor, ClapModel

from recipes.sound import world
from recipes.sound.sounds import RATE

WINDOW_S, BANDS, HOP, FRAME = 2, 32, 64, 256
SIDE = 96  # of the square that is looked at: three rows of all bands, 288 frames for the 251 that there are
WIDTH, TEXT_WIDTH, PROJECTION = 32, 96, 64
VOCABULARY, WINDOW, PADDING = 560, 62, 1
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def config() -> ClapConfig:
    audio = dict(window_size=6, num_mel_bins=BANDS, spec_size=SIDE, patch_size=4, patch_stride=[4, 4], hidden_size=4 * WIDTH, depths=[1, 2, 2], num_attention_heads=[2, 4, 4], patch_embeds_hidden_size=WIDTH,
                 projection_dim=PROJECTION, enable_fusion=False, hidden_dropout_prob=0.0)
    text = dict(vocab_size=VOCABULARY, hidden_size=TEXT_WIDTH, num_hidden_layers=2, num_attention_heads=3, intermediate_size=4 * TEXT_WIDTH, max_position_embeddings=WINDOW + PADDING + 1, projection_dim=PROJECTION,
                hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    return ClapConfig(text_config=text, audio_config=audio, projection_dim=PROJECTION)


def features() -> ClapFeatureExtractor:
    return ClapFeatureExtractor(feature_size=BANDS, sampling_rate=RATE, hop_length=HOP, max_length_s=WINDOW_S, fft_window_size=FRAME, frequency_min=50, frequency_max=RATE // 2, truncation="rand_trunc", padding="repeatpad")


def bands(extractor: ClapFeatureExtractor, sounds: list[np.ndarray]) -> Tensor:
    """Decibels of the bands of the first seconds of sounds: (b, 1, frames, bands)."""
    return torch.cat([extractor(one[: WINDOW_S * RATE], sampling_rate=RATE, return_tensors="pt").input_features for one in sounds])


def tokenizer(folder: Path) -> Tokenizer:
    """Byte-level BPE as RoBERTa has it, trained once and kept in `folder`."""
    file = folder / "tokenizer.json"
    if not file.exists():
        made = Tokenizer(models.BPE())
        made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
        trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=SPECIAL, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False)
        made.train_from_iterator(world.texts(), trainer)
        made.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
        assert made.get_vocab_size() == VOCABULARY, made.get_vocab_size()
        made.save(str(file))
    return Tokenizer.from_file(str(file))


def padded(pieces: Tokenizer, texts: list[str]) -> Tensor:
    rows = [pieces.encode(text).ids for text in texts]
    longest = max(map(len, rows))
    return torch.tensor([row + [PADDING] * (longest - len(row)) for row in rows])


class Learner(nn.Module):
    """CLAP; the means of its bands are measured once, before it learns."""

    def __init__(self) -> None:
        super().__init__()
        self.clap = ClapModel(config())
        self.clap.audio_model.audio_encoder.batch_norm.eval()
        self._begin()

    @torch.no_grad()
    def _begin(self) -> None:
        for name, parameter in self.clap.named_parameters():
            if "relative_position_bias_table" in name:
                parameter.by_adam = True
            elif parameter.ndim == 2 and "embed" not in name:
                nn.init.orthogonal_(parameter, 0.5 if "output.dense" in name else 1.0)

    def measure(self, heard: Tensor) -> None:
        """Of sounds (b, frames, bands)."""
        norm = self.clap.audio_model.audio_encoder.batch_norm
        norm.running_mean.copy_(heard.float().mean(dim=(0, 1)))
        norm.running_var.copy_(heard.float().var(dim=(0, 1)))

    def sounds(self, heard: Tensor) -> Tensor:
        """Points of sounds (b, 1, frames, bands), of length one: (b, projection)."""
        return nn.functional.normalize(self.clap.audio_projection(self.clap.audio_model(heard).pooler_output).float(), dim=-1)

    def texts(self, ids: Tensor) -> Tensor:
        """Points of texts, of length one: (t, projection)."""
        read = self.clap.text_model(input_ids=ids, attention_mask=(ids != PADDING).long())
        return nn.functional.normalize(self.clap.text_projection(read.pooler_output).float(), dim=-1)

    def scale(self) -> Tensor:
        return self.clap.logit_scale_a.clamp(max=4.6052).exp()  # as the real one was trained: at most 100
