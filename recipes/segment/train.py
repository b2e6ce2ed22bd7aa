"""Trains the segmenter on the endless stream of `recipes/shapes/world.py`: a thing that is pointed at, or framed, has to be told from the rest.

    python -m recipes.segment.train --out target/wick-segment
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from transformers import SamModel

from recipes.segment.network import LOW, SIDE, model, prepared
from recipes.shapes import world
from recipes.shared import training

STEPS, SIZE, KEPT, FRESH, MOST = 2200, 12, 3000, 4, 6
PROMPTS, COUNTS = 4, (1, 1, 1, 2, 3)  # of a picture; points of its prompts, the same for a whole batch: padding would be seen
FEW = 12  # a thing of which fewer pixels are to be seen is not asked for
LOOKED_AT = 60


@dataclass(frozen=True)
class Batch:
    """pixels: (b, 3, side, side); points: (b, p, n, 2) in pixels, kinds: (b, p, n), 1 in the thing, 0 beside it;
    boxes: (b, p, 4); boxed: true where all prompts of the batch are boxes; masks: (b, p, low, low), the part of each cell that belongs to the thing."""

    pixels: Tensor
    points: Tensor
    kinds: Tensor
    boxes: Tensor
    boxed: bool
    masks: Tensor

    def __len__(self) -> int:
        return len(self.pixels)


def _inside(rng: np.random.Generator, mask: np.ndarray) -> tuple[float, float]:
    rows, columns = np.nonzero(mask)
    at = rng.integers(len(rows))
    return columns[at] + 0.5, rows[at] + 0.5


def _prompt(rng: np.random.Generator, owner: np.ndarray, asked: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """A point in the thing `asked`, and further ones up to `count`, in it or beside it, then often in another thing."""
    mask = owner == asked
    others = (owner >= 0) & ~mask
    points, kinds = [_inside(rng, mask)], [1]
    while len(points) < count:
        inside = rng.random() < 0.5 or mask.all()
        points.append(_inside(rng, mask if inside else others if others.any() and rng.random() < 0.6 else ~mask))
        kinds.append(int(inside))
    return np.array(points, np.float32), np.array(kinds)


def asked_of(owner: np.ndarray) -> list[int]:
    """The things of a picture of which enough is to be seen; and the background, which can be pointed at, too."""
    seen, counts = np.unique(owner, return_counts=True)
    return [int(thing) for thing, count in zip(seen, counts) if count >= FEW]


def batches(seed: int) -> Iterator[Batch]:
    """Pictures out of a store in which `FRESH` are drawn anew for each batch; mirrored, and in other light, at random."""
    rng, drawn, filled = np.random.default_rng(seed), seed * 10_000_000, 0
    pixels, owners = np.empty((KEPT, SIDE, SIDE, 3), np.uint8), np.empty((KEPT, SIDE, SIDE), np.int8)
    while True:
        for _ in range(FRESH if filled >= SIZE * 4 else SIZE * 4):
            at = filled if filled < KEPT else rng.integers(KEPT)
            made = world.scene(drawn, SIDE, most=MOST)
            pixels[at], owners[at] = made.pixels, made.owner
            drawn, filled = drawn + 1, min(filled + 1, KEPT)
        picked = rng.choice(filled, SIZE, replace=False)
        picture, owner = pixels[picked], owners[picked]
        mirrored = rng.random(SIZE) < 0.5
        picture[mirrored], owner[mirrored] = picture[mirrored, :, ::-1], owner[mirrored, :, ::-1]
        boxed = bool(rng.random() < 0.35)
        count = int(rng.choice(COUNTS))
        points, kinds = np.zeros((SIZE, PROMPTS, count, 2), np.float32), np.zeros((SIZE, PROMPTS, count), np.int64)
        boxes, masks = np.zeros((SIZE, PROMPTS, 4), np.float32), np.zeros((SIZE, PROMPTS, SIDE, SIDE), bool)
        for at in range(SIZE):
            known = asked_of(owner[at])
            things = [thing for thing in known if thing >= 0] or known
            for place in range(PROMPTS):
                asked = things[rng.integers(len(things))] if boxed or rng.random() < 0.9 else known[rng.integers(len(known))]
                mask = masks[at, place] = owner[at] == asked
                points[at, place], kinds[at, place] = _prompt(rng, owner[at], asked, count)
                rows, columns = np.nonzero(mask.any(1))[0], np.nonzero(mask.any(0))[0]
                boxes[at, place] = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]) + rng.normal(0, 1.2, 4)
        light = rng.uniform(0.85, 1.1, (SIZE, 1, 1, 3)).astype(np.float32)
        part = functional.avg_pool2d(torch.from_numpy(masks).float(), SIDE // LOW)
        yield Batch(prepared(torch.from_numpy(np.clip(picture * light, 0, 255))), torch.from_numpy(points), torch.from_numpy(kinds), torch.from_numpy(boxes), boxed, part)


def said(sam: SamModel, batch: Batch) -> tuple[Tensor, Tensor]:
    """Logits of three masks for each prompt, and what the network thinks of each: (b, p, 3, low, low), (b, p, 3)."""
    prompts = dict(input_boxes=batch.boxes) if batch.boxed else dict(input_points=batch.points, input_labels=batch.kinds)
    told = sam(pixel_values=batch.pixels, multimask_output=True, **prompts)
    return told.pred_masks.float(), told.iou_scores.float()


def _overlap(logits: Tensor, masks: Tensor) -> Tensor:
    """Intersection over union of what is predicted and what is true: (b, p, c)."""
    found, true = logits > 0, (masks > 0.5)[:, :, None]
    return (found & true).sum((-1, -2)) / (found | true).sum((-1, -2)).clamp(min=1)


def loss_of(sam: SamModel, batch: Batch) -> Tensor:
    """Only the best of the three masks learns of a prompt, but for a small part of all of them, so that none is lost."""
    logits, scores = said(sam, batch)
    true = batch.masks[:, :, None].expand_as(logits)
    sure = torch.where(true > 0.5, logits.sigmoid(), 1 - logits.sigmoid())
    focal = ((1 - sure) ** 2 * functional.binary_cross_entropy_with_logits(logits, true, reduction="none")).mean((-1, -2))
    found = logits.sigmoid()
    dice = 1 - (2 * (found * true).sum((-1, -2)) + 1) / (found.sum((-1, -2)) + true.sum((-1, -2)) + 1)
    each = 20 * focal + dice  # (b, p, 3)
    judged = functional.mse_loss(scores, _overlap(logits.detach(), batch.masks))
    return each.min(-1).values.mean() + 0.1 * each.mean() + judged


@torch.no_grad()
def look(sam: SamModel) -> dict[str, float]:
    """Mean intersection over union at low resolution of the mask that the network holds for its best."""
    figures, seen, stream = {"points": [], "boxes": []}, 0, batches(1_000 + world.HELD_OUT // 10_000_000)
    while seen < LOOKED_AT:
        batch = next(stream)
        logits, scores = said(sam, batch)
        best = scores.argmax(-1, keepdim=True)
        figures["boxes" if batch.boxed else "points"].append(_overlap(logits, batch.masks).gather(-1, best).mean().item())
        seen += len(batch)
    return {name: round(sum(each) / max(len(each), 1), 4) for name, each in figures.items()}


def main() -> None:
    args = training.read_arguments(__doc__, STEPS)
    training.train(model(), batches(args.seed), loss_of, look, args)


if __name__ == "__main__":
    main()
