"""Trains the model that finds things by words on the endless stream of `recipes/shapes/world.py`.

    python -m recipes.find.train --out target/wick-find --bf16
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from recipes.detect.losses import corners
from recipes.detect.scores import Found
from recipes.find import losses, network, scores, world
from recipes.find.losses import Truth
from recipes.find.network import CELLS, PATCH, Learner
from recipes.shapes.figures import COLOURS
from recipes.shapes.world import Thing
from recipes.shared import training

STEPS, SIZE, KEPT, FRESH, THRESHOLD = 4000, 48, 5000, 12, 0.1
SHOWN = 0.3  # the part of a patch that a thing must cover to be what the patch shows
PATCHES = 0.5  # how much it weighs to know what patches show
LOOKED_AT = 150  # held-out questions of a look


@dataclass(frozen=True)
class Batch:
    """Pictures (b, 3, side, side) with their truth; a phrase for each of the names (names, n); kinds and colours of what patches show, 0 for nothing (b, patches)."""

    pixels: Tensor
    truth: Truth
    ids: Tensor
    kinds: Tensor
    colours: Tensor

    def __len__(self) -> int:
        return len(self.pixels)


class Store:
    """Pictures that are kept to be seen again."""

    def __init__(self) -> None:
        side, most = world.SIDE, world.MOST_THINGS
        self.pixels, self.shown = np.empty((KEPT, side, side, 3), np.uint8), np.empty((KEPT, CELLS, CELLS), np.int64)
        self.boxes, self.marks = np.empty((KEPT, most, 4), np.float32), np.empty((KEPT, most, 2), np.int64)
        self.filled = 0

    def put(self, at: int, seed: int) -> None:
        made = world.scene(seed)
        cut = made.owner.reshape(CELLS, PATCH, CELLS, PATCH).transpose(0, 2, 1, 3).reshape(CELLS, CELLS, -1)
        covered = np.stack([(cut == one).mean(axis=-1) for one in range(len(made.things))], axis=-1)
        self.pixels[at], self.shown[at] = made.pixels, np.where(covered.max(-1) >= SHOWN, covered.argmax(-1), -1)
        self.boxes[at], self.marks[at] = 0, -1
        for one, thing in enumerate(made.things):
            box = np.array(thing.box) / world.SIDE
            self.boxes[at, one] = *(box[:2] + box[2:]) / 2, *(box[2:] - box[:2])
            self.marks[at, one] = world.KINDS.index(thing.kind), list(COLOURS).index(thing.colour)
        self.filled = max(self.filled, at + 1)


def _names(marks: np.ndarray) -> Tensor:
    """Kinds and colours (b, t, 2) to what of `world.NAMES` is true: (b, t, names)."""
    kinds, colours = marks[..., 0], marks[..., 1]
    first = len(world.KINDS)
    true = np.zeros((*kinds.shape, len(world.NAMES)), np.float32)
    for places in (kinds, first + colours, first + len(COLOURS) + colours * first + kinds):
        np.put_along_axis(true, np.maximum(places, 0)[..., None], 1, axis=-1)
    return torch.from_numpy(true * (kinds >= 0)[..., None])


def batches(pieces: Tokenizer, seed: int) -> Iterator[Batch]:
    """Pictures out of a store in which `FRESH` are drawn anew for each batch, so that each is seen a few times; mirrored, and in other light, at random."""
    rng, drawn, store = np.random.default_rng(seed), seed * 10_000_000, Store()
    ways = [[pieces.encode(text).ids for text in world.phrases(name)] for name in world.NAMES]
    while True:
        for _ in range(FRESH if store.filled >= SIZE * 4 else SIZE * 4):
            store.put(store.filled if store.filled < KEPT else rng.integers(KEPT), drawn)
            drawn += 1
        picked = rng.choice(store.filled, SIZE, replace=False)
        picture, shown, boxes, marks = store.pixels[picked], store.shown[picked], store.boxes[picked], store.marks[picked]
        mirrored = rng.random(SIZE) < 0.5
        picture[mirrored], shown[mirrored], boxes[mirrored, :, 0] = picture[mirrored, :, ::-1], shown[mirrored, :, ::-1], 1 - boxes[mirrored, :, 0]
        lit = np.clip(picture * rng.uniform(0.92, 1.05, (SIZE, 1, 1, 1)).astype(np.float32), 0, 255)
        real, shown = marks[..., 0] >= 0, shown.reshape(SIZE, -1)
        of_patches = np.where(shown[..., None] >= 0, 1 + np.take_along_axis(marks, np.maximum(shown, 0)[..., None], axis=1), 0)
        truth = Truth(_names(marks), torch.from_numpy(boxes * real[..., None]), torch.from_numpy(real), torch.from_numpy(shown))
        said = network.padded([way[rng.integers(len(way))] for way in ways])
        kinds, colours = (torch.from_numpy(np.ascontiguousarray(of_patches[..., at])) for at in (0, 1))
        yield Batch(network.pixels(lit), truth, said, kinds, colours)


def loss_of(model: Learner, batch: Batch) -> Tensor:
    logits, boxes, known = model(batch.pixels, model.texts(batch.ids))
    patches = losses.of_patches(model.kind_head(known), batch.kinds) + losses.of_patches(model.colour_head(known), batch.colours)
    return losses.of_answers(logits, boxes, batch.truth) + PATCHES * patches


def found(asked: list[str], logits: Tensor, boxes: Tensor) -> list[Found]:
    """What every patch of a picture finds, as the reference reads it: (patches, asked), (patches, 4)."""
    best, names = logits.sigmoid().max(-1)
    return [(asked[name], score, tuple(box)) for name, score, box in zip(names.tolist(), best.tolist(), (corners(boxes) * world.SIDE).tolist())]


@torch.no_grad()
def look(model: Learner, pieces: Tokenizer, items: list[tuple[world.Scene, list[str]]]) -> dict[str, float]:
    points = model.texts(network.padded([pieces.encode(world.phrases(name)[0]).ids for name in world.NAMES]))
    answers, truth = [], []
    for made, asked in items:
        logits, boxes, _ = model(network.pixels([made.pixels]), points[[world.PLACE[name] for name in asked]])
        answers.append(found(asked, logits[0], boxes[0]))
        truth.append(scores.wanted(made.things, asked))
    at = {f"f1 at {threshold}": scores.f1(answers, truth, threshold) for threshold in (0.03, 0.06, 0.2, 0.3)}
    return {**scores.figures(answers, truth, THRESHOLD), **at}


def main() -> None:
    args = training.read_arguments(__doc__, STEPS)
    model, pieces = Learner(), network.tokenizer(args.out)
    items = world.held_out(LOOKED_AT, 1_000_000)
    training.train(model, batches(pieces, args.seed), loss_of, lambda average: look(average, pieces, items), args)


if __name__ == "__main__":
    main()
