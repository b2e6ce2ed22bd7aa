"""Trains the model that says what a sound is. Its sounds are made first, by `sounds.py`, and their bands are kept in OUT.

    python -m recipes.sound.train --out target/wick-sound
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor

from recipes.shared import training
from recipes.sound import network, sounds, world
from recipes.sound.network import Learner

STEPS, EACH, ROUNDS = 800, 600, 3  # sounds of each kind; sounds of each kind in a batch
SHORTEST_S, LONGEST_S = 0.5, 2.6  # what is longer than the window is cut off
LOUDER_DB, TILT_DB = 8.0, 5.0  # most by which a sound is made louder or softer when it comes again, and its highest bands against the lowest
LOOKED_AT = 20


@dataclass(frozen=True)
class Batch:
    """Sounds (rounds * kinds, 1, frames, bands) and texts (rounds * kinds, n), in each round one of each kind."""

    bands: Tensor
    ids: Tensor

    def __len__(self) -> int:
        return len(self.bands)


def heard(held_out: bool, first: int, each: int, shortest_s: float, longest_s: float) -> Tensor:
    """Bands of `each` sounds of each kind: (kinds, each, frames, bands)."""
    extractor, rows = network.features(), []
    for kind in world.KINDS:
        made = [sounds.clip(first + at, kind.name, held_out, shortest_s, longest_s) for at in range(each)]
        rows.append(network.bands(extractor, made)[:, 0])
        print(f"{kind.name}: {each} sounds", flush=True)
    return torch.stack(rows)


def kept(folder: Path, seed: int) -> Tensor:
    """The sounds of the training, of 16 bits."""
    file = folder / f"bands{seed}.pt"
    if not file.exists():
        torch.save(heard(False, seed * 1_000_000, EACH, SHORTEST_S, LONGEST_S).half(), file)
    return torch.load(file, weights_only=True)


def batches(pieces: Tokenizer, pool: Tensor, seed: int) -> Iterator[Batch]:
    chance, rng = torch.Generator().manual_seed(seed), random.Random(seed)
    kinds, each = pool.shape[:2]
    rows = torch.arange(kinds).repeat(ROUNDS)
    while True:
        chosen = pool[rows, torch.randint(each, (len(rows),), generator=chance)].float()
        louder, tilt = (most * (2 * torch.rand(len(rows), 1, 1, generator=chance) - 1) for most in (LOUDER_DB, TILT_DB))
        chosen += louder + tilt * torch.linspace(-0.5, 0.5, chosen.shape[-1])
        yield Batch(chosen[:, None], network.padded(pieces, [world.text(rng, world.KINDS[row]) for row in rows.tolist()]))


def loss_of(model: Learner, batch: Batch) -> Tensor:
    """Each sound has to choose its text among one of each kind, and each text its sound; those of every two rounds meet."""
    heard, read = (points.view(ROUNDS, len(world.KINDS), -1) for points in (model.sounds(batch.bands), model.texts(batch.ids)))
    scores = model.scale() * torch.einsum("akd,bld->abkl", heard, read).flatten(0, 1)  # (rounds * rounds, kinds, kinds)
    right = torch.arange(scores.shape[-1]).expand(len(scores), -1)
    return F.cross_entropy(scores.transpose(1, 2), right) + F.cross_entropy(scores, right)


@torch.no_grad()
def accuracy(model: Learner, pieces: Tokenizer, items: Tensor, labels: list[str]) -> float:
    """The share of sounds (kinds, each, frames, bands) whose label is the likeliest."""
    read = model.texts(network.padded(pieces, [world.TEMPLATE.replace("{}", label) for label in labels]))
    told = torch.stack([(model.sounds(one[:, None]) @ read.T).argmax(dim=-1) for one in items])
    return (told == torch.arange(len(items))[:, None]).float().mean().item()


def main() -> None:
    args = training.read_arguments(__doc__, STEPS)
    model, pieces = Learner(), network.tokenizer(args.out)
    pool, items = kept(args.out, args.seed), heard(True, 500_000_000, LOOKED_AT, SHORTEST_S, LONGEST_S)
    model.measure(pool.flatten(0, 1))
    unread = [kind.unread for kind in world.KINDS]
    look = lambda average: {"accuracy": accuracy(average, pieces, items, world.LABELS), "unread": accuracy(average, pieces, items, unread)}
    training.train(model, batches(pieces, pool, args.seed), loss_of, look, args)


if __name__ == "__main__":
    main()
