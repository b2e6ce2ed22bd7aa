"""Trains the segmenter on the endless stream of `recipes/shapes/world.py`.

    python -m recipes.fastsam.train --out target/wick-fastsam
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from recipes.fastsam import losses, scores
from recipes.fastsam.network import SIDE, Network, prepared
from recipes.shapes import world
from recipes.shared import training

STEPS, SIZE, KEPT, FRESH, MOST = 1800, 24, 1536, 4, 6
LOOKED_AT, SETTLED_ON = 100, 20  # held-out pictures of a look; batches by which the batch norms of averaged weights are set


@dataclass(frozen=True)
class Batch:
    """pixels: (b, 3, side, side)."""

    pixels: Tensor
    truth: losses.Truth

    def __len__(self) -> int:
        return len(self.pixels)


def batches(seed: int) -> Iterator[Batch]:
    """Pictures out of a store in which `FRESH` are drawn anew for each batch; mirrored, turned by quarters and in other light, at random."""
    rng, drawn = np.random.default_rng(seed), seed * 10_000_000
    pixels, owners, filled = np.empty((KEPT, SIDE, SIDE, 3), np.uint8), np.empty((KEPT, SIDE, SIDE), np.int8), 0
    while True:
        for _ in range(FRESH if filled >= SIZE * 4 else SIZE * 4):
            at = filled if filled < KEPT else rng.integers(KEPT)
            made = world.scene(drawn, SIDE, most=MOST)
            pixels[at], owners[at] = made.pixels, made.owner
            drawn, filled = drawn + 1, min(filled + 1, KEPT)
        shown, masks = np.empty((SIZE, SIDE, SIDE, 3), np.float32), np.zeros((SIZE, MOST, SIDE, SIDE), np.float32)
        boxes = np.zeros((SIZE, MOST, 4), np.float32)
        for row, at in enumerate(rng.choice(filled, SIZE, replace=False)):
            turns, step = int(rng.integers(4)), 1 if rng.random() < 0.5 else -1
            shown[row], owner = np.rot90(pixels[at], turns)[:, ::step], np.rot90(owners[at], turns)[:, ::step]
            for thing in range(MOST):
                mask = owner == thing
                if mask.any():
                    across, down = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
                    masks[row, thing], boxes[row, thing] = mask, (across[0], down[0], across[-1] + 1, down[-1] + 1)
        lit = torch.from_numpy(np.clip(shown * rng.uniform(0.85, 1.1, (SIZE, 1, 1, 3)), 0, 255))
        small = nn.functional.avg_pool2d(torch.from_numpy(masks), 4)
        yield Batch(prepared(lit), losses.Truth(torch.from_numpy(boxes), small, torch.from_numpy(boxes[..., 2] > 0)))


def loss_of(model: Network, batch: Batch) -> Tensor:
    return losses.of(model, model(batch.pixels), batch.truth)


@torch.no_grad()
def settle(model: Network, seed: int) -> None:
    """Batch norms of `model` keep the mean over a few batches: averaged weights have statistics of their own."""
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    for _, batch in zip(range(SETTLED_ON), batches(seed)):
        model(batch.pixels)
    for norm in norms:
        norm.eval()


@torch.no_grad()
def look(model: Network) -> dict[str, float]:
    settle(model, 7)
    scenes = [world.scene(world.HELD_OUT + 1_000_000 + at, SIDE, most=MOST) for at in range(LOOKED_AT)]
    answers = []
    for begin in range(0, LOOKED_AT, 25):
        said = model(prepared(torch.from_numpy(np.stack([made.pixels for made in scenes[begin : begin + 25]]))))
        answers += [scores.found(model, said, at, (SIDE, SIDE), 1.0, (0, 0)) for at in range(25)]
    return scores.figures(answers, [np.stack([made.mask(at) for at in range(len(made.things))]) for made in scenes])


def main() -> None:
    args = training.read_arguments(__doc__, STEPS)
    training.train(Network().to(memory_format=torch.channels_last), batches(args.seed), loss_of, look, args)


if __name__ == "__main__":
    main()
