"""What a picture's truth makes of the answers: each thing is one patch's to find, by all its names."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from recipes.detect.losses import alike
from recipes.find.network import CELLS

NAMED, EDGES, OVERLAP = 1.0, 5.0, 2.0  # weights of the names, of L1 and of generalized IoU
COST, OUTSIDE = 2.0, 100.0  # what a sure name takes off the cost of a pair; what is added where a patch lies outside a thing's box
LOW = 1.8  # scores are learnt as if logits were this much larger: the usual threshold of 0.1 then stands where 0.4 would
NOTHING = 0.1  # how much it weighs to know of a patch that it shows nothing


@dataclass(frozen=True)
class Truth:
    """names: (b, t, names), 1 where true; boxes: (b, t, 4), centre and size in parts of the side; real: (b, t), false where `t` is padding; shown: (b, patches), which thing, -1 for none."""

    names: Tensor
    boxes: Tensor
    real: Tensor
    shown: Tensor


@torch.no_grad()
def matches(logits: Tensor, boxes: Tensor, truth: Truth) -> tuple[Tensor, ...]:
    """The cheapest pairs of patch and thing: picture, patch and thing of each. A patch may answer for a thing if its middle lies in the thing's box."""
    at = (torch.arange(CELLS) + 0.5) / CELLS
    centres = torch.stack([at.repeat(CELLS), at.repeat_interleave(CELLS)], dim=-1)  # (patches, 2), row by row
    inside = ((centres[None, :, None] - truth.boxes[:, None, :, :2]).abs() < truth.boxes[:, None, :, 2:] / 2).all(-1)  # (b, patches, t)
    sure = (torch.sigmoid(logits + LOW) @ truth.names.transpose(1, 2)) / truth.names.sum(-1).clamp(min=1)[:, None]
    pairs = boxes[:, :, None], truth.boxes[:, None]
    cost = EDGES * (pairs[0] - pairs[1]).abs().sum(-1) - OVERLAP * alike(*pairs) - COST * sure + OUTSIDE * ~inside
    found = []
    for picture, (costs, count) in enumerate(zip(cost.numpy(), truth.real.sum(1).tolist())):
        patches, things = linear_sum_assignment(costs[:, :count])
        found += [(picture, patch, thing) for patch, thing in zip(patches, things)]
    return tuple(torch.tensor(found).T)


def of_boxes(boxes: Tensor, truth: Tensor) -> Tensor:
    return (EDGES * (boxes - truth).abs().sum(-1) + OVERLAP * (1 - alike(boxes, truth))).mean()


def of_answers(logits: Tensor, boxes: Tensor, truth: Truth) -> Tensor:
    """Names of the patches that answer for a thing, none of all others; and the boxes of every patch that shows something."""
    picture, patch, thing = matches(logits, boxes, truth)
    want = torch.zeros_like(logits)
    want[picture, patch] = truth.names[picture, thing]
    chance = torch.sigmoid(logits + LOW).detach()
    loss = F.binary_cross_entropy_with_logits(logits + LOW, want, reduction="none")
    named = torch.where(want > 0, loss, loss * chance).sum() / len(picture)
    seen, where = torch.nonzero(truth.shown >= 0, as_tuple=True)
    dense = of_boxes(boxes[seen, where], truth.boxes[seen, truth.shown[seen, where]])
    return NAMED * named + of_boxes(boxes[picture, patch], truth.boxes[picture, thing]) + 0.5 * dense


def of_patches(said: Tensor, shown: Tensor) -> Tensor:
    """What a patch shows: (b, patches, n) and (b, patches), 0 for nothing."""
    weights = torch.ones(said.shape[-1])
    weights[0] = NOTHING
    return F.cross_entropy(said.flatten(0, 1).float(), shown.flatten(), weights)
