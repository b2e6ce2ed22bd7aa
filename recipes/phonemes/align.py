"""Which phones each letter of a word makes: none to three, in the likeliest way (Viterbi, learned by a few rounds of counting)."""

import math
from collections import Counter

MOST = 3  # phones of a letter
ROUNDS, SAMPLED = 4, 40_000
VOWELS = "aeiouy"
SOUNDS_OF_VOWELS = set("aeiouæɐɑɔəɚɛɜɪʊʌᵻ")
NEVER = 16.0  # costs what was not counted: it is not done


def bare(phone: str) -> str:
    return phone.lstrip("ˈˌ")


def _first_cost(letter: str, chunk: tuple[str, ...]) -> float:
    """Before anything is counted: a vowel makes one vowel, a consonant one consonant."""
    if not chunk:
        return 4.0
    alike = sum((letter in VOWELS) == (phone[0] in SOUNDS_OF_VOWELS) for phone in chunk)
    return 1.0 + 3.0 * (len(chunk) - alike) + 4.0 * (len(chunk) - 1)


def path(word: str, phones: list[str], cost) -> list[int] | None:
    """How many phones each letter makes."""
    sounds = [bare(phone) for phone in phones]
    best: dict[int, tuple[float, list[int]]] = {0: (0.0, [])}
    for at, letter in enumerate(word):
        left, after = len(word) - at - 1, {}
        for begin, (sum_, counts) in best.items():
            for count in range(MOST + 1):
                end = begin + count
                if end > len(sounds) or len(sounds) - end > left * MOST:
                    continue
                price = cost(letter, tuple(sounds[begin:end]))
                total = sum_ + price
                if price < NEVER and (end not in after or total < after[end][0]):
                    after[end] = (total, counts, count)
        best = {end: (total, [*counts, count]) for end, (total, counts, count) in after.items()}
    return best[len(sounds)][1] if len(sounds) in best else None


def _counted(pairs: list[tuple[str, list[str]]], cost):
    chunks, letters = Counter(), Counter()
    for word, phones in pairs:
        at = 0
        for letter, count in zip(word, path(word, phones, cost) or [], strict=False):
            chunks[letter, tuple(map(bare, phones[at : at + count]))] += 1
            letters[letter] += 1
            at += count
    costs = {key: -math.log(count / letters[key[0]]) for key, count in chunks.items()}
    return lambda letter, chunk: costs.get((letter, chunk), NEVER)


def aligned(pairs: dict[str, list[str]]) -> dict[str, list[str]]:
    """Of each word that can be aligned, what each letter makes, stress and all."""
    every = sorted(pairs.items())
    sample = every[:: max(1, len(every) // SAMPLED)]
    cost = _first_cost
    for _ in range(ROUNDS):
        cost = _counted(sample, cost)
    found = {}
    for word, phones in every:
        counts = path(word, phones, cost)
        if counts:
            ends = [sum(counts[: at + 1]) for at in range(len(counts))]
            found[word] = ["".join(phones[end - count : end]) for end, count in zip(ends, counts, strict=True)]
    return found
