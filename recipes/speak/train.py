"""Trains the speaker. What it learns from is said first, by `speech.py`, and kept in OUT.

    python -m recipes.speak.train --out target/wick-speak --bf16
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from recipes.shared import muon, seq2seq, training
from recipes.speak import losses, network, scores, speech
from recipes.speak.losses import magnitudes
from recipes.speak.network import FRAME, Learner
from recipes.speak.speech import HOP, Reading

STEPS, READINGS, LOOKED_AT = 3600, 4000, 16
BATCH, SEGMENT, ASIDE = 12, 32, 16  # sentences; frames that are said of each, and frames around them that are only seen
TEXT_FROM, TEXT_ONLY, TEXT_MOST = 0.06, 0.5, 0.9  # of the training: when latents begin to come from the text, and when most do; which share that is
KL_WHOLE = 0.2  # of the training: from here on the divergence counts in full
EXACT_FROM = 0.95  # of the training: from here on the decoder does not round to bf16
KL, LENGTHS, DURATIONS = 0.02, 0.5, 0.1  # weights, next to the spectra's of 1
NOISE, DURATIONS_EVERY = 0.3, 2  # of the latents from the text, at most; steps
RATE = 1e-3  # convolutions and norms after sums take no more


@dataclass(frozen=True)
class Batch:
    """Ids, durations and where there are some (b, m); of a window of each sentence: which token each frame belongs to and whether it is in the sentence (b, n), its spectrum (b, bins, n), and the sound of its middle."""

    tokens: Tensor
    durations: Tensor
    mask: Tensor
    owners: Tensor
    inside: Tensor
    spectrum: Tensor
    sound: Tensor
    done: float  # 0 to 1
    step: int

    def __len__(self) -> int:
        return len(self.tokens)


def around(samples: np.ndarray, first: int, count: int) -> np.ndarray:
    """`count` samples from `first` on, as numbers within 1; silence outside."""
    cut = np.zeros(count, np.float32)
    begin, end = max(0, first), min(len(samples), first + count)
    cut[begin - first : end - first] = samples[begin:end] / np.float32(32768)
    return cut


def collate(readings: list[Reading], rng: random.Random, done: float, step: int) -> Batch:
    frames = SEGMENT + 2 * ASIDE
    owners, inside, wide, sound = [], [], [], []
    for one in readings:
        count = sum(one.durations)
        first = rng.randint(0, max(0, count - SEGMENT)) - ASIDE
        places = np.arange(first, first + frames)
        owners.append(np.repeat(np.arange(len(one.durations)), one.durations)[places.clip(0, count - 1)])
        inside.append((places >= 0) & (places < count))
        wide.append(around(one.samples, first * HOP - (FRAME - HOP) // 2, frames * HOP + FRAME - HOP))
        sound.append(around(one.samples, (first + ASIDE) * HOP, SEGMENT * HOP))
    spectrum = losses.logs(magnitudes(torch.from_numpy(np.stack(wide)), FRAME, HOP, centre=False))
    tokens = [network.ids(one.phonemes) for one in readings]
    durations = seq2seq.padded([one.durations for one in readings], 0)
    return Batch(seq2seq.padded(tokens, 0), durations, durations > 0, torch.from_numpy(np.stack(owners)), torch.from_numpy(np.stack(inside)),
                 spectrum, torch.from_numpy(np.stack(sound)), done, step)


def batches(readings: list[Reading], seed: int, steps: int, first: float) -> Iterator[Batch]:
    """Sentences of similar length together."""
    rng, step = random.Random(seed), 0
    while True:
        some = sorted(rng.sample(readings, 40 * BATCH), key=lambda one: len(one.phonemes))
        groups = [some[at : at + BATCH] for at in range(0, len(some), BATCH)]
        rng.shuffle(groups)
        for group in groups:
            yield collate(group, rng, first + (1 - first) * step / steps, step)
            step += 1


def ramp(done: float, first: float, last: float) -> float:
    return min(1.0, max(0.0, (done - first) / (last - first)))


def loss_of(model: Learner, batch: Batch) -> Tensor:
    vits, inside = model.vits, batch.inside[:, None].float()
    states, means, logs = model.encode(batch.tokens, batch.mask)
    means, logs = (values.float().gather(1, batch.owners[:, :, None].expand(-1, -1, network.WIDTH)).transpose(1, 2) * inside for values in (means, logs))
    _, middle, spread = (values.float() for values in vits.posterior_encoder(batch.spectrum, inside))
    heard = (middle + torch.randn_like(middle) * spread.exp()) * inside
    plain = vits.flow(heard, inside).float()
    read = vits.flow((means + torch.randn_like(means) * logs.exp() * NOISE * torch.rand(len(batch), 1, 1)) * inside, inside, reverse=True).float()
    from_text = torch.rand(len(batch), 1, 1) < TEXT_MOST * ramp(batch.done, TEXT_FROM, TEXT_ONLY)
    latents = torch.where(from_text, read, heard)[:, :, ASIDE:-ASIDE]
    with torch.autocast("cpu", torch.bfloat16, enabled=torch.is_autocast_enabled("cpu") and batch.done < EXACT_FROM):
        said = vits.decoder(latents)[:, 0]
    with torch.autocast("cpu", enabled=False):
        wrong = losses.spectral(said.float(), batch.sound)
        kl = losses.divergence(plain, spread, means, logs, inside)
        told = model.lengths(states.float())[:, :, 0]
        lengths = F.mse_loss(told[batch.mask], batch.durations[batch.mask].float().log())
        loss = wrong + KL * max(0.02, ramp(batch.done, 0, KL_WHOLE)) * kl + LENGTHS * lengths
        if batch.step % DURATIONS_EVERY == 0:
            loss = loss + DURATIONS * model.duration_loss(states.float(), batch.mask, batch.durations)
    if batch.step % 100 == 0:
        print(f"    spectral {wrong.item():.3f} divergence {kl.item():.2f} lengths {lengths.item():.3f}", flush=True)
    return loss


def main() -> None:
    args = training.read_arguments(__doc__, STEPS)
    model = Learner()
    if not (args.out / "readings").exists():
        speech.save(args.out / "readings", speech.readings(args.seed, READINGS))
    held_out = list(itertools.islice(speech.heard(77), LOOKED_AT))
    listener = scores.Listener()
    stream = batches(speech.load(args.out / "readings"), args.seed, args.steps, muon.GO_ON_FROM if args.earlier else 0.0)
    training.train(model, stream, loss_of, lambda average: scores.figures(average.vits, held_out, listener), args, RATE)


if __name__ == "__main__":
    main()
