"""Reading a text that is given: its mood, a detail in it, its gist, or its details as JSON."""

import json
import random

from recipes.chat.base import Exchange, a, fill, invented_word, letters, sentence, untidy
from recipes.chat.lists import BAD, CAPITALS, COLOURS, DAYS, GOOD, ITEMS, JOBS, NAMES, PLACES, PRODUCTS, SHE

CITIES = sorted(set(CAPITALS.values()))

REVIEW_GOOD = """The {p} is {g}.|This {p} is {g} and {h}.|I love this {p}, it is {g}.|What a {g} {p}!|A {g} {p}, I would buy it again.|Really {g}
I am very happy with the {p}.|The {p} works very well.|It was not {b} at all, I liked it.|The {p} arrived early and it is {g}.|{g}!|best {p} ever
I was surprised by how {g} the {p} is.|I recommend this {p} to everyone.|My family loves the {p}.|The {p} was {g}, the service was {h}.
Five stars, {g} {p}.|I thought it would be {b}, but it is {g}.|I enjoyed the {p} very much.|so {g}|I feel {g} today|I like the {p}
The {p} exceeded my expectations.|worth every penny|good value, the {p} is {g}|Thank you for the {g} {p}.|we had a {g} time""".replace("\n", "|").split("|")
REVIEW_BAD = """The {p} is {b}.|This {p} is {b} and {c}.|I hate this {p}, it is {b}.|What a {b} {p}!|A {b} {p}, I would not buy it again.|Really {b}
I am very unhappy with the {p}.|The {p} does not work.|It was not {g} at all, I did not like it.|The {p} arrived late and it is {b}.|{b}!|worst {p} ever
I was surprised by how {b} the {p} is.|I do not recommend this {p} to anyone.|The {p} broke after one day.|The {p} was {b}, the service was {c}.
One star, {b} {p}.|I thought it would be {g}, but it is {b}.|I did not enjoy the {p}.|so {b}|I feel {b} today|I do not like the {p}
The {p} is not {g}.|waste of money|bad value, the {p} is {b}|I want my money back for this {p}.|we had a {b} time|The {p} stopped working.""".replace("\n", "|").split("|")


def review(rng: random.Random) -> tuple[str, bool]:
    """One to three sentences of one mood, and whether the mood is good."""
    good = rng.random() < 0.5
    parts = []
    for _ in range(rng.choice([1, 1, 2, 3])):
        g, h = rng.sample(GOOD, 2)
        b, c = rng.sample(BAD, 2)
        p = rng.choice(PRODUCTS) if rng.random() < 0.85 else invented_word(rng)
        part = fill(rng, REVIEW_GOOD if good else REVIEW_BAD, p=p, g=g, h=h, b=b, c=c)
        parts.append(sentence(part) + ("" if part[-1] in ".!" or rng.random() < 0.3 else "."))
    return untidy(rng, " ".join(parts)), good


MOOD = """Is this review positive or negative? {r}|What is the sentiment of this text? {r}|Sentiment: {r}|Classify the sentiment: {r}|Review: {r}
Sentiment:|Is the following positive or negative? {r}|{r} Is this positive or negative?|Tell me the sentiment of this review: {r}|Positive or negative: {r}
Classify this review as positive or negative: {r}|{r} What is the sentiment?|Is this a good or a bad review? {r}|sentiment of "{r}"
What is the sentiment of the following product review, which is delimited with triple backticks? ```{r}```""".replace("\n", "|").replace("{r}|Sentiment:|Is", "{r}\nSentiment:|Is").split("|")


def sentiment(rng: random.Random) -> Exchange:
    text, good = review(rng)
    return Exchange(untidy_frame(rng, MOOD, r=text), "Positive" if good else "Negative", key=letters(text), short="Positive" if good else "Negative")


def untidy_frame(rng: random.Random, templates: list[str], **slots: str) -> str:
    """A frame around a given text, in one of a few layouts; the text itself is left as it is."""
    frame = rng.choice(templates)
    if rng.random() < 0.3:
        frame = frame.lower()
    if rng.random() < 0.3:
        frame = frame.replace("? {", "?\n\n{").replace(": {", ":\n{")
    return frame.format(**slots)


