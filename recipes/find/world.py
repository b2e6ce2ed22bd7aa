"""What is looked for in pictures of shapes, and what of it there is. Run it to read some.

    python -m recipes.find.world
"""

import numpy as np

from recipes.shapes import world
from recipes.shapes.figures import COLOURS
from recipes.shapes.words import counted, many
from recipes.shapes.world import Scene, Thing

SIDE, MOST_THINGS = 96, 4
KINDS = ("circle", "square", "triangle", "star", "heart", "house", "tree", "car")  # of the world's, those that small pictures tell apart
NAMES = (*KINDS, *COLOURS, *(f"{colour} {kind}" for colour in COLOURS for kind in KINDS))
PLACE = {name: at for at, name in enumerate(NAMES)}
ASKED = 8  # labels of a held-out question


def scene(seed: int, side: int = SIDE) -> Scene:
    return world.scene(seed, side, 1, MOST_THINGS, KINDS)


def places(thing: Thing) -> list[int]:
    """Which of `NAMES` are true of a thing: its kind, its colour, both."""
    return [PLACE[thing.kind], PLACE[thing.colour], PLACE[thing.name]]


def phrases(name: str) -> list[str]:
    """The ways to ask for one of `NAMES`; the first is the plainest."""
    if name in COLOURS:
        return [f"{counted(name, 1)} thing", f"{name} thing", f"{name} things", f"something {name}"]
    *before, kind = name.split()
    return [counted(name, 1), name, " ".join([*before, many(kind)]), f"the {name}", f"a photo of {counted(name, 1)}"]


def question(rng: np.random.Generator, things: list[Thing]) -> list[str]:
    """What to look for: different names of one sort, of which no two are true of one thing; some are there."""
    sort = rng.integers(3)
    if sort < 2:
        names, there = (KINDS, [thing.kind for thing in things]) if sort == 0 else (tuple(COLOURS), [thing.colour for thing in things])
        rest = [name for name in names if name not in there]
    else:
        there = [thing.name for thing in things]
        near = [f"{colour} {kind}" for colour in COLOURS for kind in KINDS if any(thing.kind == kind or thing.colour == colour for thing in things)]
        rest = [name for name in near if name not in there]
    asked = list(dict.fromkeys([*there, *(rest[at] for at in rng.permutation(len(rest)))]))[:ASKED]
    return [asked[at] for at in rng.permutation(len(asked))]


def held_out(count: int, first: int = 0) -> list[tuple[Scene, list[str]]]:
    """Pictures that were never trained on, each with the names of what is looked for."""
    scenes = [scene(world.HELD_OUT + first + at) for at in range(count)]
    return [(made, question(np.random.default_rng([first + at, 9]), made.things)) for at, made in enumerate(scenes)]


if __name__ == "__main__":
    for made, asked in held_out(10):
        print([thing.name for thing in made.things], "|", *(phrases(name)[0] for name in asked), sep="\n  ")
