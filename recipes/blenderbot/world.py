"""Small talk that remembers what was told: the training and held-out halves. Run it to read ten conversations."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from recipes.blenderbot import lines as of
from recipes.chat import talk
from recipes.chat.base import TAUGHT, fill, invented_word, is_held_out, letters, sentence, slip, untidy
from recipes.chat.lists import CAPITALS, GROUPS, NAMES

CITIES = sorted(set(CAPITALS.values()))
TEMPLATE = ("{% for message in messages %}{% if message['role'] == 'user' %}{{ ' ' }}{% endif %}{{ message['content'] }}"
            "{% if not loop.last %}{{ '  ' }}{% endif %}{% endfor %}{{ eos_token }}")


@dataclass
class Told:
    """What this conversation knows by now."""

    facts: dict[str, str] = field(default_factory=dict)
    asked: str = ""  # the first word of the question that the last answer ended in, if it did
    kinds: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Turn:
    """`kind` groups the figures, `key` decides the half; the first of `answers` is taught, all are right."""

    kind: str
    user: str
    answers: tuple[str, ...]
    key: str


def _typed(rng: random.Random, text: str) -> str:
    text = sentence(text)
    question = text.split()[0].lower() in "what who how are do where when why is can will did which".split()
    return untidy(rng, text + ("?" if question else rng.choice([".", ".", "", "!"])))


def _turn(rng: random.Random, kind: str, templates: str, answer: str, also: tuple[str, ...] = (), **slots: str) -> Turn:
    text = fill(rng, templates.split("|"), **slots)
    return Turn(kind, _typed(rng, text), (answer, *also), letters(text))


def _last_question(answer: str) -> str:
    return answer.replace("!", ".").rsplit(". ", 1)[-1].split()[0].lower() if answer.endswith("?") else ""


def small_talk(rng: random.Random, told: Told) -> Turn:
    ways, answer = rng.choice(of.TALK)
    way = text = rng.choice(ways)
    if rng.random() < 0.3:
        text = rng.choice(["well, ", "oh, ", "ok, ", "hey, ", "so ", "and ", "hello, ", "by the way, "]) + text
    if rng.random() < 0.2:
        text += rng.choice([" wick", " my friend", " now", " then", " today"])
    typed = slip(rng, _typed(rng, text))
    question = way.split()[0] in "what who how are do where when why is can will did which".split()
    return Turn("small talk", typed.rstrip("?.!") + "?" if question and typed[-1] != "?" and rng.random() < 0.7 else typed, (answer,), letters(text))


def name(rng: random.Random, told: Told) -> Turn:
    who = rng.choice(NAMES) if rng.random() < 0.7 else sentence(invented_word(rng))
    told.facts["name"] = who
    return _turn(rng, "name", "my name is {x}|i am {x}|i'm {x}|call me {x}|people call me {x}|hi, i am {x}|hello, my name is {x}|it is {x}", f"Nice to meet you, {who}! Where are you from?", x=who)


def home(rng: random.Random, told: Told) -> Turn:
    city = rng.choice(CITIES) if rng.random() < 0.8 else sentence(invented_word(rng) + rng.choice(["ton", "burg", "ville"]))
    told.facts["home"] = city
    return _turn(rng, "home", "i live in {x}|i am from {x}|i come from {x}|my home is {x}|i moved to {x} last year|in {x}|i was born in {x}|we live in {x}", f"I have never been to {city}. What do you like about it?", x=city)


def hobby(rng: random.Random, told: Told) -> Turn:
    what, question = rng.choice(list(of.HOBBIES.items()))
    told.facts["hobby"] = what
    return _turn(rng, "hobby", "i like {x}|i love {x}|i really like {x}|my hobby is {x}|i enjoy {x}|i am into {x}|for fun i like {x}|i spend a lot of time on {x}|{x} is my hobby|my favourite thing is {x}",
                 f"Many people enjoy {what}. {question}", x=what)


def job(rng: random.Random, told: Told) -> Turn:
    what, question = rng.choice(list(of.JOBS.items()))
    told.facts["job"] = what
    article = "an" if what[0] in "aeiou" else "a"
    return _turn(rng, "job", "i work as {a} {x}|i am {a} {x}|my job is {x}|i'm {a} {x}|i have a job as {a} {x}|i just became {a} {x}|i earn my money as {a} {x}", f"It must be interesting to be {article} {what}. {question}", x=what, a=article)


def food(rng: random.Random, told: Told) -> Turn:
    what = rng.choice(of.FOODS)
    told.facts["food"] = what
    return _turn(rng, "food", "my favourite food is {x}|i like to eat {x}|i love to eat {x}|i could eat {x} every day|i had {x} for lunch|i am eating {x}|{x} is the best food|i like {x} most",
                 f"That sounds delicious! Do you make the {what} yourself?", x=what)


def colour(rng: random.Random, told: Told) -> Turn:
    what = rng.choice(of.COLOURS)
    told.facts["colour"] = what
    return _turn(rng, "colour", "my favourite colour is {x}|i like {x} best|i like the colour {x}|{x} is my favourite colour|i love {x} things|my best colour is {x}", f"{sentence(what)} is a beautiful colour! Do you wear it often?", x=what)


def pet(rng: random.Random, told: Told) -> Turn:
    kind, called = rng.choice(of.PETS), rng.choice(of.PET_NAMES) if rng.random() < 0.8 else sentence(invented_word(rng))
    told.facts["pet"] = called
    told.facts["animal"] = kind
    return _turn(rng, "pet", "i have a {k} called {x}|my {k} is called {x}|i have a {k} named {x}|the name of my {k} is {x}|we have a {k}, {x}|my {k} {x} is sleeping|this is my {k} {x}",
                 f"{called} is a lovely name for a {kind}! How old is {called}?", x=called, k=kind)


def pet_age(rng: random.Random, told: Told) -> Turn | None:
    if "pet" not in told.facts or "pet age" in told.facts:
        return None
    years = rng.choice(of.SMALL[1:])
    told.facts["pet age"] = years
    called, animal = told.facts["pet"], told.facts["animal"]
    made = _turn(rng, "follow up", "{c} is {x} years old|{x} years old|{x}|{c} is {x}|almost {x} years|{x} years", f"{sentence(years)} is a good age for a {animal}. Do you play with {called} a lot?", x=years, c=called)
    return Turn(made.kind, made.user, made.answers, f"{made.key} {animal} {years}")


def family(rng: random.Random, told: Told) -> Turn:
    kin, count = rng.choice(of.KIN), rng.choice(of.SMALL[:6])
    many = count != "one"
    what = f"{count} {kin}s" if many else f"{'an' if kin[0] in 'aeiou' else 'a'} {kin}"
    told.facts["family"] = what
    return _turn(rng, "family", "i have {x}|i've got {x}|in my family i have {x}|i have {x} at home|i grew up with {x}", f"It is nice to have {what}. Do you see {'them' if many else 'your ' + kin} often?", x=what)


ASKED = {
    "name": ("what is my name|do you remember my name|who am i|do you know my name|tell me my name|how am i called", "Your name is {x}."),
    "home": ("where do i live|where am i from|do you remember where i live|which city do i live in|where is my home", "You told me that you live in {x}."),
    "hobby": ("what is my hobby|what do i like|do you remember what i like|what do i like to do|what is my favourite thing", "You told me that you like {x}."),
    "job": ("what is my job|what do i do for a living|do you remember my job|what do i work as|how do i earn my money", "You told me that you are a {x}."),
    "food": ("what is my favourite food|what do i like to eat|do you remember what i eat|which food do i like", "You told me that you like {x}."),
    "colour": ("what is my favourite colour|which colour do i like|do you remember my favourite colour|tell me my favourite colour", "Your favourite colour is {x}."),
    "pet": ("what is my pet called|do you remember the name of my pet|what is the name of my pet|who is my pet", "Your pet is called {x}."),
    "family": ("do i have brothers or sisters|who is in my family|do you remember my family|what did i say about my family", "You told me that you have {x}."),
}


def remember(rng: random.Random, told: Told) -> Turn:
    known = [fact for fact in ASKED if fact in told.facts]
    fact = rng.choice(known) if known and rng.random() < 0.8 else rng.choice(list(ASKED))
    ways, answer = ASKED[fact]
    value = told.facts.get(fact)
    said = of.NOT_TOLD if value is None else answer.format(x=value).replace(" a e", " an e")
    made = _turn(rng, "memory" if value else "never told", ways, said)
    return Turn(made.kind, made.user, made.answers, f"{made.key} {value}")


def reply(rng: random.Random, told: Told) -> Turn | None:
    if told.asked in ("what", "which", "who", "where", "how") and rng.random() < 0.7:
        said = rng.choice([invented_word(rng), f"the {invented_word(rng)}", f"{invented_word(rng)} and {invented_word(rng)}", rng.choice(rng.choice(list(GROUPS.values()))),
                           "because it is fun", "since I was a child", "with my friends", "every weekend", "a lot", "everything", "at home"])
        return Turn("told", untidy(rng, sentence(said)), (of.TELL_MORE,), letters(said))
    if told.asked not in ("do", "does", "is", "are", "did"):
        return None
    ways, answer = rng.choice([(of.YES, of.AFTER_YES), (of.YES, of.AFTER_YES), (of.NO, of.AFTER_NO), (of.UNSURE, of.AFTER_UNSURE)])
    return Turn("follow up", _typed(rng, rng.choice(ways)), (answer,), TAUGHT)


def statement(rng: random.Random, told: Told) -> Turn:
    made = talk.statement(rng)
    return Turn("told", made.user, (of.TELL_MORE,), made.key)


def unknown(rng: random.Random, told: Told) -> Turn:
    while True:
        made = talk.unknown(rng)
        if made.answer == talk.UNKNOWN:
            return Turn("unknown", made.user, (of.UNKNOWN,), made.key)


KINDS = {small_talk: 8, name: 2, home: 2, hobby: 4, job: 3, food: 2, colour: 1, pet: 3, pet_age: 3, family: 2, remember: 5, reply: 4, statement: 2, unknown: 3}
ONCE = {"name", "home", "hobby", "job", "food", "colour", "pet", "family"}


def next_turn(rng: random.Random, told: Told, held_out: bool) -> Turn:
    """A turn of the wanted half that contradicts nothing told before."""
    while True:
        kept = dict(told.facts)
        make = rng.choices(list(KINDS), list(KINDS.values()))[0]
        if make.__name__ in told.kinds and make.__name__ in ONCE:
            continue
        made = make(rng, told)
        if made and (made.key == TAUGHT or is_held_out(made.key) == held_out):
            told.kinds.add(make.__name__)
            told.asked = _last_question(made.answers[0])
            return made
        told.facts = kept


def conversation(rng: random.Random, held_out: bool) -> list[Turn]:
    told = Told()
    return [next_turn(rng, told, held_out) for _ in range(rng.choice([1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 9]))]


def joined(turns: list[Turn], *, bare: bool) -> str:
    """The conversation up to the last thing said, as `TEMPLATE` joins it. `bare`: answers without the space that they are generated with."""
    parts = []
    for turn in turns:
        parts += [" " + turn.user, ("" if bare else " ") + turn.answers[0]]
    return "  ".join(parts[:-1])


def history(messages: list[dict]) -> str:
    """What `TEMPLATE` makes of `messages`, without the mark of the end."""
    return "  ".join((" " if message["role"] == "user" else "") + message["content"] for message in messages)


def pairs(seed: int) -> Iterator[tuple[str, str]]:
    """The endless stream: what was said so far, and the answer. Each turn of a conversation is one pair."""
    rng = random.Random(seed)
    while True:
        turns, bare = conversation(rng, held_out=False), rng.random() < 0.6
        for at in range(len(turns)):
            if rng.random() < 0.6 or at == len(turns) - 1:
                yield joined(turns[: at + 1], bare=bare), turns[at].answers[0]


def held_out_items(seed: int, each: int) -> list[dict]:
    """`each` last turns of every kind, with the conversation before them."""
    rng, made = random.Random(seed), {}
    kinds = {"small talk", "name", "home", "hobby", "job", "food", "colour", "pet", "follow up", "family", "memory", "never told", "told", "unknown"}
    while any(len(made.get(kind, [])) < each for kind in kinds):
        turns = conversation(rng, held_out=True)
        last, items = turns[-1], made.setdefault(turns[-1].kind, [])
        if last.key == TAUGHT or len(items) >= each:
            continue
        messages = [message for turn in turns for message in ({"role": "user", "content": turn.user}, {"role": "assistant", "content": turn.answers[0]})]
        items.append({"kind": last.kind, "messages": messages[:-1], "answers": list(last.answers)})
    return [item for kind in sorted(made) for item in made[kind]]


if __name__ == "__main__":
    for seed in range(10):
        for turn in conversation(random.Random(seed), False):
            print(f"you: {turn.user}\nit:  {turn.answers[0]}")
        print()
