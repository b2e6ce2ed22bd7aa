"""Learns how words are said: affixes, trees, and what they get wrong.

    python -m recipes.phonemes.learn --out target/wick-phonemes
"""

import argparse
import pickle
import random
import time
from collections import Counter, defaultdict
from pathlib import Path

from recipes.phonemes import affixes, align, asked, context, spelled, trees, words

CROSSED, SEED = 800_000, 5  # words made of the beginning of one and the end of another, which share three letters
SHARED, LONGEST = 3, 16
WORTH, WORTH_CROSSED = {2_000: 8.0, 20_000: 4.0}, 0.4  # of common words, of others 1
LEAST = 1.0  # wrong that is worth a question while a tree grows


def worth(word: str, rank: dict[str, int]) -> float:
    return next((worth for below, worth in WORTH.items() if rank.get(word, below) < below), 1.0)


class Oracle:
    """What espeak-ng says of a word that is not held out."""

    def __init__(self, rank: dict[str, int]):
        self.rank, self.known = rank, {}

    def __call__(self, word: str) -> str | None:
        if words.held_out(word, self.rank):
            return None
        if word not in self.known:
            said = asked.clause(word)
            self.known[word] = said if words.is_word(said) else None
        return self.known[word]


def crossed(bases: list[str], count: int) -> list[str]:
    rng, ends = random.Random(SEED), defaultdict(list)
    long = [word for word in bases if len(word) > SHARED + 1]
    for word in long:
        for at in range(1, len(word) - SHARED):
            ends[word[at : at + SHARED]].append((word, at))
    found: set[str] = set()
    while len(found) < count:
        word = rng.choice(long)
        at = rng.randrange(1, len(word) - SHARED)
        other, begin = rng.choice(ends[word[at : at + SHARED]])
        new = word[:at] + other[begin:]
        if len(new) <= LONGEST and new not in (word, other):
            found.add(new)
    return sorted(found)


def learned(out: Path) -> None:
    began = time.time()

    def tell(what: str) -> None:
        print(f"{time.time() - began:6.0f} s  {what}", flush=True)

    said, rank = words.answers()
    ask = Oracle(rank)
    alphabet = spelled.alphabet()
    train = {word: sound for word, sound in said.items() if not words.held_out(word, rank) and sound != spelled.spell(word, alphabet)}
    weights = {word: worth(word, rank) for word in train}
    parts = affixes.Affixes()
    parts.learn(train, weights, ask, LEAST)
    tell(f"{len(train)} words, {len(parts.joins)} ways to join")
    bases = Counter()
    for word in train:
        bases[parts.split(word)[0]] += weights[word]
    sounds = {word: ask(word) for word in bases}
    new = [word for word in crossed(sorted(bases), CROSSED) if word not in bases and not parts.split(word)[1]]
    sounds |= {word: ask(word) for word in new}
    aligned = align.aligned({word: words.phones(sound) for word, sound in sounds.items() if sound})
    tell(f"{len(bases)} bases and {len(new)} crossed, {len(aligned)} aligned")
    counts = Counter(chunk for made in aligned.values() for chunk in made if chunk)
    chunks = ["", *sorted(counts, key=lambda chunk: (-counts[chunk], chunk))]
    numbers = {chunk: number for number, chunk in enumerate(chunks)}
    tables = trees.table(aligned, {word: max(1.0, bases[word]) if word in bases else WORTH_CROSSED for word in aligned}, numbers)
    tell("asked")
    out.mkdir(parents=True, exist_ok=True)
    forest = {code: trees.grow(*table, LEAST) for code, table in tables.items()}
    tell("grown")
    (out / "learned.pickle").write_bytes(pickle.dumps((said, rank, parts, chunks, forest)))


def beside(out: Path) -> None:
    """Words that are spelled, and words that change beside others."""
    began = time.time()
    said, rank = words.answers()
    alphabet = spelled.alphabet()
    known = {word: sound for word, sound in said.items() if not words.held_out(word, rank)}
    tree = spelled.learned(known, {word: worth(word, rank) for word in known}, alphabet)
    names, ways = context.learned(rank, lambda what: print(f"{time.time() - began:6.0f} s  {what}", flush=True))
    (out / "context.pickle").write_bytes(pickle.dumps((tree, alphabet, names, ways)))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--beside-only", action="store_true", help="words have been learned")
    arguments = parser.parse_args()
    if not arguments.beside_only:
        learned(arguments.out)
    beside(arguments.out)


if __name__ == "__main__":
    main()
