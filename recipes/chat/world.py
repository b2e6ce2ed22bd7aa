"""Conversations of the closed world: every family with its weight, the two halves, and mixtures of several turns."""

import dataclasses
import random
from collections.abc import Callable, Iterator

from recipes.chat import facts, patterns, reading, skills, talk
from recipes.chat.base import Exchange, is_held_out

Message = dict[str, str]

# Each family: what makes one exchange, and how often it is taught.
FAMILIES: dict[str, tuple[Callable[[random.Random], Exchange], float]] = {
    "small talk": (talk.small_talk, 6), "about itself": (talk.about_itself, 6), "liking": (talk.liking, 1), "story": (talk.story, 1.5),
    "unknown": (talk.unknown, 7), "unclear": (talk.unclear, 0.7), "statement": (talk.statement, 2),
    "capital": (facts.capital, 4), "opposite": (facts.opposite, 3), "word form": (facts.word_form, 3), "nature": (facts.nature, 4),
    "grouping": (facts.grouping, 3), "calendar": (facts.calendar, 3), "trivia": (facts.trivia, 3), "number words": (facts.number_words, 2.5),
    "addition": (skills.addition, 8), "subtraction": (skills.subtraction, 8), "times table": (skills.times_table, 4), "too hard": (skills.too_hard, 1),
    "word problem": (skills.word_problem, 3), "comparing": (skills.comparing, 3), "sorting": (skills.sorting, 4), "counting": (skills.counting, 4),
    "spelling": (skills.spelling, 6), "letter case": (skills.letter_case, 3), "repeating": (skills.repeating, 3),
    "sentiment": (reading.sentiment, 3), "extraction": (reading.extraction, 4), "summary": (reading.summary, 3), "json": (reading.as_json, 4),
    "few-shot": (patterns.few_shot, 4), "lookup": (patterns.lookup, 5), "labels": (patterns.labels, 3),
    "memory": (patterns.memory, 4), "never told": (patterns.never_told, 0.7), "role": (patterns.role, 1), "style": (None, 4),
}
NAMES, WEIGHTS = list(FAMILIES), [weight for _, weight in FAMILIES.values()]


def exchange(rng: random.Random, family: str, held_out: bool) -> Exchange:
    """One exchange of `family` from the wanted half."""
    while True:
        if family == "style":
            made = FAMILIES[rng.choice(["small talk", "about itself", "unknown", "capital", "opposite", "word form", "nature", "grouping", "calendar", "trivia"])][0](rng)
            made = patterns.styled(rng, made)
        else:
            made = FAMILIES[family][0](rng)
        if is_held_out(made.key) == held_out:
            return made


def _system_of(rng: random.Random, made: Exchange) -> str:
    """The system message of a conversation that opens with `made`: its own, or now and then one that changes nothing."""
    if made.system:
        return made.system
    return rng.choice(patterns.NO_EFFECT) if rng.random() < 0.12 else ""


def _turn(user: str, answer: str) -> list[Message]:
    return [{"role": "user", "content": user}, {"role": "assistant", "content": answer}]


def conversation(rng: random.Random, held_out: bool) -> list[Message]:
    """One to twenty-five exchanges, mostly of different families."""
    wanted = rng.choice([1, 1, 1, 2, 2, 3, 3, 4, 5, 6]) if rng.random() < 0.97 else rng.randint(7, 25)
    first = exchange(rng, rng.choices(NAMES, WEIGHTS)[0], held_out)
    system = _system_of(rng, first)
    messages = [{"role": "system", "content": system}] if system else []
    pending, topics, made = [], set(), first
    while True:
        messages += _turn(made.user, made.answer)
        topics.add(made.topic)
        if made.later:
            pending.append(made.later)
        wanted -= 1
        if pending and (wanted <= len(pending) or rng.random() < 0.3):
            messages += _turn(*pending.pop(0))
            wanted -= 1
        if wanted <= 0 and not pending:
            return messages
        made = _next(rng, first, topics, held_out)


def _next(rng: random.Random, first: Exchange, topics: set[str], held_out: bool) -> Exchange:
    """An exchange that may follow: under the same rule if the system gave one, and contradicting nothing said before."""
    ruled = bool(first.system) and first.topic != "role"
    while True:
        if ruled:
            made = exchange(rng, "style", held_out)
            if made.system and _same_rule(made.system, first.system):
                return made
        else:
            made = exchange(rng, rng.choices(NAMES, WEIGHTS)[0], held_out)
            if not made.system and (not made.topic or made.topic == "asked" or made.topic not in topics) and not (first.topic == "role" and made.answer.startswith("My name")):
                return made


def _same_rule(one: str, other: str) -> bool:
    def kind(rule: str) -> str:
        rule = rule.lower()
        return "word" if "word" in rule else "lower" if "small" in rule or "lower" in rule or "never" in rule else "upper"
    return kind(one) == kind(other)


def conversations(seed: int) -> Iterator[list[Message]]:
    """The endless training stream."""
    rng = random.Random(seed)
    while True:
        yield conversation(rng, held_out=False)


def held_out_items(seed: int, per_family: int) -> list[dict]:
    """`per_family` questions of each family, each with what was said before and the one right answer."""
    rng = random.Random(seed)
    items, seen = [], set()
    for family in NAMES:
        made = 0
        while made < per_family:
            key, item = _item(rng, family)
            if (family, key) not in seen:
                seen.add((family, key))
                items.append(item)
                made += 1
    return items


def _item(rng: random.Random, family: str) -> tuple[str, dict]:
    made = exchange(rng, family, held_out=True)
    system = _system_of(rng, made)
    messages = [{"role": "system", "content": system}] if system else []
    others = []
    if not made.system and (made.later or rng.random() < 0.3):
        others = [_next(rng, dataclasses.replace(made, system=""), {made.topic}, held_out=True) for _ in range(rng.randint(0 if made.later else 1, 2))]
        others = [other for other in others if not other.topic]
    turns = [message for other in others for message in _turn(other.user, other.answer)]
    if made.later:
        messages += _turn(made.user, made.answer) + turns + [{"role": "user", "content": made.later[0]}]
        return made.key, {"family": family, "messages": messages, "answer": made.later[1], "check": "exact"}
    messages += turns + [{"role": "user", "content": made.user}]
    return made.key, {"family": family, "messages": messages, "answer": made.answer, "check": "exact"}


if __name__ == "__main__":
    for number, messages in zip(range(20), conversations(0)):
        print(f"--- {number}")
        for message in messages:
            print(f"{message['role']}: {message['content']}")
