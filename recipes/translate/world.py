"""The sentences: what may be said of what, the training and held-out halves, and pairs of languages. Run it to read sixty."""

import random
import re
from collections.abc import Iterator
from dataclasses import replace

from recipes.chat.base import is_held_out, letters
from recipes.translate import english, french, german, phrases, spanish
from recipes.translate.meaning import CODES, HE, I, WE, Clause, Thing
from recipes.translate.words import (ADJECTIVES, ANIMAL_DOING, ANIMALS, CITIES, COLOURS, COMPARED, COUNTRIES, CREATURE, DISHES, DOING, DRINKS, FAMILY, FOODS,
                                     LANGUAGES, LOOKS, NAMES, OBJECTS, PEOPLE, PLACES, STATES, TASTES, THINGS, TIMES, VERBS)

Four = phrases.Four
SAYS = phrases.SAYS
ORDERED = DRINKS[2:]  # a coffee: a cup or a glass of it
SEVERAL = [noun for noun in FAMILY if noun.english[0] in ("sister", "brother", "aunt", "uncle", "friend", "neighbour")]


def somebody(rng: random.Random) -> Thing:
    kind = rng.random()
    if kind < 0.5:
        return Thing("pronoun", person=rng.randrange(5)) if rng.random() < 0.8 else Thing("pronoun", person=HE, gender="f")
    if kind < 0.65:
        name, sex = rng.choice(NAMES)
        return Thing("name", name=name, gender=sex)
    if kind < 0.9:
        relative = rng.choice(FAMILY)
        adjective = ADJECTIVES[rng.choice(["old", "young", "big", "small"])] if rng.random() < 0.15 else None
        return Thing(rng.choice(["my", "your", "our"]), relative, many=relative in SEVERAL and rng.random() < 0.25, adjective=adjective)
    return Thing("the", rng.choice(PEOPLE), many=rng.random() < 0.25)


def animal(rng: random.Random) -> Thing:
    return Thing(rng.choice(["the", "the", "my", "our"]), rng.choice(ANIMALS), many=rng.random() < 0.3)


def coloured(rng: random.Random, what: Thing) -> Thing:
    """`what`, sometimes with a word for its colour or look."""
    if rng.random() > 0.3 or what.noun.english[1] == "-":
        return what
    if what.noun in THINGS:
        words = COLOURS[:6] + LOOKS[:6]
    else:
        words = "big small old young black white brown".split() if what.noun in ANIMALS else "big small red green".split()
    return replace(what, adjective=ADJECTIVES[rng.choice(words)])


def some(rng: random.Random, nouns: list, negated: bool) -> Thing:
    """An object: one, several, a number of them, or an amount."""
    noun = rng.choice(nouns)
    if noun.english[1] == "-":
        return Thing(rng.choice(["some", "some", "the"]), noun)
    kind = rng.random()
    if negated:
        made = Thing("some", noun, many=True) if kind < 0.5 else Thing(rng.choice(["the", "my", "your"]), noun, many=rng.random() < 0.3)
    elif kind < 0.35:
        made = Thing("a", noun)
    elif kind < 0.6:
        made = Thing("count", noun, many=True, count=rng.randint(2, 12) if rng.random() < 0.8 else rng.randint(13, 99))
    elif kind < 0.85:
        made = Thing(rng.choice(["the", "the", "my", "your", "our"]), noun, many=rng.random() < 0.3)
    else:
        made = Thing("some", noun, many=True)
    return coloured(rng, made)


def one_or_two(rng: random.Random, nouns: list, negated: bool) -> Thing:
    """An object, or now and then two different ones."""
    made = some(rng, nouns, negated)
    if negated or rng.random() > 0.12:
        return made
    other = some(rng, nouns, False)
    return made if other.noun == made.noun else replace(made, also=other)


def when(rng: random.Random, tenses: str = "present past future", often: float = 0.6) -> dict:
    """A tense with a word of time; what is past always has one, since Spanish says "we work" and "we worked" alike."""
    tense = rng.choice(tenses.split())
    return {"tense": tense, "time": rng.choice(TIMES[tense]) if tense == "past" or rng.random() < often else ()}


def mood(rng: random.Random) -> dict:
    kind = rng.random()
    return {"negated": kind < 0.22, "asked": 0.22 <= kind < 0.42}


