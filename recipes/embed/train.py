"""Trains the sentence model on the endless stream of `world.py`.

    python -m recipes.embed.train --out target/wick-embed
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor
from transformers import BertModel

from recipes.embed import network, world
from recipes.shared import seq2seq, training

STEPS, MEANINGS, SHARPNESS, CHOICE = 1800, 80, 20.0, 0.1


@dataclass(frozen=True)
class Batch:
    """Two texts of each meaning, first all the first ones: (2 k, n); and how alike any two of the texts are: (2 k, 2 k)."""

    ids: Tensor
    alike: Tensor

    def __len__(self) -> int:
        return len(self.ids)


def batches(pieces: Tokenizer, seed: int) -> Iterator[Batch]:
    rng = random.Random(seed)
    while True:
        meanings = world.batch(rng, MEANINGS)
        texts = [text for pair in zip(*(world.two_ways(rng, what) for what in meanings)) for text in pair]
        alike = torch.tensor([[world.alike(one, other) for other in meanings] for one in meanings])
        yield Batch(seq2seq.padded([pieces.encode(text).ids for text in texts], network.PAD), alike.repeat(2, 2))


def loss_of(model: BertModel, batch: Batch) -> Tensor:
    """Cosines as the world wants them, the same, the related and the unrelated weighing alike; and each text finds its other one."""
    vectors = network.embed(model, batch.ids)
    cosines, half = vectors @ vectors.T, len(vectors) // 2
    off = ~torch.eye(len(vectors), dtype=torch.bool)
    missed = (cosines - batch.alike) ** 2
    kinds = [(batch.alike == 1) & off, (batch.alike < 1) & (batch.alike > 0), batch.alike == 0]
    choice = F.cross_entropy(SHARPNESS * cosines[:half, half:], torch.arange(half))
    return sum(missed[kind].mean() for kind in kinds) + CHOICE * choice


def main() -> None:
    args = training.read_arguments(__doc__, STEPS)
    model, pieces = network.model(), network.tokenizer(args.out)
    search, pairs = world.held_out_search(2, 100), world.held_out_pairs(2, 200)
    training.train(model, batches(pieces, args.seed), loss_of, lambda average: network.figures(average, pieces, search, pairs), args)


if __name__ == "__main__":
    main()
