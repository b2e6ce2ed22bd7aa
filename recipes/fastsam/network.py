"""YOLOv8-seg in the layout of FastSAM, written from its published description: the rows of its yaml, the names of its tensors.

None of this is ultralytics' text. `Network(SHAPE)` is the shipped one; `tests/golden/fastsam.py` makes others.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SIDE = 128
EPS = 1e-3  # of every batch norm
STRIDES = (8, 16, 32)
MASKS, PROTO = 32, 256  # coefficients of a mask; width of the mask head before `width_multiple`
UP, CAT = "up", "cat"
# Row of the yaml: kind, width, how often (before `depth_multiple`) or the row that is put beside it.
ROWS = [
    ("conv", 64, 1), ("conv", 128, 1), ("c2f", 128, 3), ("conv", 256, 1), ("c2f", 256, 6), ("conv", 512, 1), ("c2f", 512, 6), ("conv", 1024, 1), ("c2f", 1024, 3), ("sppf", 1024, 1),
    (UP, 0, 0), (CAT, 0, 6), ("c2f", 512, 3), (UP, 0, 0), (CAT, 0, 4), ("c2f", 256, 3), ("conv", 256, 1), (CAT, 0, 12), ("c2f", 512, 3), ("conv", 512, 1), (CAT, 0, 9), ("c2f", 1024, 3),
]
SEEN = (15, 18, 21)  # the rows that the head looks at


@dataclass(frozen=True)
class Shape:
    """What `config.json` says."""

    depth_multiple: float
    width_multiple: float
    max_channels: int
    nc: int = 1
    reg_max: int = 16
    imgsz: int = SIDE

    def width(self, of: int) -> int:
        return math.ceil(min(of, self.max_channels) * self.width_multiple / 8) * 8

    def depth(self, of: int) -> int:
        return max(round(of * self.depth_multiple), 1)

    def config(self) -> dict:
        return {"model_type": "yolov8-seg", **self.__dict__}


SHAPE = Shape(depth_multiple=0.33, width_multiple=0.125, max_channels=1024, reg_max=8)


class Conv(nn.Module):
    def __init__(self, inner: int, outer: int, size: int = 1, stride: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(inner, outer, size, stride, size // 2, bias=False)
        self.bn = nn.BatchNorm2d(outer, eps=EPS, momentum=0.03)

    def forward(self, xs: Tensor) -> Tensor:
        return F.silu(self.bn(self.conv(xs)))


class Bottleneck(nn.Module):
    def __init__(self, width: int, added: bool):
        super().__init__()
        self.cv1, self.cv2, self.added = Conv(width, width, 3), Conv(width, width, 3), added

    def forward(self, xs: Tensor) -> Tensor:
        ys = self.cv2(self.cv1(xs))
        return xs + ys if self.added else ys


class C2f(nn.Module):
    def __init__(self, inner: int, outer: int, depth: int, added: bool):
        super().__init__()
        half = outer // 2
        self.cv1, self.cv2 = Conv(inner, 2 * half), Conv((2 + depth) * half, outer)
        self.m = nn.ModuleList(Bottleneck(half, added) for _ in range(depth))

    def forward(self, xs: Tensor) -> Tensor:
        parts = list(self.cv1(xs).chunk(2, 1))
        for layer in self.m:
            parts.append(layer(parts[-1]))
        return self.cv2(torch.cat(parts, 1))


class Sppf(nn.Module):
    def __init__(self, inner: int, outer: int):
        super().__init__()
        self.cv1, self.cv2 = Conv(inner, inner // 2), Conv(inner * 2, outer)

    def forward(self, xs: Tensor) -> Tensor:
        parts = [self.cv1(xs)]
        for _ in range(3):
            parts.append(F.max_pool2d(parts[-1], 5, 1, 2))
        return self.cv2(torch.cat(parts, 1))


class Proto(nn.Module):
    def __init__(self, inner: int, width: int):
        super().__init__()
        self.cv1, self.cv2, self.cv3 = Conv(inner, width, 3), Conv(width, width, 3), Conv(width, MASKS)
        self.upsample = nn.ConvTranspose2d(width, width, 2, 2)

    def forward(self, xs: Tensor) -> Tensor:
        return self.cv3(self.cv2(self.upsample(self.cv1(xs))))


class Dfl(nn.Module):
    """The mean of a distribution over 0, 1, … as a convolution that is not learnt."""

    def __init__(self, count: int):
        super().__init__()
        self.conv = nn.Conv2d(count, 1, 1, bias=False).requires_grad_(False)
        self.conv.weight.data = torch.arange(count, dtype=torch.float32).view(1, count, 1, 1)

    def forward(self, xs: Tensor) -> Tensor:
        """(b, 4 * count, cells) -> (b, 4, cells)."""
        return self.conv(xs.unflatten(1, (4, -1)).transpose(1, 2).softmax(1)).squeeze(1)


@dataclass
class Said:
    """What the head says: distances (b, 4 * reg_max, cells), logits (b, nc, cells), coefficients (b, 32, cells), and protos (b, 32, height / 4, width / 4)."""

    distances: Tensor
    logits: Tensor
    coefficients: Tensor
    protos: Tensor
    centres: Tensor  # (cells, 2), in pixels
    strides: Tensor  # (cells,)


class Segment(nn.Module):
    def __init__(self, widths: list[int], shape: Shape):
        super().__init__()
        sides, nc = 4 * shape.reg_max, shape.nc
        boxes, kinds, masks = max(16, widths[0] // 4, sides), max(widths[0], min(nc, 100)), max(widths[0] // 4, MASKS)

        def branch(inner: int, width: int, outer: int) -> nn.Sequential:
            return nn.Sequential(Conv(inner, width, 3), Conv(width, width, 3), nn.Conv2d(width, outer, 1))

        self.cv2 = nn.ModuleList(branch(width, boxes, sides) for width in widths)
        self.cv3 = nn.ModuleList(branch(width, kinds, nc) for width in widths)
        self.dfl = Dfl(shape.reg_max)
        self.proto = Proto(widths[0], shape.width(PROTO))
        self.cv4 = nn.ModuleList(branch(width, masks, MASKS) for width in widths)
        for box, kind, stride in zip(self.cv2, self.cv3, STRIDES):
            nn.init.constant_(box[-1].bias, 1.0)
            nn.init.constant_(kind[-1].bias, math.log(5 / (shape.imgsz / stride) ** 2))

    def forward(self, seen: list[Tensor]) -> Said:
        def all_of(branches: nn.ModuleList) -> Tensor:
            return torch.cat([branch(xs).flatten(2) for branch, xs in zip(branches, seen)], 2)

        centres, strides = [], []
        for xs, stride in zip(seen, STRIDES):
            down, across = torch.meshgrid(*(torch.arange(count) + 0.5 for count in xs.shape[2:]), indexing="ij")
            centres.append(torch.stack([across, down], -1).flatten(0, 1) * stride)
            strides.append(torch.full((len(centres[-1]),), float(stride)))
        return Said(all_of(self.cv2), all_of(self.cv3), all_of(self.cv4), self.proto(seen[0]), torch.cat(centres), torch.cat(strides))


class Network(nn.Module):
    def __init__(self, shape: Shape = SHAPE):
        super().__init__()
        layers, widths = [], [3]
        for at, (kind, of, count) in enumerate(ROWS):
            inner, outer, depth = widths[-1], shape.width(of), shape.depth(count)
            if kind == "conv":
                layers.append(Conv(inner, outer, 3, 2))
            elif kind == "c2f":
                layers.append(C2f(inner, outer, depth, added=at < 10))
            elif kind == "sppf":
                layers.append(Sppf(inner, outer))
            elif kind == UP:
                layers.append(nn.Upsample(scale_factor=2))
                outer = inner
            else:
                layers.append(nn.Identity())
                outer = inner + widths[count + 1]
            widths.append(outer)
        layers.append(Segment([widths[at + 1] for at in SEEN], shape))
        self.model = nn.ModuleList(layers)

    def rows(self, pixels: Tensor) -> list[Tensor]:
        """What comes out of each row before the head; pixels: (b, 3, height, width), 0 to 1, sides multiples of 32."""
        kept = []
        for (kind, _, other), layer in zip(ROWS, self.model):
            xs = kept[-1] if kept else pixels
            kept.append(torch.cat([xs, kept[other]], 1) if kind == CAT else layer(xs))
        return kept

    def forward(self, pixels: Tensor) -> Said:
        kept = self.rows(pixels)
        return self.model[-1]([kept[at] for at in SEEN])

    def boxes(self, said: Said) -> Tensor:
        """(b, 4, cells): left, top, right, bottom in pixels of what was looked at."""
        left_top, right_bottom = self.model[-1].dfl(said.distances).chunk(2, 1)
        return torch.cat([said.centres.T - left_top * said.strides, said.centres.T + right_bottom * said.strides], 1)


def prepared(pixels: Tensor) -> Tensor:
    """8-bit pictures as the network wants them: (b, side, side, 3) -> (b, 3, side, side)."""
    return (pixels.float() / 255).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