def person(rng: random.Random) -> dict:
    """Everything that the paragraphs below may say about somebody."""
    name = rng.choice(NAMES)
    return dict(name=name, he="she" if name in SHE else "he", his="her" if name in SHE else "his", friend=rng.choice([n for n in NAMES if n != name]),
                city=rng.choice(CITIES), age=rng.randint(5, 80), job=rng.choice(JOBS), colour=rng.choice(COLOURS), item=rng.choice(PRODUCTS[:16]),
                items=rng.choice(ITEMS), count=rng.randint(2, 20), price=rng.randint(2, 99), day=rng.choice(DAYS), place=rng.choice(PLACES))


DETAIL_TEXTS = """{name} is {age} years old and lives in {city}. {He} works as {a_job}. Last {day} {he} bought a {colour} {item} for {price} dollars.
On {day} {name} went to the {place} in {city}. There {he} bought a {colour} {item} for {price} dollars. {name} is {age} years old and works as {a_job}.
{name} is {a_job} from {city}. {He} is {age} years old. {He} paid {price} dollars for a {colour} {item} on {day}.
My name is {name} and I live in {city}. I am {age} and I work as {a_job}. I bought this {colour} {item} for {price} dollars on {day}.
Dear team, I ordered a {colour} {item} on {day} and paid {price} dollars. I live in {city}. I am {a_job} and {age} years old. Best wishes, {name}
A {colour} {item} was sold on {day} for {price} dollars. The buyer was {name}, {a_job} of {age} from {city}.""".split("\n")
DETAIL = {
    "name": ("what is the name of the person|what is the name|who is the text about|extract the name|give me the name|name", "{name}"),
    "city": ("which city is in the text|where does the person live|extract the city|which city|what is the city|city", "{city}"),
    "age": ("how old is the person|what is the age|extract the age|give me the age|age", "{age}"),
    "job": ("what is the job of the person|extract the job|what does the person do|job", "{job}"),
    "colour": ("what colour is it|extract the colour|which colour is in the text|what is the colour|what color is the product|colour", "{colour}"),
    "price": ("how much did it cost|what is the price|extract the price|what was the price|how much was paid|price", "{price} dollars"),
    "item": ("what was bought|extract the product|which product is it|what is the product|product", "{item}"),
    "day": ("on which day was it|extract the day|which day is in the text|which day|what day was it|day", "{day}"),
}


def _text_about(rng: random.Random) -> tuple[dict, str]:
    who = person(rng)
    return who, fill(rng, DETAIL_TEXTS, He=sentence(who["he"]), a_job=a(who["job"]), **who)


def extraction(rng: random.Random) -> Exchange:
    who, text = _text_about(rng)
    ways, answer = DETAIL[rng.choice(list(DETAIL))]
    way = rng.choice(ways.split("|"))
    asked = sentence(way) + ("?" if way.split()[0] in ("what", "who", "where", "how", "which", "on") else "")
    frame = rng.choice(["{t} {q}", "{t}\n{q}", "{q}\n\n{t}", "Text: {t}\nQuestion: {q}", "Read this: {t} {q}", "{q}: {t}", "{q} {t}"])
    return Exchange(frame.format(t=text, q=asked), answer.format(**who), key=letters(text), short=sentence(answer.format(**who)) if "{price}" not in answer else "")


JSON_KEYS = ["name", "age", "city", "job", "colour", "price", "item", "day"]
AS_JSON = """Give me {k} as JSON: {t}|Extract {k} as JSON. {t}|{t} Write {k} as JSON.|Make JSON with the keys {k}: {t}|Return a JSON object with {k}.\n\n{t}
JSON with {k}: {t}|Convert this to JSON with the keys {k}: {t}""".replace("\n{t}\nJSON", "\n{t}|JSON").split("|")
SHORT_FACTS = ["{name} is {age} years old.", "{name}, {age}", "{name} is {age}.", "My name is {name} and I am {age} years old.", "name {name}, age {age}", "I am {name}, {age} years old."]


