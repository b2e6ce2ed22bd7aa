"""What a picture's truth makes of the answers: DETR's matching and losses."""

import torch
import torch.nn.functional as F
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from recipes.detect.network import CELLS, NOBODY

KIND, EDGES, OVERLAP, NOTHING = 1.0, 5.0, 2.0, 0.25  # weights of class, L1 and generalized IoU; of "no object" among the classes


def corners(boxes: Tensor) -> Tensor:
    """Centre and size to left, top, right, bottom: (.., 4)."""
    centre, half = boxes[..., :2], boxes[..., 2:] / 2
    return torch.cat([centre - half, centre + half], dim=-1)


def alike(one: Tensor, other: Tensor) -> Tensor:
    """Generalized IoU of boxes as centre and size; the leading dimensions broadcast."""
    one, other = corners(one), corners(other)
    both = (torch.minimum(one[..., 2:], other[..., 2:]) - torch.maximum(one[..., :2], other[..., :2])).clamp(min=0).prod(-1)
    around = (torch.maximum(one[..., 2:], other[..., 2:]) - torch.minimum(one[..., :2], other[..., :2])).prod(-1)
    either = (one[..., 2:] - one[..., :2]).prod(-1) + (other[..., 2:] - other[..., :2]).prod(-1) - both
    return both / (either + 1e-9) - (around - either) / (around + 1e-9)


@torch.no_grad()
def matches(logits: Tensor, boxes: Tensor, kinds: Tensor, truth: Tensor, real: Tensor) -> tuple[Tensor, ...]:
    """The cheapest pairs of query and thing, by picture and group: picture, group, query and thing of each pair.

    logits: (b, g, q, k + 1); boxes: (b, g, q, 4); kinds: (b, t); truth: (b, t, 4); real: (b, t), false where `t` is padding.
    """
    groups = logits.shape[1]
    chance = logits.float().softmax(-1).gather(3, kinds[:, None, None].expand(-1, *logits.shape[1:3], -1))  # (b, g, q, t)
    apart = (boxes[:, :, :, None] - truth[:, None, None]).abs().sum(-1)
    cost = (EDGES * apart - KIND * chance - OVERLAP * alike(boxes[:, :, :, None], truth[:, None, None])).numpy()
    found = []
    for picture, count in enumerate(real.sum(1).tolist()):
        for group in range(groups):
            queries, things = linear_sum_assignment(cost[picture, group, :, :count])
            found += [(picture, group, query, thing) for query, thing in zip(queries, things)]
    return tuple(torch.tensor(found).T)


def of_pairs(logits: Tensor, boxes: Tensor, kinds: Tensor, truth: Tensor) -> Tensor:
    """The loss of all answers: logits (n, k + 1) with kinds (n), `NOBODY` where nothing is; boxes (m, 4) of those that found something, with truth (m, 4)."""
    weights = torch.ones(NOBODY + 1)
    weights[NOBODY] = NOTHING
    return KIND * F.cross_entropy(logits.float(), kinds, weights) + (EDGES * (boxes - truth).abs().sum(-1) + OVERLAP * (1 - alike(boxes, truth))).mean()


def of_layer(logits: Tensor, boxes: Tensor, kinds: Tensor, truth: Tensor, real: Tensor) -> Tensor:
    """The loss of what the queries answered after a decoder layer."""
    boxes = boxes.float()
    picture, group, query, thing = matches(logits, boxes, kinds, truth, real)
    want = torch.full(logits.shape[:3], NOBODY)
    want[picture, group, query] = kinds[picture, thing]
    return of_pairs(logits.flatten(0, 2), boxes[picture, group, query], want.flatten(), truth[picture, thing])


def of_cells(logits: Tensor, boxes: Tensor, kinds: Tensor, truth: Tensor, real: Tensor) -> Tensor:
    """The same of the encoder's cells, where no matching is needed: a cell near a thing's middle answers for it."""
    at = (torch.arange(CELLS) + 0.5) / CELLS
    centres = torch.stack([at.repeat(CELLS), at.repeat_interleave(CELLS)], dim=-1)  # (cells, 2), row by row
    reach = (truth[:, :, None, 2:] / 4).clamp(min=0.55 / CELLS)
    off = ((centres - truth[:, :, None, :2]).abs() / reach).amax(-1)  # (b, t, cells), below 1 inside
    nearest, thing = off.masked_fill(~real[..., None], 9.0).min(dim=1)
    inside = nearest < 1
    want = kinds.gather(1, thing).masked_fill(~inside, NOBODY)
    return of_pairs(logits.flatten(0, 1), boxes.float()[inside], want.flatten(), truth.gather(1, thing[..., None].expand(-1, -1, 4))[inside])
