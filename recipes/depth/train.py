"""Trains the depth estimator on the endless stream of `recipes/shapes/world.py`.

    python -m recipes.depth.train --out target/wick-depth
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from recipes.depth import network, scores
from recipes.depth.network import SIDE, prepared
from recipes.shapes import world
from recipes.shared import training

STEPS, SIZE, KEPT, FRESH, MOST = 1700, 12, 3000, 4, 6
LOOKED_AT, EDGES = 100, 1.0  # held-out pictures of a look; weight of the differences between neighbours

GROUND = 0.22  # the ground is farther than every thing
RATES = 1.2e-3, 0.01  # of Adam and of orthogonal steps: no norm holds the neck together, which the usual ones blew up


@dataclass(frozen=True)
class Batch:
    """pixels: (b, 3, side, side); depth: (b, side, side), 0 far to 1 near."""

    pixels: Tensor
    depth: Tensor

    def __len__(self) -> int:
        return len(self.pixels)


def batches(seed: int) -> Iterator[Batch]:
    """Pictures out of a store in which `FRESH` are drawn anew for each batch, so that each is seen a few times; mirrored, and in other light, at random."""
    rng, drawn = np.random.default_rng(seed), seed * 10_000_000
    pixels, depth = np.empty((KEPT, SIDE, SIDE, 3), np.uint8), np.empty((KEPT, SIDE, SIDE), np.float16)
    filled = 0
    while True:
        for _ in range(FRESH if filled >= SIZE * 4 else SIZE * 4):
            at = filled if filled < KEPT else rng.integers(KEPT)
            made = world.scene(drawn, SIDE, most=MOST)
            pixels[at], depth[at] = made.pixels, made.depth
            drawn, filled = drawn + 1, min(filled + 1, KEPT)
        picked = rng.choice(filled, SIZE, replace=False)
        picture, truth = pixels[picked], depth[picked].astype(np.float32)
        mirrored = rng.random(SIZE) < 0.5
        picture[mirrored], truth[mirrored] = picture[mirrored, :, ::-1], truth[mirrored, :, ::-1]
        light = rng.uniform(0.85, 1.1, (SIZE, 1, 1, 3)).astype(np.float32)
        lit = torch.from_numpy(np.clip(picture * light, 0, 255))
        yield Batch(prepared(lit), torch.from_numpy(truth))


def loss_of(model: nn.Module, batch: Batch) -> Tensor:
    """The mean distance from the truth, that of things once more, and how far the differences between neighbours are from the true ones, at four scales."""
    off = model(batch.pixels).predicted_depth.float() - batch.depth
    things = batch.depth > GROUND
    loss = 5 * off.abs().mean() + 5 * (off.abs() * things).sum() / things.sum()
    for scale in (1, 2, 4, 8):
        part = off[:, ::scale, ::scale]
        loss = loss + EDGES * (part.diff(dim=1).abs().mean() + part.diff(dim=2).abs().mean())
    return loss


@torch.no_grad()
def look(model: nn.Module) -> dict[str, float]:
    scenes = [world.scene(world.HELD_OUT + 1_000_000 + at, SIDE, most=MOST) for at in range(LOOKED_AT)]
    said = []
    for at in range(0, LOOKED_AT, 50):
        said += list(model(prepared(torch.from_numpy(np.stack([made.pixels for made in scenes[at : at + 50]])))).predicted_depth.clamp(min=0).numpy())
    return scores.figures(said, scenes)


def main() -> None:
    args = training.read_arguments(__doc__, STEPS)
    training.OTHER_RATE, training.MATRIX_RATE = RATES
    model = network.model()
    model.head.activation2 = nn.Identity()  # what is below zero, too, learns
    model.neck.fusion_stage.layers[0].residual_layer1.requires_grad_(False)  # the first has nothing to add
    training.train(model, batches(args.seed), loss_of, look, args)


if __name__ == "__main__":
    main()
