"""What the network finds in a picture, and how well found masks agree with the true ones."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.ops import nms

from recipes.fastsam.network import Network, Said

CONFIDENCE, OVERLAP, MOST, ENOUGH = 0.25, 0.7, 300, 0.5


@dataclass(frozen=True)
class Found:
    """The surest first. scores: (n,); boxes: (n, 4) in pixels of the picture; masks: (n, height, width)."""

    scores: np.ndarray
    boxes: np.ndarray
    masks: np.ndarray


def found(network: Network, said: Said, at: int, into: tuple[int, int], scale: float, pad: tuple[int, int], confidence: float = CONFIDENCE) -> Found:
    """What is found in picture `at` of a batch, of height and width `into`, which was scaled by `scale` and has `pad` (left, top) around it."""
    scores, kinds = said.logits[at].sigmoid().max(0)
    boxes, coefficients = network.boxes(said)[at].T, said.coefficients[at].T
    sure = scores > confidence
    scores, boxes, coefficients = scores[sure], boxes[sure], coefficients[sure]
    kept = nms(boxes + kinds[sure][:, None] * 7680.0, scores, OVERLAP)[:MOST]
    scores, boxes, coefficients = scores[kept], boxes[kept], coefficients[kept]
    height, width = into
    boxes = ((boxes - torch.tensor([*pad, *pad])) / scale).clamp(min=0).minimum(torch.tensor([width, height, width, height], dtype=torch.float32))
    return Found(scores.numpy(), boxes.numpy(), whole(said.protos[at], coefficients, boxes, into, scale, pad).numpy())


def whole(protos: Tensor, coefficients: Tensor, boxes: Tensor, into: tuple[int, int], scale: float, pad: tuple[int, int]) -> Tensor:
    """Masks at the size of the picture: (n, height, width). The padding is cut off at the resolution of `protos`, as `retina_masks` does it."""
    height, width = into
    left, top = (round(side / 4) for side in pad)
    rows, columns = round(height * scale / 4), round(width * scale / 4)
    logits = torch.einsum("nc,chw->nhw", coefficients, protos)[:, top : top + rows, left : left + columns]
    logits = F.interpolate(logits[None], into, mode="bilinear", align_corners=False)[0] if len(logits) else torch.zeros(0, *into)
    x0, y0, x1, y1 = boxes.T[..., None, None]
    across, down = torch.arange(width)[None, None, :], torch.arange(height)[None, :, None]
    return (logits > 0) & (across >= x0) & (across < x1) & (down >= y0) & (down < y1)


def overlaps(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Intersection over union of masks: (n, height, width), (m, height, width) -> (n, m)."""
    one, other = one.reshape(len(one), -1).astype(np.float32), other.reshape(len(other), -1).astype(np.float32)
    both = one @ other.T
    return both / np.maximum(one.sum(1)[:, None] + other.sum(1)[None] - both, 1)


def figures(answers: list[Found], truth: list[np.ndarray]) -> dict[str, float]:
    """`map50` of masks, `recall` at the same overlap, and `iou`, the mean over all things of the best overlap that a found mask has with it."""
    marked, best, met, total = [], [], 0, 0
    for one, masks in zip(answers, truth):
        pairs = overlaps(one.masks, masks) if len(one.masks) else np.zeros((0, len(masks)))
        best += pairs.max(0).tolist() if len(pairs) else [0.0] * len(masks)
        free, total = set(range(len(masks))), total + len(masks)
        for row, score in zip(pairs, one.scores):
            thing = max(free, key=lambda at: row[at], default=None)
            hit = thing is not None and row[thing] >= ENOUGH
            marked.append((score, hit))
            if hit:
                free.remove(thing)
                met += 1
    marked.sort(key=lambda pair: -pair[0])
    hits = np.cumsum([hit for _, hit in marked])
    precision = np.maximum.accumulate((hits / np.arange(1, len(marked) + 1))[::-1])[::-1]
    return {"map50": float(sum(precision[at] for at, (_, hit) in enumerate(marked) if hit) / total), "recall": met / total, "iou": float(np.mean(best))}