def be(rng: random.Random) -> Clause:
    how = mood(rng)
    if rng.random() < 0.45:
        subject, words = somebody(rng), STATES + ["young", "old", "strong", "big"]
    elif rng.random() < 0.6:
        subject, words = coloured(rng, Thing(rng.choice(["the", "the", "my", "your", "our"]), rng.choice(THINGS), many=rng.random() < 0.3)), COLOURS + LOOKS
    elif rng.random() < 0.5:
        subject, words = animal(rng), CREATURE + COLOURS[4:] + STATES
    else:
        subject, words = Thing("the", rng.choice(FOODS + DISHES + DRINKS)), TASTES
    time = when(rng, "present present past", 0.15)
    time = time if subject.noun not in THINGS + FOODS or time["tense"] == "present" else {"tense": "present"}
    return Clause("be", subject, adjective=ADJECTIVES[rng.choice(words)], very=rng.random() < 0.2, **{**time, "time": time.get("time", ())}, **how)


def compare(rng: random.Random) -> Clause:
    kind = rng.choice(list(COMPARED))
    if kind == "person":
        one, other = somebody(rng), Thing(rng.choice(["my", "your", "our"]), rng.choice(FAMILY))
    else:
        of, nouns = rng.choice(["the", "the", "my", "our"]), ANIMALS if kind == "animal" else THINGS
        one, other = (Thing(of, noun) for noun in rng.sample(nouns, 2))
    return Clause("compare", one, object=other, adjective=ADJECTIVES[rng.choice(COMPARED[kind])], **mood(rng))


def feel(rng: random.Random) -> Clause:
    return Clause("feel", somebody(rng), words=("", "", "", "", rng.choice(["hunger", "thirst", "fear", "right"])), **mood(rng))


def at(rng: random.Random) -> Clause:
    place = tuple(part[0] for part in rng.choice(PLACES))
    return Clause("at", somebody(rng), words=place, **when(rng, "present present past future", 0.3), **mood(rng))


def between(rng: random.Random) -> Clause:
    where = rng.choice(["on", "under", "before", "behind", "beside"])
    subject = animal(rng) if rng.random() < 0.5 else coloured(rng, Thing(rng.choice(["the", "the", "my", "your"]), rng.choice(THINGS), many=rng.random() < 0.3))
    return Clause("between", subject, object=coloured(rng, Thing("the", rng.choice(THINGS))), words=("", "", "", "", where), **mood(rng))


def exist(rng: random.Random) -> Clause:
    how = mood(rng)
    nouns = rng.choice([ANIMALS, THINGS, PEOPLE])
    what = Thing("some", rng.choice(nouns), many=True) if how["negated"] else some(rng, nouns, False)
    if what.of not in ("a", "count", "some"):
        what = Thing("a", what.noun)
    return Clause("exist", object=what, words=tuple(part[0] for part in rng.choice(PLACES[2:])), **when(rng, "present", 0), **how)


def act(rng: random.Random) -> Clause:
    """Somebody does something, to something or somewhere."""
    how, time = mood(rng), when(rng)
    if rng.random() < 0.55:
        name = rng.choice(list(OBJECTS))
        subject = animal(rng) if name in ("eat", "see") and rng.random() < 0.3 else somebody(rng)
        place = tuple(part[0] for part in rng.choice(PLACES)) if rng.random() < 0.15 else ()
        return Clause("act", subject, VERBS[name], one_or_two(rng, rng.choice(OBJECTS[name]), how["negated"]), words=place, **time, **how)
    kind = rng.random()
    if kind < 0.35:
        return Clause("act", somebody(rng), VERBS["go"], words=tuple(part[1] for part in rng.choice(PLACES)), **time, **how)
    if kind < 0.45:
        relative = rng.choice(FAMILY)
        helped = Thing(rng.choice(["my", "your", "our"]), relative, many=relative in SEVERAL and rng.random() < 0.3)
        return Clause("act", somebody(rng), VERBS["help"], helped, **time, **how)
    living, verbs = (animal(rng), ANIMAL_DOING) if rng.random() < 0.25 else (somebody(rng), DOING)
    place = tuple(part[0] for part in rng.choice(PLACES)) if rng.random() < 0.5 else ()
    why = rng.choice(["why", "when", "where"]) if how["asked"] and not place and not time["time"] else ""
    return Clause("act", living, VERBS[rng.choice(verbs)], words=place, why=why, **time, **how)


def have(rng: random.Random) -> Clause:
    how = mood(rng)
    return Clause("have", somebody(rng), object=one_or_two(rng, rng.choice([ANIMALS, THINGS, THINGS]), how["negated"]), **when(rng, "present present past", 0.1), **how)


