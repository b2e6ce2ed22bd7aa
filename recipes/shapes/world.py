"""Pictures of coloured things on soft backgrounds, each drawn from a seed with everything that is true of it. Run it to see some.

    python -m recipes.shapes.world --to target/shapes.png
"""

import argparse
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from recipes.shapes.figures import COLOURS, FIGURES, KINDS, TURN, TURNED, tone

FINE = 4  # pictures are drawn this many times larger, and their edges are smooth for it
HELD_OUT = 1_000_000_000  # seeds from here on are never trained on
SMALLEST, LARGEST = 0.09, 0.24  # half the width of a thing, in parts of the picture's side
MOST_HIDDEN = 0.12  # of the smaller of two boxes, covered by the other
APART = 75.0  # of a thing's colour from what lies behind it, in 8-bit RGB


@dataclass(frozen=True)
class Thing:
    """`box` is left, top, right, bottom in pixels, of what is to be seen of it; `near` is 0 (far) to 1 (near)."""

    kind: str
    colour: str
    box: tuple[float, float, float, float]
    near: float

    @property
    def name(self) -> str:
        return f"{self.colour} {self.kind}"

    @property
    def centre(self) -> tuple[float, float]:
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2

    @property
    def area(self) -> float:
        return (self.box[2] - self.box[0]) * (self.box[3] - self.box[1])


@dataclass(frozen=True)
class Scene:
    """A picture and its truth.

    pixels: (side, side, 3) 8 bit; owner: (side, side), the place in `things` of what is seen there, -1 for the background;
    depth: (side, side), 0 far to 1 near. `things` stand in the order of painting: far ones first.
    """

    pixels: np.ndarray
    things: list[Thing]
    owner: np.ndarray
    depth: np.ndarray

    def mask(self, at: int) -> np.ndarray:
        """Where thing `at` is seen: (side, side), true or false."""
        return self.owner == at

    def image(self) -> Image.Image:
        return Image.fromarray(self.pixels)


@dataclass(frozen=True)
class _Place:
    kind: str
    x: float
    y: float
    half: float
    wide: float
    turn: float
    mirrored: bool

    def reach(self) -> tuple[float, float]:
        """Half the width and height of its box, roughly."""
        return self.half * self.wide, self.half / self.wide

    def put(self, points: np.ndarray) -> np.ndarray:
        """Points of a figure where they lie in the picture, its side being 1."""
        points = points * (-1 if self.mirrored else 1, 1)
        sin, cos = math.sin(self.turn), math.cos(self.turn)
        points = points @ np.array([[cos, sin], [-sin, cos]])
        return points * self.reach() + (self.x, self.y)


def _place(rng: np.random.Generator, kind: str, most: int) -> _Place:
    largest = LARGEST if most <= 4 else LARGEST * 0.85
    half = SMALLEST + (largest - SMALLEST) * rng.random() ** 1.3
    wide = math.exp(rng.uniform(-0.12, 0.12))
    margin = half * max(wide, 1 / wide) * 1.02
    x, y = rng.uniform(margin, 1 - margin, 2)
    turn = math.radians(TURNED.get(kind, TURN)) * rng.uniform(-1, 1)
    return _Place(kind, x, y, half, wide, turn, bool(rng.random() < 0.5))


def _hidden(one: _Place, other: _Place) -> float:
    """The part of the smaller box that the two share."""
    (w, h), (v, k) = one.reach(), other.reach()
    across = min(one.x + w, other.x + v) - max(one.x - w, other.x - v)
    down = min(one.y + h, other.y + k) - max(one.y - h, other.y - k)
    return max(0.0, across) * max(0.0, down) / (4 * min(w * h, v * k))


def _places(rng: np.random.Generator, kinds: list[str]) -> list[_Place]:
    """Places for as many of `kinds` as find room, far (small) ones first."""
    found: list[_Place] = []
    for kind in kinds:
        for _ in range(30):
            place = _place(rng, kind, len(kinds))
            if all(_hidden(place, other) <= MOST_HIDDEN for other in found):
                found.append(place)
                break
    return sorted(found, key=lambda place: place.half)


