"""Trees that tell what a letter makes from what stands around it. A word is gone through from its end to its beginning, so a tree also knows what comes after."""

from array import array
from dataclasses import dataclass

import numpy as np

from recipes.phonemes.align import VOWELS

# What can be asked, in the order of its columns; `crates/tasks/src/speak/phonemes/letters.rs` has the same list.
BEFORE, AFTER, LAST = 5, 6, 4
NAMES = ([f"letter -{n}" for n in range(1, BEFORE + 1)] + [f"letter +{n}" for n in range(1, AFTER + 1)] + [f"last {n}" for n in range(1, LAST + 1)]
         + ["left", "right", "vowels left", "vowels right", "made next", "made after", "vowel made next", "stressed", "since stress"]
         + [f"kind {n:+}" for n in (-3, -2, -1, 1, 2, 3)])
FAR = 7  # letters are counted up to this, and vowels
ALPHABET = "'abcdefghijklmnopqrstuvwxyz"
PRIMARY, SECONDARY = "ˈ", "ˌ"


def has_vowel(chunk: str) -> bool:
    return any(sound in "aeiouæɐɑɔəɚɛɜɪʊʌᵻ\u0329" for sound in chunk)


@dataclass
class Made:
    """What the letters after one have made."""

    next: int = 0
    after: int = 0
    vowel: int = 0
    stressed: int = 0
    since: int = 0

    def add(self, chunk: str, number: int) -> None:
        self.next, self.after = number, self.next
        if has_vowel(chunk):
            stress = PRIMARY in chunk or SECONDARY in chunk
            self.vowel, self.since = number, 0 if stress else min(self.since + 1, FAR)
            self.stressed = int(self.stressed or PRIMARY in chunk)


def codes(word: str) -> list[int]:
    return [ALPHABET.index(letter) + 1 for letter in word]


def kind(letter: int) -> int:
    """0 outside the word, 1 a vowel, 2 another letter."""
    return 0 if letter == 0 else 1 if ALPHABET[letter - 1] in VOWELS else 2


def row(word: list[int], at: int, made: Made) -> list[int]:
    """The columns for a letter."""
    def letter(index: int) -> int:
        return word[index] if 0 <= index < len(word) else 0

    near = [letter(at - n) for n in range(1, BEFORE + 1)] + [letter(at + n) for n in range(1, AFTER + 1)]
    last = [letter(len(word) - n) for n in range(1, LAST + 1)]
    starts = [index for index in range(len(word)) if kind(word[index]) == 1 and (index == 0 or kind(word[index - 1]) != 1)]
    left, right = sum(index < at for index in starts), sum(index > at for index in starts)
    counts = [min(at, FAR), min(len(word) - 1 - at, FAR), min(left, FAR), min(right, FAR)]
    return [*near, *last, *counts, made.next, made.after, made.vowel, made.stressed, made.since, *(kind(letter(at + n)) for n in (-3, -2, -1, 1, 2, 3))]


def table(aligned: dict[str, list[str]], weights: dict[str, float], numbers: dict[str, int]) -> dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """For each letter, what can be asked (n, columns), what it makes (n), and what each is worth (n)."""
    rows = {code: (array("H"), array("l"), array("d")) for code in range(1, len(ALPHABET) + 1)}
    for word, chunks in aligned.items():
        letters, made = codes(word), Made()
        for at in reversed(range(len(letters))):
            number = numbers[chunks[at]]
            asked, answers, worth = rows[letters[at]]
            asked.extend(row(letters, at, made))
            answers.append(number)
            worth.append(weights[word])
            made.add(chunks[at], number)
    return {code: (np.array(xs).reshape(-1, len(NAMES)), np.array(ys), np.array(ws)) for code, (xs, ys, ws) in rows.items() if ys}


@dataclass
class Node:
    """A question with two trees, or what is made; in both cases what most make, and how much of the rest is wrong."""

    best: int
    wrong: float
    column: int = -1
    value: int = 0
    yes: "Node | None" = None
    no: "Node | None" = None


def _entropy(counts: np.ndarray) -> np.ndarray:
    """Of each row, times its sum."""
    total = counts.sum(-1)
    return total * np.log(np.maximum(total, 1e-12)) - (counts * np.log(np.maximum(counts, 1e-12))).sum(-1)


def _best_question(xs: np.ndarray, ys: np.ndarray, ws: np.ndarray) -> tuple[float, int, int]:
    classes, ys = np.unique(ys, return_inverse=True)
    k = len(classes)
    whole = np.bincount(ys, ws, k)
    base, best = float(_entropy(whole)), (0.0, -1, 0)
    for column in range(xs.shape[1]):
        one = xs[:, column]
        if one[0] == one[-1] and (one == one[0]).all():
            continue
        values = int(one.max()) + 1
        counts = np.bincount(one * k + ys, ws, values * k).reshape(values, k)
        gains = base - _entropy(counts) - _entropy(np.maximum(whole - counts, 0.0))
        value = int(gains.argmax())
        # A far question has to be worth more than a near one.
        gain = float(gains[value]) * (1.0 - 0.004 * column)
        if gain > best[0] + 1e-9:
            best = (gain, column, value)
    return best


def grow(xs: np.ndarray, ys: np.ndarray, ws: np.ndarray, least: float, depth: int = 0) -> Node:
    counts = np.bincount(ys, ws)
    best = int(counts.argmax())
    node = Node(best, float(counts.sum() - counts[best]))
    if node.wrong < least or depth >= 60:
        return node
    gain, column, value = _best_question(xs, ys, ws)
    if gain <= 0.0:
        return node
    yes = xs[:, column] == value
    node.column, node.value = column, value
    node.yes = grow(xs[yes], ys[yes], ws[yes], least, depth + 1)
    node.no = grow(xs[~yes], ys[~yes], ws[~yes], least, depth + 1)
    return node


def pruned(node: Node, price: float) -> tuple[float, int]:
    """Cuts what gets less right than its questions cost; the wrong that is left, and the questions."""
    if node.yes is None or node.no is None:
        return node.wrong, 0
    (yes, some), (no, more) = pruned(node.yes, price), pruned(node.no, price)
    wrong, questions = yes + no, some + more + 1
    if node.wrong <= wrong + price * questions:
        node.yes = node.no = None
        node.column = -1
        return node.wrong, 0
    return wrong, questions


def answer(node: Node, columns: list[int]) -> int:
    while node.yes is not None and node.no is not None:
        node = node.yes if columns[node.column] == node.value else node.no
    return node.best


def of(word: str, forest: dict[int, Node], chunks: list[str]) -> list[str]:
    """What each letter of a word makes."""
    letters, made, said = codes(word), Made(), []
    for at in reversed(range(len(letters))):
        number = answer(forest[letters[at]], row(letters, at, made))
        said.append(chunks[number])
        made.add(chunks[number], number)
    return said[::-1]
