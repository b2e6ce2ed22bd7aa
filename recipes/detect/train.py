"""Trains the detector on the endless stream of `recipes/shapes/world.py`.

    python -m recipes.detect.train --out target/wick-detect
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from recipes.detect import losses, scores
from recipes.detect.network import GROUPS, SIDE, Trained, prepared
from recipes.shapes import world
from recipes.shapes.figures import KINDS
from recipes.shared import training

STEPS, SIZE, KEPT, FRESH, MOST, THRESHOLD = 3600, 32, 4096, 8, 6, 0.9
LOOKED_AT, SETTLED_ON = 200, 30  # held-out pictures of a look; batches by which the batch norms of averaged weights are set


@dataclass(frozen=True)
class Batch:
    """pixels: (b, 3, side, side); kinds: (b, t); boxes: (b, t, 4), centre and size in parts of the side; real: (b, t), false where `t` is padding."""

    pixels: Tensor
    kinds: Tensor
    boxes: Tensor
    real: Tensor

    def __len__(self) -> int:
        return len(self.pixels)


def _truth(things: list[world.Thing]) -> tuple[np.ndarray, np.ndarray]:
    kinds, boxes = np.full(MOST, -1), np.zeros((MOST, 4), dtype=np.float32)
    for at, thing in enumerate(things):
        kinds[at], box = KINDS.index(thing.kind), np.array(thing.box) / SIDE
        boxes[at] = *(box[:2] + box[2:]) / 2, *(box[2:] - box[:2])
    return kinds, boxes


def batches(seed: int) -> Iterator[Batch]:
    """Pictures out of a store in which `FRESH` are drawn anew for each batch, so that each is seen a few times; mirrored, and in other light, at random."""
    rng, drawn = np.random.default_rng(seed), seed * 10_000_000
    pixels, kinds, boxes = np.empty((KEPT, SIDE, SIDE, 3), np.uint8), np.empty((KEPT, MOST), np.int64), np.empty((KEPT, MOST, 4), np.float32)
    filled = 0
    while True:
        for _ in range(FRESH if filled >= SIZE * 4 else SIZE * 4):
            at = filled if filled < KEPT else rng.integers(KEPT)
            made = world.scene(drawn, SIDE, most=MOST)
            pixels[at], (kinds[at], boxes[at]) = made.pixels, _truth(made.things)
            drawn, filled = drawn + 1, min(filled + 1, KEPT)
        picked = rng.choice(filled, SIZE, replace=False)
        picture, box = pixels[picked], boxes[picked].copy()
        mirrored = rng.random(SIZE) < 0.5
        picture[mirrored], box[mirrored, :, 0] = picture[mirrored, :, ::-1], 1 - box[mirrored, :, 0]
        light = rng.uniform(0.85, 1.1, (SIZE, 1, 1, 3)).astype(np.float32)
        lit = torch.from_numpy(np.clip(picture * light, 0, 255))
        real = torch.from_numpy(kinds[picked] >= 0)
        yield Batch(prepared(lit), torch.from_numpy(kinds[picked]).clamp(min=0), torch.from_numpy(box) * real[..., None], real)


def loss_of(model: Trained, batch: Batch) -> Tensor:
    said, cells = model(batch.pixels, GROUPS)
    truth = batch.kinds, batch.boxes, batch.real
    return sum(losses.of_layer(*answer, *truth) for answer in said) + 2 * losses.of_cells(*cells, *truth)


@torch.no_grad()
def _settle(model: Trained, seed: int) -> None:
    """Batch norms of `model` keep the mean over a few batches: averaged weights have statistics of their own."""
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    for _, batch in zip(range(SETTLED_ON), batches(seed)):
        model(batch.pixels, 1)
    for norm in norms:
        norm.eval()


def found(logits: Tensor, boxes: Tensor) -> list[scores.Found]:
    """What the queries of one picture found, as the reference reads it: the likeliest kind of each, "no object" left out: (q, k + 1), (q, 4)."""
    best, kinds = logits.softmax(-1)[:, :-1].max(-1)
    return [(KINDS[kind], score, tuple(box)) for kind, score, box in zip(kinds.tolist(), best.tolist(), (losses.corners(boxes) * SIDE).tolist())]


@torch.no_grad()
def look(model: Trained) -> dict[str, float]:
    _settle(model, 7)
    scenes = [world.scene(world.HELD_OUT + 1_000_000 + at, SIDE, most=MOST) for at in range(LOOKED_AT)]
    answers = []
    for at in range(0, LOOKED_AT, 50):
        logits, boxes = model(prepared(torch.from_numpy(np.stack([made.pixels for made in scenes[at : at + 50]]))), 1)[0][-1]
        answers += [found(*one) for one in zip(logits[:, 0], boxes[:, 0])]
    return scores.figures(answers, [made.things for made in scenes], THRESHOLD)


def main() -> None:
    args = training.read_arguments(__doc__, STEPS)
    training.train(Trained(), batches(args.seed), loss_of, look, args)


if __name__ == "__main__":
    main()
