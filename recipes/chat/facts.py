"""Facts of the closed world. The fact itself is taught; the held-out half asks it in a wording that training never paired with it."""

import random

from recipes.chat.base import Exchange, a, ask, letters, sentence, untidy
from recipes.chat.lists import (BABIES, CAPITALS, COLOUR_OF, DAYS, GROUPS, IRREGULAR, LEGS, MONTH_DAYS, MONTHS, OPPOSITES, ORDINALS, PAST, REGULAR,
                   SOUNDS, TENS, TRIVIA, UNITS)


def _fact(rng: random.Random, text: str, answer: str, short: str = "") -> Exchange:
    return Exchange(untidy(rng, text), answer, key=letters(text), short=sentence(short), plain=True)


CAPITAL = """what is the capital of {x}|capital of {x}|what's the capital of {x}|which city is the capital of {x}|what is the capital city of {x}
name the capital of {x}|the capital of {x}|do you know the capital of {x}|give me the capital of {x}|what city is the capital of {x}
tell me the capital of {x}|{x} capital""".replace("\n", "|").split("|")
COUNTRY_OF = "{x} is the capital of which country|which country has the capital {x}|what country is {x} the capital of|of which country is {x} the capital|in which country is {x}|where is {x}".split("|")
CITIES = {city: country for country, city in CAPITALS.items() if city != "London"}


def capital(rng: random.Random) -> Exchange:
    if rng.random() < 0.25:
        city, country = rng.choice(list(CITIES.items()))
        return _fact(rng, ask(rng, COUNTRY_OF, x=city), f"{city} is the capital of {country}.", country.removeprefix("the "))
    country, city = rng.choice(list(CAPITALS.items()))
    return _fact(rng, ask(rng, CAPITAL, x=country), f"The capital of {country} is {city}.", city)


OPPOSITE = """what is the opposite of {x}|opposite of {x}|the opposite of {x}|give me the opposite of {x}|what's the opposite of {x}|which word is the opposite of {x}
what word means the opposite of {x}|name the opposite of {x}|what is the antonym of {x}""".replace("\n", "|").split("|")


def opposite(rng: random.Random) -> Exchange:
    word, other = rng.choice(list(OPPOSITES.items()))
    return _fact(rng, ask(rng, OPPOSITE, x=word), f"The opposite of {word} is {other}.", other)


