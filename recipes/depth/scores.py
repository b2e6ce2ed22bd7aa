"""How well told depth agrees with the true one."""

import itertools

import numpy as np

from recipes.shapes.world import Scene

CLOSE, APART, SEEN = 1.25, 0.05, 12  # the ratio of a depth told well; of two things' `near`, so that one is nearer; pixels of a thing that counts


def aligned(said: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """`said` by the scale and the shift that bring it closest to `truth` (least squares): (side, side)."""
    scale, shift = np.linalg.lstsq(np.stack([said.ravel(), np.ones(said.size)], axis=1), truth.ravel(), rcond=None)[0]
    return said * scale + shift


def pairs(said: np.ndarray, scene: Scene) -> tuple[int, int]:
    """Of the pairs of things of which one is nearer: in how many the median of what is told says so, and how many there are."""
    shown = [(thing.near, float(np.median(said[scene.mask(at)]))) for at, thing in enumerate(scene.things) if scene.mask(at).sum() >= SEEN]
    asked = [(one, other) for one, other in itertools.combinations(shown, 2) if abs(one[0] - other[0]) >= APART]
    return sum((one[0] > other[0]) == (one[1] > other[1]) and one[1] != other[1] for one, other in asked), len(asked)


def figures(said: list[np.ndarray], scenes: list[Scene]) -> dict[str, float]:
    """off: mean distance from the truth, whose range is 0 to 1, after alignment; absrel and delta: of the pixels that show a thing, the mean relative distance and the share within `CLOSE`; nearer: of `pairs`."""
    off, relative, close, right, of = [], [], [], 0, 0
    for one, scene in zip(said, scenes):
        fitted = aligned(one, scene.depth)
        off.append(np.abs(fitted - scene.depth).mean())
        there = scene.owner >= 0
        told, truth = np.maximum(fitted[there], 1e-3), scene.depth[there]
        relative.append(np.abs(told - truth) / truth)
        close.append(np.maximum(told / truth, truth / told) < CLOSE)
        right, of = right + pairs(one, scene)[0], of + pairs(one, scene)[1]
    return {"off": float(np.mean(off)), "absrel": float(np.concatenate(relative).mean()), "delta": float(np.concatenate(close).mean()), "nearer": right / of}
