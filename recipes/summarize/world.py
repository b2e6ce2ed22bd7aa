"""Short texts and their summaries: the training and held-out halves. Run it to read ten."""

import random
import re
from collections.abc import Iterator

from recipes.chat.base import invented_word, is_held_out, letters, sentence
from recipes.summarize import events as of

SMALL = "two three four five six seven eight nine ten eleven twelve".split()
NTH = "second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
EVENTS = [1] * 80 + [2] * 14 + [3] * 6  # how many events a text tells of


def _person(rng: random.Random, first: str = "") -> str:
    surname = rng.choice(of.SURNAMES) if rng.random() < 0.8 else sentence(invented_word(rng) + rng.choice(["", "er", "son", "sky", "i"]))
    return f"{first or rng.choice(of.MEN + of.WOMEN)} {surname}"


def _slots(rng: random.Random) -> dict[str, object]:
    """Everything that a text may mention, drawn anew for each."""
    she = rng.random() < 0.5
    names = rng.sample(of.MEN + of.WOMEN, 3)
    city, city2 = rng.sample(of.CITIES, 2) if rng.random() < 0.9 else (sentence(invented_word(rng) + rng.choice(["ton", "burg", "ville", "field"])), rng.choice(of.CITIES))
    few, few2 = rng.sample(range(len(SMALL)), 2)
    win = rng.randint(2, 6)
    colour, other_colour = rng.sample(of.COLOURS, 2)
    day, other_day = rng.sample(of.DAYS, 2)
    team, team2 = rng.sample(of.TEAMS, 2)
    return dict(
        person=_person(rng, rng.choice(of.WOMEN if she else of.MEN)), person2=_person(rng), he="she" if she else "he", He="She" if she else "He", His="Her" if she else "His",
        first=names[0], first2=names[1], pet=sentence(invented_word(rng)) if rng.random() < 0.4 else rng.choice("Luna Bello Mimi Rex Coco Max Flora Pip".split()),
        city=city, city2=city2, day=day, other_day=other_day, month=rng.choice(of.MONTHS), building=rng.choice(of.BUILDINGS), built=rng.choice(of.BUILT), job=rng.choice(of.JOBS),
        animal=rng.choice(of.ANIMALS), colour=colour, other_colour=other_colour, products=rng.choice(of.PRODUCTS), item=rng.choice(of.ITEM), contest=rng.choice(of.CONTESTS),
        find=rng.choice(of.FINDS), cause=rng.choice(of.CAUSES), team=team, team2=team2, win=SMALL[win - 2], lose=["no goals", "one", *SMALL][rng.randrange(win)].replace("no goals", "zero"),
        reason=rng.choice(of.REASONS), sight=rng.choice(of.SIGHTS), party=rng.choice(of.PARTIES), place=rng.choice(of.PLACES), place_home=rng.choice(["its home", "a farm", "a garden"]),
        firm=sentence(invented_word(rng)) + " " + rng.choice(["Works", "Brothers", "Group", "and Sons"]), few=SMALL[few], few2=SMALL[few2], Few=sentence(SMALL[few]), few_th=rng.choice(NTH),
        count=rng.randint(13, 999), people=rng.randint(13, 99), million=rng.randint(2, 90), percent=rng.randint(2, 60), years=rng.randint(20, 300), hours=rng.choice(SMALL),
        workers=rng.randint(20, 900), age=rng.randint(15, 80), young=rng.choice(SMALL[4:]), days=rng.choice(SMALL), minutes=rng.randint(10, 60), price=rng.randint(15, 400),
        speed=rng.randint(80, 160), thousand=rng.choice(SMALL), kilometres=rng.randint(13, 90), posters=rng.randint(20, 90), metres=rng.choice(SMALL), clock=rng.choice(SMALL))


def _options(text: str) -> list[str]:
    return text.replace("\n", "|").split("|")


def _capital(text: str) -> str:
    """`text` with its sentences begun as they should be, and "an" where it belongs."""
    return re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", ". ".join(part[:1].upper() + part[1:] for part in text.split(". ")))


def event(rng: random.Random) -> tuple[str, str]:
    """A text about one event, and its summary."""
    kind, slots = rng.choice(of.EVENTS), _slots(rng)
    lead, (told, short) = rng.choice(_options(kind["lead"])), rng.choice(_options(kind["end"])).split("=>")
    letter = "last" in kind
    around = rng.sample(_options(kind["more"]), rng.randint(2, 4)) + ([] if letter else rng.sample(of.AROUND, rng.randint(0, 2)))
    rng.shuffle(around)
    at = rng.randint(0, len(around))
    before = [rng.choice(of.AROUND[:3] + of.AROUND[6:7])] if rng.random() < 0.15 and not letter else []
    parts = [*before, lead, *[part for part in around[:at] if part not in before], told, *[part for part in around[at:] if part not in before]]
    if letter:
        parts.append(rng.choice(_options(kind["last"])))
    text = " ".join(_capital(part.format(**slots)) for part in parts)
    return text, " ".join(_capital(part.format(**slots)) for part in (kind["gist"], short))


def pair(rng: random.Random, held_out: bool) -> tuple[str, str]:
    """One text, now and then of several events, and the summary."""
    made, wanted = [], rng.choice(EVENTS)
    while len(made) < wanted:
        text, summary = event(rng)
        if is_held_out(letters(summary)) == held_out:
            made.append((text, summary))
    return " ".join(text for text, _ in made), " ".join(summary for _, summary in made)


def pairs(seed: int) -> Iterator[tuple[str, str]]:
    """The endless training stream."""
    rng = random.Random(seed)
    while True:
        yield pair(rng, held_out=False)


def held_out_items(seed: int, count: int) -> list[dict]:
    rng = random.Random(seed)
    return [dict(zip(("text", "answer"), pair(rng, held_out=True))) for _ in range(count)]


if __name__ == "__main__":
    for text, summary in (pair(random.Random(seed), False) for seed in range(16)):
        print(text, "\n    =>", summary, "\n")
