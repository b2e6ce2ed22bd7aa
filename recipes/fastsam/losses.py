"""What a picture's truth makes of the answers: cells are given to things by how well they already do (TOOD, arXiv 2108.07755), then CIoU, DFL and cross entropy."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from recipes.fastsam.network import Network, Said

NEAREST, SURE, WELL = 8, 0.5, 4.0  # cells of a thing; powers of score and overlap in how well a cell does
KIND, BOX, DISTANCE, MASK = 1.0, 7.5, 1.5, 4.0


@dataclass(frozen=True)
class Truth:
    """boxes: (b, t, 4), left, top, right, bottom in pixels; masks: (b, t, side / 4, side / 4), 0 to 1; real: (b, t), false where `t` is padding."""

    boxes: Tensor
    masks: Tensor
    real: Tensor


def overlap(one: Tensor, other: Tensor, complete: bool = False) -> Tensor:
    """Intersection over union of boxes (.., 4); `complete` takes off what CIoU takes (arXiv 1911.08287)."""
    both = (torch.minimum(one[..., 2:], other[..., 2:]) - torch.maximum(one[..., :2], other[..., :2])).clamp(min=0).prod(-1)
    size, other_size = one[..., 2:] - one[..., :2], other[..., 2:] - other[..., :2]
    iou = both / (size.prod(-1) + other_size.prod(-1) - both + 1e-7)
    if not complete:
        return iou
    around = torch.maximum(one[..., 2:], other[..., 2:]) - torch.minimum(one[..., :2], other[..., :2])
    apart = ((one[..., :2] + one[..., 2:] - other[..., :2] - other[..., 2:]) ** 2).sum(-1) / 4
    slant = 4 / math.pi**2 * (torch.atan(size[..., 0] / (size[..., 1] + 1e-7)) - torch.atan(other_size[..., 0] / (other_size[..., 1] + 1e-7))) ** 2
    weight = (slant / (slant - iou + 1 + 1e-7)).detach()
    return iou - apart / ((around**2).sum(-1) + 1e-7) - weight * slant


@torch.no_grad()
def given(boxes: Tensor, scores: Tensor, centres: Tensor, truth: Truth) -> tuple[Tensor, Tensor]:
    """For each cell the thing it answers for, -1 for none, and how sure it should be: (b, cells) both. boxes: (b, cells, 4)."""
    inside = ((centres[None, None, :, :] > truth.boxes[:, :, None, :2]) & (centres[None, None, :, :] < truth.boxes[:, :, None, 2:])).all(-1) & truth.real[..., None]  # (b, t, cells)
    iou = overlap(truth.boxes[:, :, None], boxes[:, None]) * inside
    well = scores[:, None] ** SURE * iou**WELL * inside + 1e-9 * inside
    best = torch.zeros_like(well).scatter(2, well.topk(NEAREST, 2).indices, 1.0) * (well > 0)
    claimed, thing = (iou * best + best * 1e-6).max(1)  # the thing met best, where several claim a cell
    mine = F.one_hot(thing, well.shape[1]).transpose(1, 2) * best  # (b, t, cells)
    well, iou = well * mine, iou * mine
    want = (well / (well.amax(2, keepdim=True) + 1e-12) * iou.amax(2, keepdim=True)).sum(1)
    return torch.where(claimed > 0, thing, -1), want


def of(network: Network, said: Said, truth: Truth) -> Tensor:
    reach = network.model[-1].dfl.conv.weight.numel()
    boxes = network.boxes(said).transpose(1, 2)  # (b, cells, 4)
    logits = said.logits[:, 0].float()
    thing, want = given(boxes.detach(), logits.detach().sigmoid(), said.centres, truth)
    weight = want.sum().clamp(min=1.0)
    loss = KIND * F.binary_cross_entropy_with_logits(logits, want, reduction="sum") / weight
    picture, cell = torch.nonzero(thing >= 0, as_tuple=True)
    mine, each = thing[picture, cell], want[picture, cell]
    wanted = truth.boxes[picture, mine]
    loss = loss + BOX * ((1 - overlap(boxes[picture, cell], wanted, complete=True)) * each).sum() / weight
    centre, stride = said.centres[cell], said.strides[cell][:, None]
    far = (torch.cat([centre - wanted[:, :2], wanted[:, 2:] - centre], 1) / stride).clamp(0, reach - 1.01)  # (n, 4)
    below = far.long()
    spread = said.distances.transpose(1, 2)[picture, cell].unflatten(1, (4, reach)).log_softmax(-1)
    sharp = -(spread.gather(2, below[..., None])[..., 0] * (below + 1 - far) + spread.gather(2, below[..., None] + 1)[..., 0] * (far - below))
    loss = loss + DISTANCE * (sharp.mean(1) * each).sum() / weight
    return loss + MASK * _of_masks(said, truth, picture, cell, mine)


def _of_masks(said: Said, truth: Truth, picture: Tensor, cell: Tensor, mine: Tensor) -> Tensor:
    """Cross entropy in the box of each thing, a mean over its pixels."""
    coefficients = said.coefficients.transpose(1, 2)[picture, cell]  # (n, 32)
    rows, columns = said.protos.shape[2:]
    logits = torch.einsum("nc,nchw->nhw", coefficients, said.protos[picture])
    left, top, right, bottom = (truth.boxes[picture, mine] / 4).T[..., None, None]
    across, down = torch.arange(columns)[None, None, :], torch.arange(rows)[None, :, None]
    inside = (across + 1 > left) & (across < right) & (down + 1 > top) & (down < bottom)
    each = F.binary_cross_entropy_with_logits(logits, truth.masks[picture, mine], reduction="none") * inside
    return (each.sum((1, 2)) / inside.sum((1, 2)).clamp(min=1)).mean()
