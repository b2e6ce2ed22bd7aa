"""How alike an answer is to the wanted one."""

import re
from collections import Counter


def _grams(text: str, length: int) -> Counter:
    letters = "".join(text.split())
    return Counter(letters[at : at + length] for at in range(len(letters) - length + 1))


def chrf(pairs: list[tuple[str, str]], longest: int = 6, beta: float = 2.0) -> float:
    """chrF of said and wanted texts together, 0 to 100: the mean over lengths 1 to `longest` of the F score of their character n-grams, spaces left out."""
    scores = []
    for length in range(1, longest + 1):
        both = said_count = wanted_count = 0
        for said, wanted in pairs:
            one, other = _grams(said, length), _grams(wanted, length)
            both, said_count, wanted_count = both + (one & other).total(), said_count + one.total(), wanted_count + other.total()
        precision, recall = both / max(said_count, 1), both / max(wanted_count, 1)
        total = beta**2 * precision + recall
        scores.append((1 + beta**2) * precision * recall / total if total else 0.0)
    return 100 * sum(scores) / len(scores)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def rouge_l(said: str, wanted: str) -> float:
    """The F score of the longest common subsequence of words, 0 to 1."""
    one, other = words(said), words(wanted)
    row = [0] * (len(other) + 1)
    for mine in one:
        last = row
        row = [0]
        for at, theirs in enumerate(other):
            row.append(last[at] + 1 if mine == theirs else max(last[at + 1], row[at]))
    if not row[-1]:
        return 0.0
    precision, recall = row[-1] / len(one), row[-1] / len(other)
    return 2 * precision * recall / (precision + recall)
