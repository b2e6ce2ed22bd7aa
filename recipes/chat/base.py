"""What a family hands back, the split, and the small helpers that families share."""

import random
import re
import zlib
from dataclasses import dataclass

HELD_OUT_ONE_IN = 10
TAUGHT = ""  # the key of what is learnt by heart: always taught, never held out


@dataclass(frozen=True)
class Exchange:
    """One piece of conversation.

    `key` is what the split looks at: the same key never occurs in both halves.
    `short` is the answer in one word, where there is one. `later` is a question for further down the same
    conversation. `topic` is set where two such pieces in one conversation would contradict each other.
    `plain` says that the answer may be restyled (capitals, one word) without becoming wrong.
    """

    user: str
    answer: str
    key: str
    short: str = ""
    later: tuple[str, str] | None = None
    topic: str = ""
    system: str = ""
    plain: bool = False


def is_held_out(key: str) -> bool:
    """Whether `key` belongs to the held-out half: a fixed one in ten, whatever the seed."""
    return key != TAUGHT and zlib.crc32(key.encode()) % HELD_OUT_ONE_IN == 0


def letters(text: str) -> str:
    """`text` without case, punctuation and repeated spaces: what two spellings of one question share."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text.lower()).split())


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def a(noun: str) -> str:
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def fill(rng: random.Random, templates: list[str], **slots: object) -> str:
    return rng.choice(templates).format(**slots)


def ask(rng: random.Random, templates: list[str], **slots: object) -> str:
    """A question from one of `templates`, sometimes with words of politeness around it."""
    core = fill(rng, templates, **slots)
    before = rng.choice([""] * 8 + ["please tell me, ", "can you tell me, ", "hey, ", "I have a question: ", "tell me, ", "ok, ", "so "])
    mark = "?" if re.match(r"(what|which|who|how|is|are|can|do|does|where|when|at|in)\b", core.lower()) else "."
    after = rng.choice([""] * 10 + [" please", " thanks"])
    return sentence(before + core + after) + (mark if core[-1].isalnum() else "")


def untidy(rng: random.Random, text: str) -> str:
    """`text` as people type it: sometimes all small letters or without its last mark."""
    if rng.random() < 0.35:
        text = text.lower()
    elif rng.random() < 0.03:
        text = text.upper()
    if rng.random() < 0.35 and text[-1] in ".?!":
        text = text[:-1]
    return text


def slip(rng: random.Random, text: str) -> str:
    """`text`, now and then with two letters swapped or one lost."""
    if rng.random() > 0.08 or len(text) < 13:
        return text
    at = rng.randrange(4, len(text) - 2)
    if not (text[at].isalpha() and text[at + 1].isalpha()):
        return text
    return text[:at] + rng.choice(["", text[at + 1] + text[at]]) + text[at + 2 :] if rng.random() < 0.5 else text[:at] + text[at + 1 :]


def invented_word(rng: random.Random) -> str:
    """A word that means nothing, so that letters must be read and not remembered."""
    onset, nucleus = "b c d f g h j k l m n p r s t v w z br ch cl dr fl gr pl sh sl st th tr".split(), "a e i o u ai ea oo".split()
    return "".join(rng.choice(onset) + rng.choice(nucleus) for _ in range(rng.randint(1, 2))) + rng.choice(["", "n", "t", "k", "l", "m", "r", "x", "p"])