def _background(rng: np.random.Generator, side: int) -> np.ndarray:
    """A plain, a gradient or a mild noise of pale colour: (side, side, 3), 0 to 255."""
    first = rng.uniform(120, 245) + rng.uniform(-22, 22, 3)
    second = first + (rng.uniform(-45, 45) + rng.uniform(-15, 15, 3)) * (rng.random() < 0.6)
    turn = rng.uniform(0, 2 * math.pi)
    line = np.linspace(-0.5, 0.5, side, dtype=np.float32)
    way = np.clip(0.5 + math.cos(turn) * line[None, :] + math.sin(turn) * line[:, None], 0, 1)[..., None]
    ground = first.astype(np.float32) * (1 - way) + second.astype(np.float32) * way
    if rng.random() < 0.5:
        ground += rng.standard_normal((side, side, 1), dtype=np.float32) * np.float32(rng.uniform(1, 7))
    return np.clip(ground, 0, 255)


def _colour(rng: np.random.Generator, behind: np.ndarray) -> tuple[str, np.ndarray]:
    """A colour that stands out from `behind`, and a shade of it."""
    fits = [name for name, value in COLOURS.items() if np.abs(np.array(value) - behind).max() >= APART]
    name = fits[rng.integers(len(fits))]
    return name, np.clip(np.array(COLOURS[name]) + rng.uniform(-14, 14) + rng.uniform(-8, 8, 3), 0, 255)


def _near(half: float) -> float:
    return 0.25 + 0.75 * (half - SMALLEST) / (LARGEST - SMALLEST)


def _box_of(seen: np.ndarray) -> tuple[float, float, float, float]:
    """The box of what is true in a fine mask, in pixels of the picture."""
    across, down = np.flatnonzero(seen.any(axis=0)), np.flatnonzero(seen.any(axis=1))
    return float(across[0] / FINE), float(down[0] / FINE), float((across[-1] + 1) / FINE), float((down[-1] + 1) / FINE)


def scene(seed: int, side: int = 128, fewest: int = 1, most: int = 6, kinds: tuple[str, ...] = KINDS) -> Scene:
    """The picture of `seed`, with `fewest` to `most` things of `kinds`: the same at every call."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(fewest, most + 1))
    chosen = [kinds[at] for at in rng.integers(len(kinds), size=count)]
    if count > 1 and rng.random() < 0.3:
        chosen[1] = chosen[0]
    ground = _background(rng, side)
    canvas = Image.fromarray(ground.astype(np.uint8)).resize((side * FINE, side * FINE), Image.Resampling.NEAREST)
    owners = Image.new("L", canvas.size)
    paint, mark = ImageDraw.Draw(canvas), ImageDraw.Draw(owners)
    painted = []
    for place in _places(rng, chosen):
        name, main = _colour(rng, ground[int(place.y * side), int(place.x * side)])
        painted.append((place, name))
        for points, part in FIGURES[place.kind]():
            outline = (place.put(points) * (side * FINE)).ravel().tolist()
            paint.polygon(outline, fill=tone(part, main))
            mark.polygon(outline, fill=len(painted))
    fine = np.asarray(owners)
    things = [Thing(place.kind, name, _box_of(fine == at), _near(place.half)) for at, (place, name) in enumerate(painted, 1)]
    owner = fine[FINE // 2 :: FINE, FINE // 2 :: FINE].astype(np.int8) - 1
    floor = np.broadcast_to(np.linspace(0.0, 0.2, side, dtype=np.float32)[:, None], (side, side))
    depth = np.where(owner < 0, floor, np.array([*(thing.near for thing in things), 0.0], dtype=np.float32)[owner])
    return Scene(np.asarray(canvas.reduce(FINE)), things, owner, depth)


def main() -> None:
    from recipes.shapes import words

    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--to", type=Path, required=True)
    args = read.parse_args()
    side, across, down = 128, 8, 5
    sheet = Image.new("RGB", (side * across, side * down))
    for at in range(across * down):
        made = scene(HELD_OUT + at, side)
        sheet.paste(made.image(), (at % across * side, at // across * side))
        if at < 6:
            rng = np.random.default_rng(at)
            print(words.caption(rng, made.things), *words.questions(rng, made.things)[:4], sep="\n  ")
    sheet.save(args.to)


if __name__ == "__main__":
    main()