def like(rng: random.Random) -> Clause:
    if rng.random() < 0.3:
        return Clause("like", somebody(rng), VERBS[rng.choice(DOING)], **mood(rng))
    noun = rng.choice(rng.choice([ANIMALS, FOODS, DISHES, DRINKS, THINGS[:2] + THINGS[18:20]]))
    what = Thing("some", noun, many=noun.english[1] != "-")
    if rng.random() < 0.25:
        what = coloured(rng, Thing(rng.choice(["the", "your"]), rng.choice(THINGS), many=rng.random() < 0.3))
    return Clause("like", somebody(rng), object=what, **mood(rng))


def modal(rng: random.Random) -> Clause:
    how = mood(rng)
    wanted = rng.choice(["can", "must", "want"])
    if how["negated"] and wanted == "must":
        how["negated"] = False
    if rng.random() < 0.5:
        name = rng.choice(list(OBJECTS))
        return Clause("modal", somebody(rng), VERBS[name], some(rng, rng.choice(OBJECTS[name]), how["negated"]), mood=wanted, **how)
    if rng.random() < 0.4:
        return Clause("modal", somebody(rng), VERBS["go"], words=tuple(part[1] for part in rng.choice(PLACES)), mood=wanted, **how)
    return Clause("modal", somebody(rng), VERBS[rng.choice(DOING)], mood=wanted, time=rng.choice([(), (), TIMES["future"][0]]), **how)


def would(rng: random.Random) -> Clause:
    def wanted() -> Thing:
        what = some(rng, rng.choice([FOODS, DISHES, DRINKS, DRINKS, THINGS]), False)
        if what.noun in ORDERED and rng.random() < 0.6:
            return replace(what, of="a")
        return replace(what, of="the") if what.of in ("my", "your", "our") else what

    what, other = wanted(), wanted()
    if other.noun != what.noun and rng.random() < 0.3:
        what = replace(what, also=other)
    return Clause("would", rng.choice([Thing("pronoun", person=I), Thing("pronoun", person=WE), somebody(rng)]), object=what)


def home(rng: random.Random) -> Clause:
    kind = rng.randrange(4)
    if kind == 0:
        return Clause("speak", somebody(rng), words=tuple(rng.choice(LANGUAGES)), **mood(rng))
    if kind == 1:
        return Clause("from", somebody(rng), words=(*rng.choice(COUNTRIES + CITIES), ""), **mood(rng))
    place, what = rng.choice([(rng.choice(COUNTRIES), "country"), (rng.choice(CITIES), "city")])
    if kind == 2:
        return Clause("live", somebody(rng), words=(*place, what), **mood(rng))
    return Clause("age", somebody(rng), words=("", "", "", "", str(rng.randint(2, 99))))


def cost(rng: random.Random) -> Clause:
    what = coloured(rng, Thing("the", rng.choice(THINGS + FOODS), many=rng.random() < 0.3))
    return Clause("cost", what, words=("", "", "", "", str(rng.randint(2, 99))))


def weather(rng: random.Random) -> Clause:
    kind, place = rng.choice(["cold", "hot", "sun", "wind", "rain", "rain", "snow"]), ("", "", "", "")
    if rng.random() < 0.4:
        place = rng.choice([(f"in {en}", f"à {fr}", f"in {de}", f"en {es}") for en, fr, de, es in CITIES] + [(f"in {en}", french.inside(fr), f"in {de}", f"en {es}") for en, fr, de, es in COUNTRIES])
    return Clause("weather", words=(*place, kind), **when(rng, "present past future", 0.4), **mood(rng))


def polite(rng: random.Random) -> Four:
    clause = replace(would(rng), subject=Thing("pronoun", person=rng.choice([I, I, WE])))
    words = (", please", ", s'il te plaît", ", bitte", ", por favor")
    return tuple(_finished(language.say(clause) + word, at, False) for at, (language, word) in enumerate(zip(SAYS, words)))


CLAUSES = {be: 10, compare: 4, feel: 3, at: 6, between: 5, exist: 6, act: 22, have: 7, like: 7, modal: 9, would: 3, home: 5, cost: 2, weather: 5}
PHRASES = {phrases.set_phrase: 12, phrases.greeting: 2, polite: 4, phrases.named: 3, phrases.clock: 2, phrases.calendar: 3, phrases.short_question: 4}


def _finished(text: str, language: int, asked: bool) -> str:
    """With its capital and its marks: a French question mark stands apart, a Spanish question is opened too."""
    text = text[0].upper() + text[1:]
    if not asked:
        return text + "."
    return {1: f"{text} ?", 3: f"¿{text}?"}.get(language, f"{text}?")


