"""The optimizer and the schedule that the recipes share."""

import math

import torch
from torch import Tensor, nn

WARM_UP, COOL_FROM, GO_ON_FROM = 0.02, 0.35, 0.6


def orthogonal(update: Tensor) -> Tensor:
    """The nearest (semi-)orthogonal matrices, by the quintic Newton-Schulz steps of Muon (github.com/KellerJordan/Muon): (k, rows, columns)."""
    xs = update.transpose(1, 2) if update.shape[1] > update.shape[2] else update
    xs = xs / (xs.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        square = xs @ xs.transpose(1, 2)
        xs = 3.4445 * xs + (-4.7750 * square + 2.0315 * square @ square) @ xs
    return xs.transpose(1, 2) if update.shape[1] > update.shape[2] else xs


class Muon:
    """Momentum whose steps are made orthogonal, for the matrices; those of one shape are stepped together. A convolution is a matrix with a row for each output."""

    def __init__(self, matrices: list[Tensor]):
        shapes = {m.shape for m in matrices}
        self.groups = [[m for m in matrices if m.shape == shape] for shape in sorted(shapes)]
        self.momenta = [torch.zeros(len(g), *g[0].flatten(1).shape) for g in self.groups]

    @torch.no_grad()
    def step(self, rate: float) -> None:
        for group, momentum in zip(self.groups, self.momenta):
            gradient = torch.stack([m.grad.flatten(1) for m in group])
            momentum.lerp_(gradient, 0.05)
            update = orthogonal(gradient.lerp(momentum, 0.95))
            scale = rate * max(1.0, gradient.shape[1] / gradient.shape[2]) ** 0.5
            for matrix, change in zip(group, update):
                matrix.mul_(1 - 0.1 * rate).sub_(change.view_as(matrix), alpha=scale)


def split(model: nn.Module) -> tuple[list[Tensor], list[Tensor]]:
    """The matrices that `Muon` steps, and everything else (embeddings, norms, biases, what says `by_adam`) for Adam."""
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    matrices = [p for name, p in named if p.ndim in (2, 4) and "embed" not in name and "shared" not in name and not getattr(p, "by_adam", False)]
    chosen = {id(p) for p in matrices}
    return matrices, [p for _, p in named if id(p) not in chosen]


def rate_at(done: float) -> float:
    """The part of the full rate at `done` (0 to 1) of the training: a short rise, a plain, a long cosine fall."""
    if done < WARM_UP:
        return max(done / WARM_UP, 0.02)
    if done < COOL_FROM:
        return 1.0
    return 0.5 + 0.5 * math.cos(math.pi * min(1.0, (done - COOL_FROM) / (1 - COOL_FROM)))
