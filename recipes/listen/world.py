"""The closed world: short sentences in English and in German, which mean the same.

    python -m recipes.listen.world        # writes twenty of them
"""

import random
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

ENGLISH, GERMAN = LANGUAGES = ("en", "de")
HELD_OUT = 8  # one of so many meanings is never trained on

COLOURS = {"red": "rot", "blue": "blau", "green": "grün", "yellow": "gelb", "black": "schwarz", "white": "weiß", "brown": "braun"}
LOOKS = {**COLOURS, "big": "groß", "small": "klein", "old": "alt", "new": "neu"}
# English, German, gender
SWITCHED = [("light", "Licht", "n"), ("lamp", "Lampe", "f"), ("radio", "Radio", "n"), ("television", "Fernseher", "m"), ("heating", "Heizung", "f"), ("oven", "Ofen", "m")]
OPENED = [("door", "Tür", "f"), ("window", "Fenster", "n"), ("box", "Kiste", "f"), ("bottle", "Flasche", "f"), ("bag", "Tasche", "f")]
THINGS = [("cup", "Tasse", "f"), ("book", "Buch", "n"), ("apple", "Apfel", "m"), ("hat", "Hut", "m"), ("ball", "Ball", "m"), ("key", "Schlüssel", "m"), ("chair", "Stuhl", "m"),
          ("table", "Tisch", "m"), ("picture", "Bild", "n"), ("flower", "Blume", "f"), ("coat", "Mantel", "m"), ("bag", "Tasche", "f"), ("bottle", "Flasche", "f")]
ANIMALS = [("dog", "Hund", "m"), ("cat", "Katze", "f"), ("horse", "Pferd", "n"), ("bird", "Vogel", "m")]
MANY = [("books", "Bücher"), ("apples", "Äpfel"), ("flowers", "Blumen"), ("birds", "Vögel"), ("dogs", "Hunde"), ("chairs", "Stühle"), ("pictures", "Bilder"), ("children", "Kinder")]
PEOPLE = [("the man", "der Mann"), ("the woman", "die Frau"), ("the child", "das Kind"), ("my brother", "mein Bruder"), ("my sister", "meine Schwester"),
          ("the teacher", "der Lehrer"), ("Anna", "Anna"), ("Peter", "Peter"), ("Maria", "Maria"), ("Tom", "Tom")]
NAMES = ["Anna", "Peter", "Maria", "Tom"]
DOES = [("sees", "sieht"), ("buys", "kauft"), ("has", "hat"), ("finds", "findet"), ("paints", "malt"), ("sells", "verkauft"), ("takes", "nimmt"), ("brings", "bringt")]
PLACES = [("in the garden", "im Garten"), ("in the kitchen", "in der Küche"), ("in the park", "im Park"), ("at the station", "am Bahnhof"), ("on the street", "auf der Straße"),
          ("in the city", "in der Stadt"), ("in the house", "im Haus"), ("at school", "in der Schule")]
ROOMS = [("in the kitchen", "in der Küche"), ("in the garden", "im Garten"), ("in the house", "im Haus")]
PLAYED = [("the music", "die Musik"), ("the film", "den Film"), ("the song", "das Lied"), ("the game", "das Spiel")]
COMES = [("the train", "der Zug"), ("the bus", "der Bus"), ("my brother", "mein Bruder"), ("the teacher", "der Lehrer"), ("Anna", "Anna"), ("Peter", "Peter")]
CITIES = ["Berlin", "London", "Paris", "Madrid"]
DAYS = [("Monday", "Montag"), ("Tuesday", "Dienstag"), ("Wednesday", "Mittwoch"), ("Thursday", "Donnerstag"), ("Friday", "Freitag"), ("Saturday", "Samstag"), ("Sunday", "Sonntag")]
WEATHER = [("it is raining", "regnet es"), ("it is snowing", "schneit es"), ("the sun is shining", "scheint die Sonne"), ("it is cold", "ist es kalt"), ("it is warm", "ist es warm")]
DIGITS = [("zero", "null"), ("one", "eins"), ("two", "zwei"), ("three", "drei"), ("four", "vier"), ("five", "fünf"), ("six", "sechs"), ("seven", "sieben"), ("eight", "acht"), ("nine", "neun")]
HOURS = [*DIGITS[1:], ("ten", "zehn"), ("eleven", "elf"), ("twelve", "zwölf")]
NUMBERS = [*HOURS[1:], ("fifteen", "fünfzehn"), ("twenty", "zwanzig"), ("thirty", "dreißig"), ("forty", "vierzig"), ("fifty", "fünfzig")]
SET = [("Good morning.", "Guten Morgen."), ("Good evening.", "Guten Abend."), ("Thank you very much.", "Vielen Dank."), ("How are you?", "Wie geht es dir?"), ("What time is it?", "Wie spät ist es?"),
       ("Yes, please.", "Ja, bitte."), ("No, thank you.", "Nein, danke."), ("See you tomorrow.", "Bis morgen."), ("I do not know.", "Ich weiß es nicht."), ("My name is Anna.", "Ich heiße Anna.")]