def plural_of(word: str) -> str:
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word.endswith(("s", "x", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


PLURAL = "what is the plural of {x}|plural of {x}|the plural of {x}|give me the plural of {x}|what's the plural of {x}|make {x} plural|what is the plural form of {x}".split("|")
TENSE = "what is the past tense of {x}|past tense of {x}|give me the past tense of {x}|what is the past of {x}|put {x} in the past tense|the past tense of {x}".split("|")


def word_form(rng: random.Random) -> Exchange:
    if rng.random() < 0.6:
        word = rng.choice(list(IRREGULAR) + REGULAR)
        return _fact(rng, ask(rng, PLURAL, x=word), f"The plural of {word} is {plural_of(word)}.", plural_of(word))
    word = rng.choice(list(PAST))
    return _fact(rng, ask(rng, TENSE, x=word), f"The past tense of {word} is {PAST[word]}.", PAST[word])


COLOUR = "what colour is {x}|what color is {x}|which colour is {x}|what is the colour of {x}|the colour of {x}|tell me the colour of {x}|which color does {x} have".split("|")
SOUND = "what sound does {x} make|what does {x} say|what noise does {x} make|which sound does {x} make|what is the sound of {x}|how does {x} sound".split("|")
BABY = "what is a baby {x} called|what do you call a baby {x}|what is the name of a baby {x}|what is the young of a {x}|a baby {x} is called what|name for a baby {x}".split("|")
LEG = "how many legs does {x} have|how many legs has {x}|number of legs of {x}|how many legs are on {x}|tell me how many legs {x} has|legs of {x}".split("|")


def nature(rng: random.Random) -> Exchange:
    kind = rng.randrange(4)
    if kind == 0:
        thing, colour = rng.choice(list(COLOUR_OF.items()))
        return _fact(rng, ask(rng, COLOUR, x=thing), f"{sentence(thing)} is {colour}.", colour)
    if kind == 1:
        animal, sound = rng.choice(list(SOUNDS.items()))
        return _fact(rng, ask(rng, SOUND, x=a(animal)), f"{sentence(a(animal))} says {sound}.", sound)
    if kind == 2:
        animal, young = rng.choice(list(BABIES.items()))
        return _fact(rng, ask(rng, BABY, x=animal), f"A baby {animal} is called {a(young)}.", young)
    animal, legs = rng.choice(list(LEGS.items()))
    count = "no legs" if legs == "0" else f"{legs} legs"
    return _fact(rng, ask(rng, LEG, x=a(animal)), f"{sentence(a(animal))} has {count}.", legs)


GROUP = "what kind of thing is {x}|what is {x}|what kind of thing is a {n}|what sort of thing is {x}|to which group does {x} belong|define {n}|classify {x}|category of {n}".split("|")
MEMBER = "is {x} {y}|would you say {x} is {y}|yes or no: is {x} {y}|is it true that {x} is {y}".split("|")
GIVE = "name {y}|give me an example of {y}|tell me {y}|give me {y}|can you name {y}".split("|")


def grouping(rng: random.Random) -> Exchange:
    group = rng.choice(list(GROUPS))
    word = rng.choice(GROUPS[group])
    mass = group in ("drink", "colour") or word in ("spinach", "broccoli")
    thing = word if mass else a(word)
    kind = rng.random()
    if kind < 0.4:
        return _fact(rng, ask(rng, GROUP, x=thing, n=word), f"{sentence(thing)} is {a(group)}.", group)
    if kind < 0.85:
        asked = group if rng.random() < 0.5 else rng.choice(list(GROUPS))
        yes = word in GROUPS[asked] or (asked == "animal" and group == "bird")
        return _fact(rng, ask(rng, MEMBER, x=thing, y=a(asked)), f"Yes, {thing} is {a(asked)}." if yes else f"No, {thing} is {a(group)}.", "Yes" if yes else "No")
    first = GROUPS[group][0]
    return _fact(rng, ask(rng, GIVE, y=a(group)), f"{sentence(first)}.", first)


AFTER = "what {u} comes after {x}|which {u} comes after {x}|what comes after {x}|what is the {u} after {x}|which {u} follows {x}|{u} after {x}".split("|")
BEFORE = "what {u} comes before {x}|which {u} comes before {x}|what comes before {x}|what is the {u} before {x}|{u} before {x}".split("|")
NTH = "what is the {o} {u}|which is the {o} {u}|name the {o} {u}|what's the {o} {u} of the {w}|which {u} is the {o}".split("|")
LENGTH = "how many days are in {x}|how many days does {x} have|how many days has {x}|number of days in {x}|how long is {x}".split("|")


def calendar(rng: random.Random) -> Exchange:
    unit, names, whole = rng.choice([("day", DAYS, "week"), ("month", MONTHS, "year")])
    at, kind = rng.randrange(len(names)), rng.randrange(5)
    if kind == 0:
        after = names[(at + 1) % len(names)]
        return _fact(rng, ask(rng, AFTER, x=names[at], u=unit), f"{after} comes after {names[at]}.", after)
    if kind == 1:
        before = names[at - 1]
        return _fact(rng, ask(rng, BEFORE, x=names[at], u=unit), f"{before} comes before {names[at]}.", before)
    if kind == 2:
        words = dict(o=ORDINALS[at], u=unit, w=whole)
        return _fact(rng, ask(rng, NTH, **words), f"The {ORDINALS[at]} {unit} of the {whole} is {names[at]}.", names[at])
    if kind == 3:
        month = rng.choice(MONTHS)
        return _fact(rng, ask(rng, LENGTH, x=month), f"{month} has {MONTH_DAYS[month]} days.", MONTH_DAYS[month])
    weekend = names[at] in ("Saturday", "Sunday")
    if unit == "month":
        return _fact(rng, ask(rng, ["is {x} a month", "is {x} a day or a month", "is {x} the name of a month"], x=names[at]), f"{names[at]} is a month.", "Month")
    text = ask(rng, ["is {x} a weekend day", "is {x} on the weekend", "does {x} belong to the weekend", "is {x} part of the weekend"], x=names[at])
    return _fact(rng, text, f"Yes, {names[at]} is on the weekend." if weekend else f"No, {names[at]} is a weekday.", "Yes" if weekend else "No")


def trivia(rng: random.Random) -> Exchange:
    ways, answer, short = rng.choice(TRIVIA)
    return _fact(rng, ask(rng, ways.split(";")), answer, short)


def in_words(number: int) -> str:
    if number < 20:
        return UNITS[number]
    if number == 100:
        return "one hundred"
    return TENS[number // 10] + ("-" + UNITS[number % 10] if number % 10 else "")


TO_WORDS = "write {x} in words|write the number {x} in words|how do you write {x} in words|what is {x} in words|spell the number {x}|{x} in words|say {x} in words".split("|")
TO_DIGITS = "write {x} in digits|write {x} as a number|what is {x} in digits|{x} in digits|write {x} with digits|which number is {x}".split("|")


def number_words(rng: random.Random) -> Exchange:
    number = rng.randint(0, 100)
    if rng.random() < 0.5:
        return _fact(rng, ask(rng, TO_WORDS, x=number), f"{number} in words is {in_words(number)}.", in_words(number))
    return _fact(rng, ask(rng, TO_DIGITS, x=in_words(number)), f"{sentence(in_words(number))} is {number}.", str(number))
