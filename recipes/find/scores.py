"""How well what was found agrees with what was looked for."""

import numpy as np

from recipes.detect import scores
from recipes.detect.scores import Found
from recipes.shapes.world import Thing


def wanted(things: list[Thing], asked: list[str]) -> list[Thing]:
    """The things that one of the names asked for is true of, each under that name."""
    return [Thing(name, thing.colour, thing.box, thing.near) for thing in things for name in asked if name in (thing.kind, thing.colour, thing.name)]


def f1(found: list[list[Found]], truth: list[list[Thing]], threshold: float) -> float:
    """The harmonic mean of precision and recall of what scores above `threshold`, over all pictures."""
    hits = kept = 0
    for answers, things in zip(found, truth):
        sure = [one for one in answers if one[1] > threshold]
        kept += len(sure)
        hits += sum(scores.hits(sure, things))
    return 2 * hits / max(1, kept + sum(map(len, truth)))


def figures(found: list[list[Found]], truth: list[list[Thing]], threshold: float) -> dict[str, float]:
    names = sorted({thing.kind for things in truth for thing in things})
    return {"map50": float(np.mean([scores.average_precision(name, found, truth) for name in names])), "f1": f1(found, truth, threshold),
            "exact": float(np.mean([scores.exact(answers, things, threshold) for answers, things in zip(found, truth)]))}