THE = {"m": "der", "f": "die", "n": "das"}
THE_AS_OBJECT = {**THE, "m": "den"}
A_AS_OBJECT = {"m": "einen", "f": "eine", "n": "ein"}
AFTER_A = {"m": "en", "f": "e", "n": "es"}  # how an adjective ends after it


@dataclass(frozen=True)
class Sentence:
    """One meaning, in the two languages."""

    english: str
    german: str

    def said(self, language: str) -> str:
        return self.english if language == ENGLISH else self.german

    @property
    def held_out(self) -> bool:
        return zlib.crc32(self.english.encode()) % HELD_OUT == 0 and (self.english, self.german) not in SET


def _sentence(english: str, german: str) -> Sentence:
    return Sentence(english[0].upper() + english[1:], german[0].upper() + german[1:])


def _maybe(rng: random.Random, looks: dict[str, str], share: float) -> tuple[str, str]:
    """An adjective without its ending, with a space behind it; or nothing."""
    return rng.choice(list(looks.items())) if rng.random() < share else ("", "")


def _the(rng: random.Random, nouns: list, looks: dict[str, str], share: float, articles: dict[str, str] = THE_AS_OBJECT) -> tuple[str, str]:
    (english, german, gender), (look, its) = rng.choice(nouns), _maybe(rng, looks, share)
    ends = "en" if articles[gender] == "den" else "e"
    return f"the {look} {english}".replace("  ", " "), " ".join(part for part in (articles[gender], its and its + ends, german) if part)


def _a(rng: random.Random, nouns: list) -> tuple[str, str]:
    (english, german, gender), (look, its) = rng.choice(nouns), rng.choice([(e, g) for e, g in LOOKS.items() if e != "old"])
    return f"a {look} {english}", f"{A_AS_OBJECT[gender]} {its}{AFTER_A[gender]} {german}"


def _time(rng: random.Random) -> tuple[str, str]:
    at = rng.randrange(12)
    (hour, stunde), (_, next_stunde) = HOURS[at], HOURS[(at + 1) % 12]
    minutes, minuten = rng.choice([("five", "fünf"), ("ten", "zehn"), ("quarter", "Viertel")])
    return rng.choice([
        (f"{hour} o'clock", f"{'ein' if at == 0 else stunde} Uhr"), (f"half past {hour}", f"halb {next_stunde}"),
        (f"{minutes} past {hour}", f"{minuten} nach {stunde}"), (f"{minutes} to {hour}", f"{minuten} vor {stunde}")])


def switch(rng: random.Random) -> Sentence:
    (one, its), (word, german) = _the(rng, SWITCHED, COLOURS, 0.4), rng.choice([("on", "ein"), ("off", "aus")])
    place, where = rng.choice(ROOMS) if rng.random() < 0.3 else ("", "")
    return _sentence(f"turn {word} {one} {place}".strip() + ".", " ".join(f"schalte {its} {where} {german}".split()) + ".")


def opening(rng: random.Random) -> Sentence:
    (one, its), (word, german) = _the(rng, OPENED, LOOKS, 0.6), rng.choice([("open", "öffne"), ("close", "schließe")])
    return _sentence(f"{word} {one}.", f"{german} {its}.")


def bringing(rng: random.Random) -> Sentence:
    (one, its), (word, german) = _the(rng, THINGS, LOOKS, 0.8), rng.choice([("bring", "bring"), ("show", "zeig"), ("give", "gib")])
    return _sentence(f"{word} me {one}.", f"{german} mir {its}.")


