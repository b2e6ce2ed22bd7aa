"""Words that are said letter by letter, and the names of letters."""

import itertools
import random

import numpy as np

from recipes.phonemes import affixes, asked, trees
from recipes.phonemes.context import starts

LETTERS = trees.ALPHABET.replace("'", "")
RANDOM, SEED, PRICE = 15_000, 9, 1.5
LONGEST = 8


def alphabet() -> dict[str, str]:
    """An apostrophe has no name that is said."""
    return {"'": "", **{letter: asked.clause(letter.upper()) for letter in LETTERS}}


def spell(word: str, names: dict[str, str]) -> str:
    """The last letter is stressed, and an r is heard before a vowel."""
    said = ""
    for letter, after in itertools.zip_longest(word, word[1:]):
        name = names[letter]
        said += name if after is None else name.replace("ˈ", "ˌ") + ("ɹ" if name.endswith("ɹ") and starts(names[after]) == 2 else "")
    return said


def learned(known: dict[str, str], worth: dict[str, float], names: dict[str, str]) -> trees.Node:
    """Answers 1 of a word that is spelled."""
    rng = random.Random(SEED)
    made = ["".join(pair) for count in (2, 3) for pair in itertools.product(LETTERS, repeat=count)]
    made += ["".join(rng.choices(LETTERS, k=count)) for count in (4, 5, 6) for _ in range(RANDOM)]
    said = {word: asked.clause(word) for word in made if word not in known} | {word: sound for word, sound in known.items() if 2 <= len(word) <= LONGEST}
    every = sorted(said)
    xs = np.array([affixes.row(word) for word in every], np.uint16)
    ys = np.array([int(said[word] == spell(word, names)) for word in every])
    tree = trees.grow(xs, ys, np.array([worth.get(word, 0.3) for word in every]), 1.0)
    trees.pruned(tree, PRICE)
    return tree
