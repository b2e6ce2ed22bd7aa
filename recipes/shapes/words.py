"""What is said of a picture: captions, and questions with their answers."""

from collections import Counter

import numpy as np

from recipes.shapes.figures import COLOURS, KINDS
from recipes.shapes.world import Thing

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")
_MANY = {"cross": "crosses", "fish": "fish"}


def many(kind: str) -> str:
    return _MANY.get(kind, kind + "s")


def counted(name: str, count: int) -> str:
    """"a red circle", "an orange star", "two red circles"."""
    *before, kind = name.split()
    if count == 1:
        return ("an " if name[0] in "aeiou" else "a ") + name
    return " ".join([NUMBERS[count], *before, many(kind)])


def listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def where(one: Thing, other: Thing) -> str | None:
    """How `one` lies to `other`, if that is plain."""
    across, down = one.centre[0] - other.centre[0], one.centre[1] - other.centre[1]
    if abs(across) > 1.5 * abs(down):
        return "to the left of" if across < 0 else "to the right of"
    if abs(down) > 1.5 * abs(across):
        return "above" if down < 0 else "below"
    return None


def caption(rng: np.random.Generator, things: list[Thing]) -> str:
    """Every thing named, equal ones counted, from left to right; of two different things sometimes how they lie."""
    ordered = sorted(things, key=lambda thing: thing.centre[0])
    counts = Counter(thing.name for thing in ordered)
    if len(counts) == len(things) == 2 and rng.random() < 0.5:
        one, other = ordered if rng.random() < 0.5 else ordered[::-1]
        if way := where(one, other):
            return f"{counted(one.name, 1)} {way} {counted(other.name, 1)}"
    return listed([counted(name, count) for name, count in counts.items()])


def questions(rng: np.random.Generator, things: list[Thing], asked: tuple[str, ...] = KINDS) -> list[tuple[str, str]]:
    """Questions that have exactly one right answer, in random order; what is perhaps not there is of the kinds `asked`."""
    kinds, names = Counter(thing.kind for thing in things), Counter(thing.name for thing in things)
    found = [("how many things are there?", NUMBERS[len(things)])]
    for kind in dict.fromkeys([*kinds, asked[rng.integers(len(asked))]]):
        found.append((f"how many {many(kind)} are there?", NUMBERS[kinds[kind]]))
    for kind in dict.fromkeys([next(iter(kinds)), asked[rng.integers(len(asked))]]):
        found.append((f"is there {counted(kind, 1)}?", "yes" if kinds[kind] else "no"))
    for colour in dict.fromkeys([things[0].colour, list(COLOURS)[rng.integers(len(COLOURS))]]):
        name = f"{colour} {things[0].kind}"
        found.append((f"is there {counted(name, 1)}?", "yes" if names[name] else "no"))
    for thing in things:
        if kinds[thing.kind] == 1:
            found.append((f"what colour is the {thing.kind}?", thing.colour))
        if sum(other.colour == thing.colour for other in things) == 1:
            found.append((f"what is {thing.colour}?", thing.kind))
    found += _between(things, names)
    return [found[at] for at in rng.permutation(len(found))]


def _between(things: list[Thing], names: Counter) -> list[tuple[str, str]]:
    """Questions about two things, each the only one of its name."""
    found = []
    alone = [thing for thing in things if names[thing.name] == 1]
    for one, other in zip(alone, alone[1:]):
        if way := where(one, other):
            back = where(other, one)
            found += [(f"is the {one.name} {way} the {other.name}?", "yes"), (f"is the {one.name} {back} the {other.name}?", "no")]
    if len(alone) == len(things) == 2 and (way := where(*things)):
        found.append((f"what is {way} the {things[1].name}?", things[0].name))
    ordered = sorted(things, key=lambda thing: thing.area)
    if len(things) > 1 and ordered[-1].area > 1.3 * ordered[-2].area:
        found.append(("what is the biggest thing?", ordered[-1].name))
    return found