def playing(rng: random.Random) -> Sentence:
    (one, its), (word, german), (number, zahl) = rng.choice(PLAYED), rng.choice([("start", "starte"), ("stop", "stoppe")]), rng.choice(NUMBERS)
    return _sentence(f"{word} {one} in {number} minutes.", f"{german} {its} in {zahl} Minuten.")


def waking(rng: random.Random) -> Sentence:
    time, zeit = _time(rng)
    name = rng.choice(NAMES)
    return _sentence(*rng.choice([(f"wake me at {time}.", f"weck mich um {zeit}."), (f"call {name} at {time}.", f"ruf {name} um {zeit} an.")]))


def clock(rng: random.Random) -> Sentence:
    (time, zeit), (who, wer) = _time(rng), rng.choice(COMES)
    return _sentence(*rng.choice([(f"it is {time}.", f"es ist {zeit}."), (f"{who} comes at {time}.", f"{wer} kommt um {zeit}.")]))


def digits(rng: random.Random) -> Sentence:
    row = [rng.choice(DIGITS) for _ in range(rng.randint(2, 4))]
    return _sentence(f"the number is {' '.join(e for e, _ in row)}.", f"die Nummer ist {' '.join(g for _, g in row)}.")


def counting(rng: random.Random) -> Sentence:
    (who, wer), (number, zahl), (things, dinge) = rng.choice(PEOPLE), rng.choice(NUMBERS), rng.choice(MANY)
    word, german = rng.choice(DOES[:3])
    return _sentence(f"{who} {word} {number} {things}.", f"{wer} {german} {zahl} {dinge}.")


def doing(rng: random.Random) -> Sentence:
    (who, wer), (word, german), (one, its) = rng.choice(PEOPLE), rng.choice(DOES), _a(rng, THINGS + ANIMALS)
    place, where = rng.choice(PLACES) if rng.random() < 0.5 else ("", "")
    return _sentence(f"{who} {word} {one} {place}".strip() + ".", f"{wer} {german} {its} {where}".strip() + ".")


def being(rng: random.Random) -> Sentence:
    one, its = _the(rng, THINGS + ANIMALS, LOOKS, 0.5, THE)
    (place, where), (colour, farbe) = rng.choice(PLACES), rng.choice(list(COLOURS.items()))
    return _sentence(*rng.choice([(f"{one} is {place}.", f"{its} ist {where}."), (f"{one} is {colour}.", f"{its} ist {farbe}."), (f"where is {one}?", f"wo ist {its}?")]))


def weather(rng: random.Random) -> Sentence:
    (day, tag), (it, es), city = rng.choice(DAYS), rng.choice(WEATHER), rng.choice(CITIES)
    return _sentence(*rng.choice([(f"today is {day}.", f"heute ist {tag}."), (f"today {it} in {city}.", f"heute {es} in {city}."), (f"on {day} {it} in {city}.".replace("is raining", "rains").replace("is snowing", "snows").replace("is shining", "shines"), f"am {tag} {es} in {city}.")]))


def set_phrase(rng: random.Random) -> Sentence:
    return Sentence(*rng.choice(SET))


KINDS: list[tuple[Callable[[random.Random], Sentence], int]] = [
    (switch, 3), (opening, 2), (bringing, 3), (playing, 2), (waking, 3), (clock, 3), (digits, 3), (counting, 3), (doing, 6), (being, 4), (weather, 3), (set_phrase, 1)]


def sentences(seed: int, held_out: bool = False) -> Iterator[Sentence]:
    """The endless stream of the training half, or of the held-out one."""
    rng = random.Random(seed)
    kinds, weights = zip(*KINDS)
    while True:
        one = rng.choices(kinds, weights)[0](rng)
        if one.held_out == held_out:
            yield one


def letters(text: str) -> str:
    """What is spoken of a text: lower case, without marks."""
    return " ".join("".join(letter if letter.isalpha() else " " if letter != "'" else "" for letter in text.lower()).split())


if __name__ == "__main__":
    for one, _ in zip(sentences(1), range(20)):
        print(one.english, one.german, sep=" | ")
