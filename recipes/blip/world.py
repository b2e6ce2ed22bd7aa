"""What is said of a picture of shapes, asked about it, and claimed of it: captions, questions, true and false texts. Run it to read some."""

import numpy as np

from recipes.classify import world as claims
from recipes.classify.world import KINDS, SIDE, scene
from recipes.shapes import words, world
from recipes.shapes.figures import COLOURS, KINDS as ALL_KINDS
from recipes.shapes.world import Thing

OPENINGS = ("", "", "", "a picture of ")
AGAINST = {"to the left of": "to the right of", "to the right of": "to the left of", "above": "below", "below": "above"}
QUESTION_KINDS = {"how many": "how many", "is there": "is it there", "is the": "how two things lie", "what colour": "which colour", "what is the biggest": "which is the biggest", "what is": "what is it"}


def kind_of(question: str) -> str:
    """Of which kind a question is; "what is above the red star?" is of the kind that asks how things lie."""
    if question.startswith("what is") and any(way in question for way in AGAINST):
        return "how two things lie"
    return next(kind for opening, kind in QUESTION_KINDS.items() if question.startswith(opening))


def questions(rng: np.random.Generator, things: list[Thing]) -> list[tuple[str, str]]:
    return words.questions(rng, things, KINDS)


def _lying(rng: np.random.Generator, things: list[Thing]) -> tuple[str, str, str] | None:
    """Two things, each the only one of its name, and how the first lies to the second."""
    names = [thing.name for thing in things]
    alone = [thing for thing in things if names.count(thing.name) == 1]
    if len(alone) < 2:
        return None
    one, other = (alone[at] for at in rng.permutation(len(alone))[:2])
    way = words.where(one, other)
    return way and (one.name, way, other.name)


def _said(one: str, way: str, other: str) -> str:
    return f"{words.counted(one, 1)} {way} {words.counted(other, 1)}"


def pair(rng: np.random.Generator, things: list[Thing]) -> tuple[str, str]:
    """A text that is true of the picture, and one that is false and differs from it by little: the order of its words, a colour, a kind, a number."""
    lies = _lying(rng, things) if rng.random() < 0.45 else None
    if lies:
        one, way, other = lies
        if rng.random() < 0.6:
            return _said(one, way, other), _said(other, way, one) if rng.random() < 0.5 else _said(one, AGAINST[way], other)
        false = claims.false(rng, claims.Claim(((one, 1), (other, 1))), claims.counts(things))
        if len(false.parts) == 2 and all(count == 1 for _, count in false.parts):
            return _said(one, way, other), _said(false.parts[0][0], way, false.parts[1][0])
    true = claims.true(rng, things)
    return true.text(), claims.false(rng, true, claims.counts(things)).text()


def all_words() -> list[str]:
    """Every text that holds a word of this world, of all kinds that there are, so that others can be learnt later."""
    names = [*(f"{colour} {kind}" for colour in COLOURS for kind in ALL_KINDS), *ALL_KINDS]
    numbered = [opening + words.counted(name, count) for opening in OPENINGS for name in names for count in range(1, len(words.NUMBERS))]
    asked = [text for seed in range(400) for made in [world.scene(seed)] for both in words.questions(np.random.default_rng(seed), made.things) for text in both]
    said = [words.caption(np.random.default_rng(seed), world.scene(seed).things) for seed in range(200)]
    return numbered + asked + said + [f"a photo of {words.counted(name, 1)}" for name in names]


def held_out(count: int) -> list[dict]:
    """Pictures that were never trained on, with up to four questions each and a pair of texts of which the first is true."""
    items = []
    for at in range(count):
        seed = world.HELD_OUT + at
        rng, things = np.random.default_rng([seed, 9]), scene(seed).things
        items.append({"seed": seed, "questions": questions(rng, things)[:4], "texts": pair(rng, things)})
    return items


if __name__ == "__main__":
    for item in held_out(10):
        print(words.caption(np.random.default_rng(0), scene(item["seed"]).things), *item["questions"], *item["texts"], sep="\n  ")
