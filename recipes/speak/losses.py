"""How far a sound is from what it should be."""

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers.audio_utils import mel_filter_bank

from recipes.speak.network import BINS, FRAME
from recipes.speak.speech import HOP, RATE

WINDOWS = [(256, 64), (512, 128), (2048, 384)]  # samples of a window, and from one to the next
SOFTEST = 1e-2  # magnitudes below count as this
BANDS = 80
FILTERS = torch.from_numpy(mel_filter_bank(BINS, BANDS, 0.0, RATE / 2, RATE, norm="slaney", mel_scale="slaney")).float()  # (BINS, BANDS)


def magnitudes(sound: Tensor, window: int, hop: int, centre: bool = True) -> Tensor:
    """(b, n) to (b, window / 2 + 1, frames)."""
    spectrum = torch.stft(sound, window, hop, window=torch.hann_window(window), center=centre, pad_mode="constant", return_complex=True)
    return (spectrum.real.square() + spectrum.imag.square() + 1e-9).sqrt()


def logs(values: Tensor) -> Tensor:
    return values.clamp(min=SOFTEST).log()


def log_mel(sound: Tensor) -> Tensor:
    """(b, n) to (b, BANDS, frames)."""
    return (FILTERS.T @ magnitudes(sound, FRAME, HOP) * 30).clamp(min=SOFTEST).log()


def spectral(said: Tensor, wanted: Tensor) -> Tensor:
    """Of (b, n) both: the mean difference of logarithms of bands, and that of magnitudes at several resolutions."""
    loss = 2 * F.l1_loss(log_mel(said), log_mel(wanted))
    for window, hop in WINDOWS:
        one, other = magnitudes(said, window, hop), magnitudes(wanted, window, hop)
        apart = (one - other).norm(dim=(1, 2)) / other.norm(dim=(1, 2)).clamp(min=1.0)
        loss = loss + (F.l1_loss(logs(one), logs(other)) + apart.mean()) / len(WINDOWS)
    return loss


def divergence(latents: Tensor, log_deviations: Tensor, prior_means: Tensor, prior_logs: Tensor, mask: Tensor) -> Tensor:
    """KL of the posterior, sampled, from the prior, for each frame; all (b, width, n) but `mask` (b, 1, n)."""
    each = prior_logs - log_deviations - 0.5 + 0.5 * (latents - prior_means).square() * (-2 * prior_logs).exp()
    return (each * mask).sum() / mask.sum()
