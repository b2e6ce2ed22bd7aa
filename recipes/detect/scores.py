"""How well found boxes agree with the true ones. A box is left, top, right, bottom in pixels."""

import numpy as np

from recipes.shapes.world import Thing

Found = tuple[str, float, tuple[float, float, float, float]]  # kind, score, box
ENOUGH = 0.5


def overlap(one: tuple, other: tuple) -> float:
    """Intersection over union."""
    across, down = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    both = max(0.0, across) * max(0.0, down)
    return both / ((one[2] - one[0]) * (one[3] - one[1]) + (other[2] - other[0]) * (other[3] - other[1]) - both)


def hits(found: list[Found], things: list[Thing]) -> list[bool]:
    """For each found box, best score first, whether it is the first on a thing of its kind."""
    free, marks = list(things), []
    for kind, _, box in sorted(found, key=lambda one: -one[1]):
        fits = [thing for thing in free if thing.kind == kind and overlap(box, thing.box) >= ENOUGH]
        best = max(fits, key=lambda thing: overlap(box, thing.box), default=None)
        marks.append(best is not None)
        if best is not None:
            free.remove(best)
    return marks


def exact(found: list[Found], things: list[Thing], threshold: float) -> bool:
    """Whether what scores above `threshold` is every thing, once, and nothing else."""
    kept = [one for one in found if one[1] > threshold]
    return len(kept) == len(things) and all(hits(kept, things))


def average_precision(kind: str, found: list[list[Found]], truth: list[list[Thing]]) -> float:
    """The area under precision by recall for one kind over all pictures, each precision raised to the best at higher recall."""
    total = sum(thing.kind == kind for things in truth for thing in things)
    marked = []
    for answers, things in zip(found, truth):
        mine = sorted((one for one in answers if one[0] == kind), key=lambda one: -one[1])
        marked += [(one[1], hit) for one, hit in zip(mine, hits(mine, things))]
    marked.sort(key=lambda pair: -pair[0])
    right = np.cumsum([hit for _, hit in marked])
    precision = right / np.arange(1, len(marked) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(sum(best[at] for at, (_, hit) in enumerate(marked) if hit) / total)


def figures(found: list[list[Found]], truth: list[list[Thing]], threshold: float) -> dict[str, float]:
    kinds = sorted({thing.kind for things in truth for thing in things})
    return {"map50": float(np.mean([average_precision(kind, found, truth) for kind in kinds])),
            "exact": float(np.mean([exact(answers, things, threshold) for answers, things in zip(found, truth)]))}