def _joined(rng: random.Random) -> Four:
    """Two clauses: and, but, or because."""
    first, second = (replace(rng.choices(list(CLAUSES), list(CLAUSES.values()))[0](rng), asked=False, why="") for _ in range(2))
    if rng.random() < 0.5:
        words = rng.choice([(" and ", " et ", " und ", " y "), (", but ", ", mais ", ", aber ", ", pero ")])
        said = [f"{language.say(first)}{word}{language.say(second)}" for language, word in zip(SAYS, words)]
        return tuple(_finished(spanish.tidy(text) if at == 3 else text, at, False) for at, text in enumerate(said))
    if rng.random() < 0.4:
        reason = replace(feel(rng), negated=False, asked=False)
    else:
        reason = replace(be(rng), asked=False, time=(), tense="present", subject=somebody(rng), adjective=ADJECTIVES[rng.choice(STATES)])
    if first.subject and first.subject.of == "pronoun" and rng.random() < 0.7:
        reason = replace(reason, subject=first.subject)
    words = (" because ", " parce que ", ", weil ", " porque ")
    said = [f"{language.say(first)}{word}{german.because(reason) if language is german else language.say(reason)}" for language, word in zip(SAYS, words)]
    said[1] = french.tidy(said[1])
    return tuple(_finished(text, at, False) for at, text in enumerate(said))


def sentence(rng: random.Random) -> Four:
    kind = rng.random()
    if kind < 0.24:
        made = rng.choices(list(PHRASES), list(PHRASES.values()))[0](rng)
        return tuple(text[0].upper() + text[1:] for text in made)
    if kind < 0.36:
        return _joined(rng)
    clause = rng.choices(list(CLAUSES), list(CLAUSES.values()))[0](rng)
    return tuple(_finished(language.say(clause), at, clause.asked) for at, language in enumerate(SAYS))


def text(rng: random.Random, held_out: bool) -> Four:
    """One to three sentences of one half. Set phrases belong to both: they are learnt by heart."""
    def one() -> Four:
        while True:
            made = sentence(rng)
            if made in KNOWN or is_held_out(letters(made[0])) == held_out:
                return made

    made = one()
    while held_out and made in KNOWN:
        made = one()
    parts = [made] + [one() for _ in range(rng.choice([0] * 8 + [1, 2]))]
    return tuple(" ".join(part[language] for part in parts) for language in range(4))


KNOWN = set(phrases.SET_PHRASES)
SHORTER = [(r"\b([Ii]) am\b", r"\1'm"), (r"\b(do|does|did|is|are|was|were) not\b", r"\1n't"), (r"\b([Yy]ou|[Ww]e|[Tt]hey) are\b", r"\1're"),
           (r"\b([Hh]e|[Ss]he|[Ii]t) is\b", r"\1's"), (r"\bcannot\b", "can't"), (r"\bwill not\b", "won't"), (r"\b([Ii]|[Ww]e|[Yy]ou|[Hh]e|[Ss]he) (would|will)\b", r"\1'\2")]


def as_typed(rng: random.Random, text: str, language: int) -> str:
    """`text` as people type it: short forms, small letters, a mark left out."""
    if language == 0 and rng.random() < 0.3:
        for long, short in SHORTER:
            text = re.sub(long, short, text)
        text = text.replace("'would", "'d").replace("'will", "'ll").replace(", but ", " but ")
    if language == 1 and rng.random() < 0.5:
        text = text.replace(" ?", "?").replace(" !", "!")
    if language == 3 and rng.random() < 0.2:
        text = text.replace("¿", "").replace("¡", "")
    if rng.random() < 0.08:
        text = text.lower()
    if rng.random() < 0.1 and text[-1] in ".?!":
        text = text[:-1].rstrip()
    return text


def pairs(seed: int, held_out: bool = False) -> Iterator[tuple[int, int, str, str]]:
    """The endless stream: source and target language, source as typed, target."""
    rng = random.Random(seed)
    while True:
        made = text(rng, held_out)
        for source, target in rng.sample([(a, b) for a in range(4) for b in range(4) if a != b], 2):
            yield source, target, as_typed(rng, made[source], source), made[target]


def held_out_items(seed: int, each: int) -> list[dict]:
    """`each` texts for each direction, as they should be written."""
    rng, items, seen = random.Random(seed), [], set()
    for source in range(4):
        for target in range(4):
            wanted = each if source != target else 0
            while wanted:
                made = text(rng, True)
                if made not in seen:
                    seen.add(made)
                    items.append({"source": CODES[source], "target": CODES[target], "text": made[source], "answer": made[target]})
                    wanted -= 1
    return items


if __name__ == "__main__":
    generator = random.Random(0)
    for _ in range(60):
        print("\n".join(text(generator, held_out=False)), end="\n\n")
