"""Meanings, the ways to say them, and how alike two of them are: the training and held-out halves. Run it to read some."""

import random
import re
from dataclasses import dataclass, replace

from recipes.chat.base import is_held_out, sentence
from recipes.embed.frames import FRAMES, PEOPLE, WORDS

# How alike two meanings are: something of the same topic, of the same frame, and what the equal slots add to that.
TOPIC, FRAME, SLOTS = 0.15, 0.3, 0.5


@dataclass(frozen=True)
class Meaning:
    """A frame with the number of the meaning chosen for each of its slots."""

    frame: str
    slots: tuple[int, ...]

    @property
    def key(self) -> str:
        return f"{self.frame} {self.slots}"


def choices(slot: str) -> int:
    return len(PEOPLE) if slot == "who" else len(WORDS[slot])


def meaning(rng: random.Random, held_out: bool) -> Meaning:
    while True:
        frame = rng.choice(list(FRAMES))
        made = Meaning(frame, tuple(rng.randrange(choices(slot)) for slot in FRAMES[frame][1]))
        if is_held_out(made.key) == held_out:
            return made


def near(rng: random.Random, one: Meaning, held_out: bool) -> Meaning:
    """`one` with one slot changed, or, where it can be turned round, said with like for dislike and so on."""
    for _ in range(50):
        turned = {"like": "dislike", "dislike": "like", "good": "bad", "bad": "good", "live": "from", "from": "live", "buy": "lose", "lose": "buy"}.get(one.frame)
        if turned and rng.random() < 0.25:
            made = replace(one, frame=turned)
        else:
            at = rng.randrange(len(one.slots))
            slots = list(one.slots)
            slots[at] = rng.randrange(choices(FRAMES[one.frame][1][at]))
            made = replace(one, slots=tuple(slots))
        if made != one and is_held_out(made.key) == held_out:
            return made
    return meaning(rng, held_out)


def alike(one: Meaning, other: Meaning) -> float:
    """1 for the same, 0 for what has nothing in common."""
    if one == other:
        return 1.0
    (topic, slots, _), (other_topic, other_slots, _) = FRAMES[one.frame], FRAMES[other.frame]
    mine, yours = dict(zip(slots, one.slots)), dict(zip(other_slots, other.slots))
    shared = sum(mine[slot] == yours.get(slot) for slot in mine) / max(len(mine), len(yours))
    if one.frame == other.frame:
        return FRAME + SLOTS * shared
    return (TOPIC if topic == other_topic else 0.0) + (0.3 if topic == other_topic else 0.1) * shared


def _article(word: str) -> str:
    return ("an " if word[0] in "aeiou" else "a ") + word


def say(rng: random.Random, what: Meaning, wording: int | None = None) -> str:
    """One of the ways to say it."""
    _, slots, wordings = FRAMES[what.frame]
    text = wordings[wording] if wording is not None else rng.choice(wordings)
    for slot, number in zip(slots, what.slots):
        if slot == "who":
            i, me, my, am, have, s = PEOPLE[number]
            forms = {"I": i, "me": me, "my": my, "am": am, "have": have, "s": s, "ies": "ies" if s else "y"}
            if my in ("his", "her") and "{I}" not in text and i not in ("he", "she"):
                forms["my"] = i + "'s"
        else:
            word = rng.choice(WORDS[slot][number])
            forms = {slot: word, f"a {slot}": _article(word)}
        for name, form in forms.items():
            text = text.replace("{" + name + "}", form)
    text = sentence(re.sub(r"\bto (tomorrow|today)\b", r"\1", " ".join(text.split())))
    return text + ("" if text[-1] in "?" or rng.random() < 0.4 else ".")


def two_ways(rng: random.Random, what: Meaning) -> tuple[str, str]:
    """Two different texts of one meaning."""
    first, second = rng.sample(range(len(FRAMES[what.frame][2])), 2)
    return say(rng, what, first), say(rng, what, second)


def batch(rng: random.Random, size: int) -> list[Meaning]:
    """Different meanings, of which many are near to another one."""
    made: dict[Meaning, None] = {}
    while len(made) < size:
        one = meaning(rng, False)
        made[one] = None
        for _ in range(rng.choice([0, 1, 1, 2])):
            made[near(rng, one, False)] = None
    return list(made)[:size]


def held_out_search(seed: int, count: int) -> list[dict]:
    """`count` different meanings, each with a question and the text that has to be found."""
    rng, seen = random.Random(seed), {}
    while len(seen) < count:
        made = meaning(rng, True)
        seen.setdefault(made, two_ways(rng, made))
    return [{"query": query, "text": text} for query, text in seen.values()]


def held_out_pairs(seed: int, count: int) -> list[dict]:
    """Pairs of texts from the same to the unrelated, and how alike they are."""
    rng, pairs = random.Random(seed), []
    while len(pairs) < count:
        one = meaning(rng, True)
        kind = len(pairs) % 4
        other = one if kind == 0 else near(rng, one, True) if kind in (1, 2) else meaning(rng, True)
        first, second = two_ways(rng, one) if other == one else (say(rng, one), say(rng, other))
        pairs.append({"one": first, "other": second, "alike": round(alike(one, other), 4)})
    return pairs


if __name__ == "__main__":
    generator = random.Random(0)
    for _ in range(40):
        drawn = meaning(generator, False)
        print(" | ".join(two_ways(generator, drawn)), "   near:", say(generator, near(generator, drawn, False)))
