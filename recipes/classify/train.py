"""Trains the model that chooses labels on the endless stream of pictures and claims.

    python -m recipes.classify.train --out target/wick-classify
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor

from recipes.classify import network, world
from recipes.classify.network import Learner
from recipes.shapes.figures import COLOURS, KINDS
from recipes.shapes.world import Thing
from recipes.shared import training

STEPS, PICTURES, LIES = 4000, 96, 2
FRESH, POOL = 32, 4000  # pictures drawn anew for each batch, and how many are kept to be seen again, then perhaps mirrored
SHOWN = 0.3  # the part of a patch that a thing must cover to be what the patch shows
PATCHES, NOTHING = 1.0, 0.1  # how much it weighs to know what patches show, and how much of that a patch weighs that shows nothing


@dataclass(frozen=True)
class Picture:
    """A scene; kind and colour of what its patches show, from 1 on, 0 where that is nothing: (patches)."""

    pixels: np.ndarray
    things: list[Thing]
    kinds: np.ndarray
    colours: np.ndarray

    def mirrored(self) -> "Picture":
        across = world.SIDE // network.PATCH
        kinds, colours = (marks.reshape(across, across)[:, ::-1].ravel() for marks in (self.kinds, self.colours))
        return Picture(self.pixels[:, ::-1], self.things, kinds, colours)


@dataclass(frozen=True)
class Batch:
    """Pictures (b, 3, side, side); texts (t, n) and of which pictures they are true (b, t); what patches show (b, patches)."""

    pixels: Tensor
    ids: Tensor
    truth: Tensor
    kinds: Tensor
    colours: Tensor

    def __len__(self) -> int:
        return len(self.pixels)


def picture(seed: int) -> Picture:
    """What covers most of a patch is what it shows."""
    scene, across = world.scene(seed), world.SIDE // network.PATCH
    cut = scene.owner.reshape(across, network.PATCH, across, network.PATCH).transpose(0, 2, 1, 3).reshape(across * across, -1)
    covered = np.stack([(cut == at).mean(axis=1) for at in range(len(scene.things))], axis=1)
    most, known = covered.argmax(axis=1), covered.max(axis=1) >= SHOWN
    kinds = np.array([1 + KINDS.index(thing.kind) for thing in scene.things])
    colours = np.array([1 + list(COLOURS).index(thing.colour) for thing in scene.things])
    return Picture(scene.pixels, scene.things, np.where(known, kinds[most], 0), np.where(known, colours[most], 0))


def pictures(rng: np.random.Generator, seed: int) -> Iterator[list[Picture]]:
    """Some new ones, and some that were seen before."""
    pool, at = [], (seed - 1) * 10_000_000
    while True:
        count = FRESH if len(pool) >= PICTURES else PICTURES
        fresh = [picture(at + one) for one in range(count)]
        old = [pool[one] for one in rng.choice(len(pool), PICTURES - count, replace=False)]
        yield fresh + [one.mirrored() if rng.random() < 0.5 else one for one in old]
        pool = (pool + fresh)[-POOL:]
        at += count


def batches(pieces: Tokenizer, seed: int) -> Iterator[Batch]:
    rng = np.random.default_rng(seed)
    for seen in pictures(rng, seed):
        shown = [world.counts(one.things) for one in seen]
        claims = []
        for one, count in zip(seen, shown):
            claim = world.true(rng, one.things)
            claims += [claim, *(world.false(rng, claim, count) for _ in range(LIES))]
        claims = list(dict.fromkeys(claims))
        texts = [world.OPENINGS[rng.integers(len(world.OPENINGS))] + claim.text() for claim in claims]
        kinds, colours = (torch.from_numpy(np.stack(marks)) for marks in ([one.kinds for one in seen], [one.colours for one in seen]))
        yield Batch(network.pixels([one.pixels for one in seen]), network.padded([pieces.encode(text).ids for text in texts]), truth(claims, shown), kinds, colours)


def truth(claims: list[world.Claim], shown: list[Counter]) -> Tensor:
    counts = np.zeros((len(shown), len(world.NAMES)), dtype=np.int8)
    for row, count in enumerate(shown):
        for name, number in count.items():
            counts[row, world.PLACE[name]] = number
    columns = [np.all([counts[:, world.PLACE[name]] == number for name, number in claim.parts], axis=0) for claim in claims]
    return torch.from_numpy(np.stack(columns, axis=1))


def above(scores: Tensor, truth: Tensor) -> Tensor:
    """How far what is true stays from standing above all that is false, row by row."""
    false = scores.masked_fill(truth, float("-inf")).logsumexp(dim=1, keepdim=True)
    return F.softplus(false - scores)[truth].mean()


def known_of(said: Tensor, shown: Tensor) -> Tensor:
    weights = torch.ones(said.shape[-1])
    weights[0] = NOTHING
    return F.cross_entropy(said.flatten(0, 1).float(), shown.flatten(), weights)


def loss_of(model: Learner, batch: Batch) -> Tensor:
    points, known = model.pictures(batch.pixels)
    scores = model.scale() * (points @ model.texts(batch.ids).T)
    patches = known_of(model.kind_head(known), batch.kinds) + known_of(model.colour_head(known), batch.colours)
    return above(scores, batch.truth) + above(scores.T, batch.truth.T) + PATCHES * patches


def main() -> None:
    args = training.read_arguments(__doc__, STEPS)
    model, pieces = Learner(), network.tokenizer(args.out)
    items = world.held_out(200, 8)
    training.train(model, batches(pieces, args.seed), loss_of, lambda average: {"accuracy": network.accuracy(average, pieces, items)}, args)


if __name__ == "__main__":
    main()