def as_json(rng: random.Random) -> Exchange:
    if rng.random() < 0.4:
        who, keys = person(rng), ["name", "age"]
        if rng.random() < 0.3:
            who["name"] = sentence(invented_word(rng))
        text = fill(rng, SHORT_FACTS, **who)
    else:
        who, text = _text_about(rng)
        keys = ["name", "age"] if rng.random() < 0.3 else rng.sample(JSON_KEYS, rng.randint(1, 4))
    listed = " and ".join([", ".join(keys[:-1]), keys[-1]]) if len(keys) > 1 else keys[0]
    asked = fill(rng, AS_JSON, k=listed, t=text)
    if keys == ["name", "age"] and rng.random() < 0.2:
        asked = f"{rng.choice(['JSON', 'Make JSON', 'To JSON', 'Write this as JSON', 'as json'])}: {text}"
    return Exchange(asked, json.dumps({key: who[key] for key in keys}), key=letters(text))


# A paragraph, and its gist in one sentence.
SHOPPING = ("{name} went to the {place} on {day}. {weather} {He} bought {count} {items} and paid {price} dollars. {ending}",
            "{name} bought {count} {items} at the {place} on {day}.")
MEETING = ("{name} and {friend} met at the {place} in {city} on {day}. {weather} They talked about {his} new {item}. {ending}",
           "{name} and {friend} met in {city} and talked about a new {item}.")
MOVING = ("{name} is {a_job} and {age} years old. For many years {he} lived in a small town. On {day} {he} moved to {city}. {ending}",
          "{name}, {a_job}, moved to {city}.")
ORDER = ("I ordered a {colour} {item} on {day}. {delivery} It cost {price} dollars. {verdict}", "{gist}")
LOST = ("On {day} {name} lost {his} {colour} {item} at the {place}. {He} looked for it everywhere. {weather} In the end {friend} found it. {ending}",
        "{name} lost a {colour} {item} at the {place}, and {friend} found it.")
OPENING = ("A new {place} opened in {city} on {day}. {count} people came to see it. {weather} The owner is {name}, {a_job}. {ending}",
           "A new {place} opened in {city} on {day}.")
WEATHER = ["The sun was shining.", "It was raining.", "It was a cold day.", "The weather was warm.", "It was windy.", ""]
ENDINGS = ["Everybody was happy.", "Then they went home.", "It was a long day.", "After that they had tea.", "It was a good day.", "They came back in the evening.", ""]
FRAMES = """Summarise this text: {t}|Summarize: {t}|Summarize this text in one sentence: {t}|Give me a summary: {t}|{t} Summarise this in one sentence.|{t}
Summary:|What is this text about? {t}|Write a short summary of this paragraph: {t}|TL;DR: {t}|Summarise: {t}|In one sentence, what happened? {t}
Summarize the text delimited by triple backticks into a single sentence. ```{t}```|Your task is to generate a short summary of a product review. {t}
summarize the text below in at most 20 words: {t}""".replace("\n", "|").replace("{t}|Summary:", "{t}\nSummary:").split("|")


def summary(rng: random.Random) -> Exchange:
    who = person(rng)
    good = rng.random() < 0.5
    early = rng.random() < 0.5
    words = dict(who, He=sentence(who["he"]), a_job=a(who["job"]), weather=rng.choice(WEATHER), ending=rng.choice(ENDINGS),
                 delivery="It arrived a day early." if early else "It arrived a week late.",
                 verdict=rng.choice(["It works well.", "I am happy with it.", "I like it very much."] if good else ["It does not work.", "I am not happy with it.", "I want my money back."]),
                 gist=f"The {who['colour']} {who['item']} arrived {'early' if early else 'late'} and the buyer is {'happy' if good else 'unhappy'}.")
    paragraph, gist = rng.choice([SHOPPING, MEETING, MOVING, ORDER, ORDER, LOST, OPENING])
    text = " ".join(paragraph.format(**words).split())
    return Exchange(untidy_frame(rng, FRAMES, t=text), gist.format(**words), key=letters(text))
