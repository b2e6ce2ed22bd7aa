"""What can be claimed of a picture of shapes: true things and false ones like them. Run it to read some."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from recipes.shapes import world
from recipes.shapes.figures import COLOURS
from recipes.shapes.words import counted, listed
from recipes.shapes.world import Scene, Thing

SIDE, MOST_THINGS = 72, 3
KINDS = ("circle", "square", "triangle", "star", "heart", "house", "tree", "car")  # of the world's, those that small pictures tell apart
OPENINGS = ("", "", "", "a picture of ", "a photo of ")
NAMES = (*(f"{colour} {kind}" for colour in COLOURS for kind in KINDS), *KINDS)
PLACE = {name: at for at, name in enumerate(NAMES)}


@dataclass(frozen=True)
class Claim:
    """That a picture shows so many of each of these: with their colours, or of their kinds in any colours."""

    parts: tuple[tuple[str, int], ...]

    def is_true(self, counts: Counter) -> bool:
        return all(counts[name] == count for name, count in self.parts)

    def text(self) -> str:
        return listed([counted(name, count) for name, count in self.parts])


def scene(seed: int) -> Scene:
    return world.scene(seed, SIDE, 1, MOST_THINGS, KINDS)


def counts(things: list[Thing]) -> Counter:
    """How many there are of each name, and of each kind."""
    return Counter([thing.name for thing in things]) + Counter([thing.kind for thing in things])


def _of(names: list[str]) -> Claim:
    return Claim(tuple(Counter(names).items()))


def whole(things: list[Thing]) -> Claim:
    """Everything with its colour, from left to right."""
    return _of([thing.name for thing in sorted(things, key=lambda thing: thing.centre[0])])


def true(rng: np.random.Generator, things: list[Thing]) -> Claim:
    """Everything, everything but its colour, or some of it."""
    claim, chance = whole(things), rng.random()
    if chance < 0.2:
        return _of([thing.kind for thing in sorted(things, key=lambda thing: thing.centre[0])])
    if chance < 0.5 and len(claim.parts) > 1:
        kept = sorted(rng.permutation(len(claim.parts))[: rng.integers(1, len(claim.parts))])
        return Claim(tuple(claim.parts[at] for at in kept))
    return claim


def _changed(rng: np.random.Generator, parts: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """One colour, kind or number made another, or the colours of two things exchanged."""
    at, parts = int(rng.integers(len(parts))), list(parts)
    (*colour, kind), count = parts[at][0].split(), parts[at][1]
    chance = rng.random()
    if chance < 0.3 and colour and len(parts) > 1:
        other = (at + 1) % len(parts)
        (*its, its_kind), its_count = parts[other][0].split(), parts[other][1]
        parts[at], parts[other] = (" ".join([*its, kind]), count), (" ".join([*colour, its_kind]), its_count)
    elif chance < 0.6 and colour:
        parts[at] = (f"{list(COLOURS)[rng.integers(len(COLOURS))]} {kind}", count)
    elif chance < 0.85:
        parts[at] = (" ".join([*colour, KINDS[rng.integers(len(KINDS))]]), count)
    else:
        parts[at] = (parts[at][0], int(rng.integers(1, 4)))
    return parts


def false(rng: np.random.Generator, claim: Claim, shown: Counter) -> Claim:
    """One or two changes from `claim`, and not true of the picture."""
    while True:
        parts = _changed(rng, list(claim.parts))
        if rng.random() < 0.4:
            parts = _changed(rng, parts)
        made = Claim(tuple(parts))
        if len(dict(parts)) == len(parts) and not made.is_true(shown):
            return made


def held_out(count: int, choices: int) -> list[dict]:
    """Pictures that were never trained on, each with `choices` different labels of which the one at `right` is true."""
    items = []
    for at in range(count):
        seed = world.HELD_OUT + at
        rng, made = np.random.default_rng([seed, 8]), scene(seed)
        claim, shown = whole(made.things), counts(made.things)
        labels = {claim.text(): None}
        while len(labels) < choices:
            labels[false(rng, claim, shown).text()] = None
        order = rng.permutation(choices)
        texts = list(labels)
        items.append({"seed": seed, "labels": [texts[one] for one in order], "right": int(np.flatnonzero(order == 0)[0])})
    return items


if __name__ == "__main__":
    for item in held_out(10, 8):
        print(item["labels"][item["right"]], "|", *item["labels"], sep="\n  ")
