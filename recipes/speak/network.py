"""Network and tokenizer of the model that speaks: VITS, small, with a frame of 12 ms."""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import VitsConfig, VitsModel, VitsTokenizer
from transformers.models.vits.modeling_vits import VitsConvFlow

from recipes.speak.speech import HOP, MARKS, RATE

BLANK, UNKNOWN = "_", "<unk>"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
IPA = "ɐɑæəɚɛɜɪɔʊʌᵊᵻɡɹɾʃʒʔθðŋɫɬʲˈˌː̩"  # with its marks of stress, length and syllables
SYMBOLS = [BLANK, *MARKS, " ", *LETTERS, *IPA]
UNHEARD = {**dict.fromkeys('"«»“”¡¿', " "), "—": ",", "…": ".", "c": "k", "g": "ɡ", "q": "k", "r": "ɹ", "x": "k", "y": "i", "ᵊ": "ə", "ɫ": "l", "ɬ": "l", "ʲ": "j"}  # not in the sentences; said like these
IDS = {symbol: id for id, symbol in enumerate(SYMBOLS)}
WIDTH, BINS, FRAME = 96, 513, 1024
SHAPE = dict(
    hidden_size=WIDTH, flow_size=WIDTH, num_hidden_layers=4, num_attention_heads=2, ffn_dim=192, prior_encoder_num_flows=4, prior_encoder_num_wavenet_layers=2, posterior_encoder_num_wavenet_layers=4,
    wavenet_kernel_size=3, wavenet_dilation_rate=2, duration_predictor_num_flows=2, upsample_initial_channel=128, upsample_rates=[8, 6, 4], upsample_kernel_sizes=[16, 12, 8],
    resblock_kernel_sizes=[3, 7], resblock_dilation_sizes=[[1, 3], [1, 3]])


def ids(phonemes: str) -> list[int]:
    """As `VitsTokenizer`: a blank before each letter and one at the end."""
    return [id for letter in phonemes for id in (0, IDS[letter])] + [0]


def tokenizer(folder: Path) -> VitsTokenizer:
    file = folder / "vocab.json"
    file.write_text(json.dumps(IDS, ensure_ascii=False))
    return VitsTokenizer(file, pad_token=BLANK, unk_token=UNKNOWN, language="en-us", add_blank=True, normalize=True, phonemize=True)


class Learner(nn.Module):
    """VITS, and a head that is only for learning: how long each token is, so that the encoder comes to know."""

    def __init__(self) -> None:
        super().__init__()
        self.vits = VitsModel(VitsConfig(
            **SHAPE, vocab_size=len(SYMBOLS), spectrogram_bins=BINS, sampling_rate=RATE, pad_token_id=0, layerdrop=0.0, hidden_dropout=0.0, attention_dropout=0.0, activation_dropout=0.0, duration_predictor_dropout=0.1,
            noise_scale=0.2, noise_scale_duration=0.2))
        self.lengths = nn.Linear(WIDTH, 1)
        self.lengths.weight.by_adam = True
        for parameter in self.vits.duration_predictor.parameters():
            parameter.by_adam = True
        self._begin()

    @torch.no_grad()
    def _begin(self) -> None:
        vits = self.vits
        nn.init.normal_(vits.text_encoder.embed_tokens.weight, std=WIDTH**-0.5)
        for layer in vits.text_encoder.encoder.layers:
            for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
                nn.init.orthogonal_(getattr(layer.attention, name).weight, 0.5 if name == "out_proj" else 1.0)
        for conv in (vits.text_encoder.project, vits.posterior_encoder.conv_proj):
            conv.weight.mul_(0.2)
        vits.posterior_encoder.conv_proj.bias[WIDTH:] = -1.0  # little noise at first
        for layer in vits.flow.flows:
            nn.init.zeros_(layer.conv_post.weight)
            nn.init.zeros_(layer.conv_post.bias)
        for module in vits.duration_predictor.modules():
            if isinstance(module, VitsConvFlow):
                nn.init.zeros_(module.conv_proj.weight)
                nn.init.zeros_(module.conv_proj.bias)
        for block in vits.decoder.resblocks:
            for conv in block.convs2:
                conv.weight.mul_(0.3)
        vits.decoder.conv_post.weight.mul_(0.1)

    def encode(self, tokens: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Ids (b, m) and where there are some (b, m) to states, means and logs of deviations: (b, m, width) each."""
        out = self.vits.text_encoder(tokens, mask[:, :, None].float(), mask.long())
        return out.last_hidden_state, out.prior_means, out.prior_log_variances

    def duration_loss(self, states: Tensor, mask: Tensor, durations: Tensor) -> Tensor:
        """Of the stochastic predictor, for each token.

        VITS's own: `forward` of transformers turns the halves once more than its `reverse`, which drops the first flow, undoes.
        """
        predictor, inside = self.vits.duration_predictor, mask[:, None].float()
        wanted = durations[:, None].float() * inside  # (b, 1, m)
        seen = predictor.conv_proj(predictor.conv_dds(predictor.conv_pre(states.detach().transpose(1, 2)), inside)) * inside
        told = predictor.post_conv_proj(predictor.post_conv_dds(predictor.post_conv_pre(wanted), inside)) * inside
        noise = torch.randn(len(mask), 2, mask.shape[1]) * inside
        latents, volume = through(predictor.post_flows, noise, inside, seen + told)
        part, other = latents.split(1, 1)
        volume = volume + ((F.logsigmoid(part) + F.logsigmoid(-part)) * inside).sum((1, 2))
        likely = -0.5 * ((math.log(2 * math.pi) + noise.square()) * inside).sum((1, 2)) - volume
        logs = (wanted - part.sigmoid()).clamp(min=1e-5).log() * inside
        latents, volume = through(predictor.flows, torch.cat([logs, other], 1), inside, seen)
        unlikely = 0.5 * ((math.log(2 * math.pi) + latents.square()) * inside).sum((1, 2)) - volume + logs.sum((1, 2))
        return (unlikely + likely).sum() / inside.sum()


def through(flows: nn.ModuleList, latents: Tensor, inside: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
    """Latents (b, 2, m) after an affine flow and convolutional ones, between which halves turn, and the logs of determinants (b)."""
    affine, *others = flows
    latents, volume = affine(latents, inside)
    for flow in others:
        latents, more = flow(latents, inside, global_conditioning=seen)
        latents, volume = latents.flip(1), volume + more
    return latents, volume


assert HOP == torch.tensor(SHAPE["upsample_rates"]).prod().item()
