"""Beginnings and endings that leave the rest of a word as it is said alone: which words have which, learned from words whose rest was asked for as well."""

import os
from collections import Counter, defaultdict
from collections.abc import Callable

import numpy as np

from recipes.phonemes import trees, words
from recipes.phonemes.align import VOWELS

PLAIN, E, DOUBLE, Y = "plain", "e", "double", "y"  # how the rest is written: as it stands, with an e, without its last letter, with y for i
ENDINGS = ["'s", "s", "es", "ed", "ing", "er", "ly", "ness", "less", "ful", "ment", "ish", "ship", "like"]
BEGINNINGS = ["un", "non", "over", "under", "inter", "mis", "anti", "counter", "super", "semi", "micro", "multi"]
LEAST_REST, MOST = 3, 4  # letters of a rest, affixes of a word
ANY = "*"  # how an ending is joined to an end that was not seen often
SEEN = 3  # a way to join has to be seen so often
NONE = 0

# What can be asked of a word as a whole, in the order of its columns; `crates/tasks/src/speak/phonemes/affixes.rs` has the same list.
LAST, FIRST = 8, 8
Op = tuple[str, str]  # an ending and how the rest is written; or a beginning with a hyphen and nothing


def ops() -> list[Op]:
    """Number n of what a tree makes is op n - 1."""
    every = [(ending, how) for ending in ENDINGS for how in (PLAIN, E, DOUBLE, Y) if how != DOUBLE or ending not in ("s", "es", "'s")]
    return every + [(f"{one}-", PLAIN) for one in dict.fromkeys(BEGINNINGS)]


def rest(word: str, op: Op) -> str | None:
    """The rest of a word without an affix, if it can be without."""
    affix, how = op
    if affix.endswith("-"):
        found = word[len(affix) - 1 :] if word.startswith(affix[:-1]) else None
        return found if found and len(found) >= LEAST_REST else None
    if not word.endswith(affix) or len(word) - len(affix) < LEAST_REST - (how == E):
        return None
    stem = word[: -len(affix)]
    if how == E:
        return stem + "e"
    if how == DOUBLE:
        return stem[:-1] if len(stem) > LEAST_REST and stem[-1] == stem[-2] and stem[-1] not in VOWELS else None
    if how == Y:
        return stem[:-1] + "y" if stem[-1] == "i" else None
    return stem


def change(alone: str, whole: str, op: Op) -> tuple[str, str] | None:
    """What of a rest said alone goes, and what comes; of a beginning, what comes before it."""
    if op[0].endswith("-"):
        return ("", whole[: -len(alone)]) if whole.endswith(alone) and whole != alone else None
    shared = len(os.path.commonprefix([alone, whole]))
    gone = alone[shared:]
    return (gone, whole[shared:]) if len(gone) <= 2 and whole != alone else None


def end_of(sound: str) -> str:
    """By what the way to join is chosen: the last phone, and whether a vowel is before it."""
    phones = [phone.lstrip("ˈˌ") for phone in words.phones(sound)][-2:]
    return phones[-1] + ("+" if len(phones) > 1 and trees.has_vowel(phones[0]) else "")


def row(word: str) -> list[int]:
    letters = trees.codes(word)
    last = [letters[-n] if n <= len(letters) else 0 for n in range(1, LAST + 1)]
    first = [letters[n] if n < len(letters) else 0 for n in range(FIRST)]
    starts = sum(trees.kind(one) == 1 and (at == 0 or trees.kind(letters[at - 1]) != 1) for at, one in enumerate(letters))
    return [*last, *first, min(starts, trees.FAR), min(len(letters), 15), *(trees.kind(one) for one in last[:5])]


class Affixes:
    """The ways to join, and the tree that tells which op a word has."""

    def __init__(self) -> None:
        self.ops = ops()
        self.joins: dict[tuple[str, str], tuple[str, str]] = {}
        self.tree = trees.Node(NONE, 0.0)

    def joined(self, alone: str, op: Op) -> str | None:
        """How a word is said whose rest is said like this."""
        beginning = op[0].endswith("-")
        found = self.joins.get((op[0], "" if beginning else end_of(alone))) or self.joins.get((op[0], ANY))
        if found is None:
            return None
        if beginning:
            return found[1] + alone
        return alone.removesuffix(found[0]) + found[1] if alone.endswith(found[0]) else None

    def learn(self, said: dict[str, str], weights: dict[str, float], ask: Callable[[str], str | None], least: float) -> None:
        """`ask` gives nothing for what is held out."""
        found = {word: [(op, alone) for op in self.ops if (stem := rest(word, op)) and (alone := ask(stem))] for word in said}
        counts: dict[tuple[str, str], Counter] = defaultdict(Counter)
        for word, pairs in found.items():
            for op, alone in pairs:
                made = change(alone, said[word], op)
                if made:
                    counts[op[0], "" if op[0].endswith("-") else end_of(alone)][made] += 1
        for ending in ENDINGS:
            every = sum((seen for (affix, _), seen in counts.items() if affix == ending), Counter())
            counts[ending, ANY] = Counter({made: count for made, count in every.items() if not made[0]})
        for key, seen in counts.items():
            if not seen:
                continue
            best, count = max(seen.items(), key=lambda pair: (pair[1], pair[0]))
            if count >= SEEN:
                self.joins[key] = best
        labels = {word: self.label(said[word], pairs) for word, pairs in found.items()}
        kept = sorted(labels)
        xs, ys = np.array([row(word) for word in kept], np.uint16), np.array([labels[word] for word in kept])
        self.tree = trees.grow(xs, ys, np.array([weights[word] for word in kept]), 1.0)
        trees.pruned(self.tree, least)

    def label(self, whole: str, pairs: list[tuple[Op, str]]) -> int:
        for op, alone in pairs:
            if self.joined(alone, op) == whole:
                return self.ops.index(op) + 1
        return NONE

    def split(self, word: str) -> tuple[str, list[Op]]:
        """What is left of a word, and what was taken off, the last first."""
        taken: list[Op] = []
        while len(taken) < MOST:
            number = trees.answer(self.tree, row(word))
            stem = rest(word, self.ops[number - 1]) if number != NONE else None
            if stem is None:
                break
            taken.insert(0, self.ops[number - 1])
            word = stem
        return word, taken

    def whole(self, alone: str, taken: list[Op]) -> str | None:
        sound: str | None = alone
        for op in taken:
            sound = self.joined(sound, op) if sound else None
        return sound
