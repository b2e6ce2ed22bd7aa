"""The things of the world, each as polygons in a square from -1 to 1, y downwards."""

import math
from collections.abc import Callable

import numpy as np

Part = tuple[np.ndarray, str]  # points (n, 2), and the tone it is painted in: main, dark, light, wood or rubber


def _points(*pairs: tuple[float, float]) -> np.ndarray:
    return np.array(pairs, dtype=np.float32)


def _box(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return _points((left, top), (right, top), (right, bottom), (left, bottom))


def _arc(x: float, y: float, width: float, height: float, start: float = 0.0, end: float = 1.0, count: int = 36) -> np.ndarray:
    """Points of an ellipse from `start` to `end` of a turn; its two radii are `width` and `height`."""
    turn = 2 * math.pi * np.linspace(start, end, count, dtype=np.float32)
    return np.stack([x + width * np.cos(turn), y + height * np.sin(turn)], axis=1)


def _star() -> np.ndarray:
    turn = np.arange(10) * math.pi / 5 - math.pi / 2
    radius = np.where(np.arange(10) % 2 == 0, 1.0, 0.42)
    return np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1).astype(np.float32)


def _heart() -> np.ndarray:
    turn = np.linspace(0, 2 * math.pi, 40, dtype=np.float32)
    x, y = 16 * np.sin(turn) ** 3, -(13 * np.cos(turn) - 5 * np.cos(2 * turn) - 2 * np.cos(3 * turn) - np.cos(4 * turn))
    return np.stack([x / 16, (y - 2.5) / 14.5], axis=1)


def _ring(x: float, y: float, outer: float, inner: float) -> np.ndarray:
    """One polygon with a hole: out along a seam and back."""
    return np.concatenate([_arc(x, y, outer, outer), _arc(x, y, inner, inner)[::-1]])


def _house() -> list[Part]:
    return [(_box(-0.75, -0.15, 0.75, 1), "main"), (_points((-1, -0.15), (0, -1), (1, -0.15)), "dark"), (_box(-0.2, 0.4, 0.2, 1), "light"), (_box(0.35, 0.1, 0.6, 0.4), "light")]


def _tree() -> list[Part]:
    return [(_box(-0.18, 0.2, 0.18, 1), "wood"), (_arc(0, -0.55, 0.5, 0.45), "main"), (_arc(-0.4, -0.1, 0.5, 0.42), "main"), (_arc(0.4, -0.1, 0.5, 0.42), "main")]


def _car() -> list[Part]:
    return [(_points((-0.65, 0), (-0.4, -0.55), (0.35, -0.55), (0.65, 0)), "main"), (_box(-1, -0.05, 1, 0.42), "main"), (_points((-0.45, -0.08), (-0.3, -0.42), (-0.05, -0.42), (-0.05, -0.08)), "light"),
            (_points((0.05, -0.08), (0.05, -0.42), (0.27, -0.42), (0.45, -0.08)), "light"), (_arc(-0.5, 0.42, 0.26, 0.26), "rubber"), (_arc(0.5, 0.42, 0.26, 0.26), "rubber")]


def _cup() -> list[Part]:
    return [(_ring(0.55, 0.05, 0.45, 0.27), "main"), (_points((-0.9, -0.65), (0.6, -0.65), (0.42, 0.85), (-0.72, 0.85)), "main"), (_arc(-0.15, -0.65, 0.75, 0.2), "light")]


def _fish() -> list[Part]:
    return [(_points((0.35, 0), (1, -0.5), (1, 0.5)), "dark"), (_arc(-0.2, 0, 0.8, 0.5), "main"), (_arc(-0.6, -0.12, 0.12, 0.12), "light")]


def _ball() -> list[Part]:
    sectors = [np.concatenate([_points((0, 0)), _arc(0, 0, 1, 1, at / 6, (at + 1) / 6, 8)]) for at in (0, 2, 4)]
    return [(_arc(0, 0, 1, 1), "main"), *((sector, "light") for sector in sectors)]


def _plain(points: np.ndarray) -> Callable[[], list[Part]]:
    return lambda: [(points, "main")]


FIGURES: dict[str, Callable[[], list[Part]]] = {
    "circle": _plain(_arc(0, 0, 1, 1)),
    "square": _plain(_box(-0.88, -0.88, 0.88, 0.88)),
    "triangle": _plain(_points((0, -1), (1, 0.85), (-1, 0.85))),
    "star": _plain(_star()),
    "ring": _plain(_ring(0, 0, 1, 0.55)),
    "cross": _plain(_points((-0.33, -1), (0.33, -1), (0.33, -0.33), (1, -0.33), (1, 0.33), (0.33, 0.33), (0.33, 1), (-0.33, 1), (-0.33, 0.33), (-1, 0.33), (-1, -0.33), (-0.33, -0.33))),
    "heart": _plain(_heart()),
    "arrow": _plain(_points((1, 0), (0.2, -0.75), (0.2, -0.3), (-1, -0.3), (-1, 0.3), (0.2, 0.3), (0.2, 0.75))),
    "house": _house, "tree": _tree, "car": _car, "cup": _cup, "fish": _fish, "ball": _ball,
}
KINDS = tuple(FIGURES)
TURNED = {"arrow": 180.0, "ball": 180.0, "cross": 25.0, "triangle": 25.0, "star": 25.0, "square": 15.0, "heart": 20.0}  # degrees either way; others TURN
TURN = 8.0

COLOURS = {
    "red": (214, 38, 38), "orange": (240, 140, 25), "yellow": (240, 215, 40), "green": (45, 155, 60), "blue": (40, 85, 210),
    "purple": (130, 55, 170), "pink": (240, 130, 185), "brown": (125, 75, 40), "black": (28, 28, 32), "white": (250, 250, 250),
}
_WOOD, _RUBBER = (105, 70, 40), (45, 45, 50)


def tone(name: str, main: np.ndarray) -> tuple[int, int, int]:
    """The colour of a part of a thing whose main colour is `main`."""
    bright = float(main @ (0.3, 0.59, 0.11))
    if name == "main":
        colour = main
    elif name == "dark":
        colour = main * 0.65 if bright > 60 else main + 45
    elif name == "light":
        colour = main * 0.35 + 255 * 0.65 if bright < 200 else main * 0.72
    elif name == "wood":
        colour = np.array(_WOOD)
    else:
        colour = np.array(_RUBBER) if bright > 60 else np.array(_RUBBER) + 75
    return tuple(int(value) for value in np.clip(colour, 0, 255))
