"""Patterns given in the prompt, things said earlier in the conversation, and system messages."""

import random
from collections.abc import Callable

from recipes.chat.base import Exchange, ask, fill, invented_word, letters, sentence, untidy
from recipes.chat.facts import plural_of
from recipes.chat.lists import BABIES, CAPITALS, COLOURS, GROUPS, IRREGULAR, NAMES, OPPOSITES, PAST, REGULAR, SOUNDS
from recipes.chat.reading import review
from recipes.chat.skills import WORDS

LAYOUTS = [("{x} -> {y}", "\n"), ("{x}: {y}", "\n"), ("{x} = {y}", "\n"), ("{x} => {y}", "\n"), ("{x} -> {y}", ", "), ("Input: {x}\nOutput: {y}", "\n"),
           ("Q: {x}\nA: {y}", "\n"), ("Q: {x}\nA: {y}", "\n\n"), ("{x} is {y}", ", "), ("{x} - {y}", "\n"), ("Text: {x}\nLabel: {y}", "\n"), ("{x}: {y}", "; ")]
LEADS = ["", "", "", "Continue the pattern:\n", "Complete this:\n", "Follow the examples.\n", "What comes next?\n", "Fill in the last one:\n", "Answer in a consistent style.\n"]


def _pattern(rng: random.Random, pairs: list[tuple[str, str]], key: str) -> Exchange:
    """All but the last pair as examples; the answer is the last pair's second half."""
    layout, between = rng.choice(LAYOUTS)
    shown = [layout.format(x=x, y=y) for x, y in pairs[:-1]]
    asked = layout.format(x=pairs[-1][0], y="").rstrip()
    return Exchange(rng.choice(LEADS) + between.join([*shown, asked]), pairs[-1][1], key=key)


def _knowledge(rng: random.Random) -> dict[str, str] | Callable[[str], str]:
    return rng.choice([CAPITALS, OPPOSITES, PAST, BABIES, SOUNDS, {w: plural_of(w) for w in [*IRREGULAR, *REGULAR]},
                       {w: w.upper() for w in WORDS}, {w: w[0] for w in WORDS}, {w: w for w in WORDS}, {w.upper(): w for w in WORDS},
                       {str(n): str(n + 1) for n in range(99)}, {str(n): str(n + 10) for n in range(89)}, {str(n): str(2 * n) for n in range(50)},
                       {w: f"{w} {w}" for w in WORDS}, {n: f"Hello {n}!" for n in NAMES}, {w: g for g in GROUPS for w in GROUPS[g]}])


def few_shot(rng: random.Random) -> Exchange:
    """A relation of the world shown by two to five examples."""
    relation = _knowledge(rng)
    pairs = rng.sample(list(relation.items()), rng.randint(3, 6))
    return _pattern(rng, pairs, key=letters(" ".join(f"{x} {y}" for x, y in pairs)))


def lookup(rng: random.Random) -> Exchange:
    """Made-up pairs, one of which is asked again: nothing but the prompt can answer it."""
    keys = rng.sample(WORDS + COLOURS + NAMES, 5) if rng.random() < 0.5 else [invented_word(rng) for _ in range(5)]
    values = [str(rng.randint(0, 99)) for _ in keys] if rng.random() < 0.4 else [invented_word(rng) if rng.random() < 0.6 else rng.choice(WORDS) for _ in keys]
    table = dict(zip(keys, values))
    pairs = list(table.items())[: rng.randint(2, 5)]
    asked = rng.choice(pairs)
    if rng.random() < 0.3:
        listed = ", ".join(f"{x} is {y}" for x, y in pairs)
        return Exchange(sentence(f"{listed}. What is {asked[0]}?"), asked[1], key=letters(listed + asked[0]))
    return _pattern(rng, [*pairs, asked], key=letters(" ".join(f"{x} {y}" for x, y in [*pairs, asked])))


def labels(rng: random.Random) -> Exchange:
    """Groups or moods under labels that the prompt chooses."""
    marks = rng.choice([("A", "B"), ("1", "0"), ("yes", "no"), ("good", "bad"), ("happy", "sad"), ("+", "-"), (invented_word(rng), invented_word(rng))])
    if rng.random() < 0.4:
        items = [review(rng) for _ in range(rng.randint(4, 6))]
        pairs = [(text, marks[0] if good else marks[1]) for text, good in items]
    else:
        groups = rng.sample(list(GROUPS), 2)
        sides = [rng.randrange(2) for _ in range(rng.randint(4, 7))]
        pairs = [(rng.choice(GROUPS[groups[side]]), marks[side]) for side in sides]
    if pairs[-1][1] not in {y for _, y in pairs[:-1]} or pairs[-1][0] in {x for x, _ in pairs[:-1]}:
        return labels(rng)
    return _pattern(rng, pairs, key=letters(" ".join(f"{x} {y}" for x, y in pairs)))


NAME_SAID = "my name is {x}|i am {x}|i'm {x}|hello, my name is {x}|hi, i am {x}|call me {x}|hi my name is {x}|you can call me {x}|hello, i'm {x}".split("|")
NAME_ASKED = "what is my name|do you know my name|who am i|what's my name|do you remember my name|tell me my name|say my name|can you remember my name".split("|")
SAID = {
    "age": ("i am {x} years old|my age is {x}|i'm {x} years old|i turned {x} today", "how old am i|what is my age|do you know my age|do you remember how old i am", "You are {x} years old."),
    "city": ("i live in {x}|i am from {x}|my home is in {x}|i come from {x}", "where do i live|where am i from|what is my city|do you remember where i live|which city do i live in", "You live in {x}."),
    "colour": ("my favourite colour is {x}|my favorite color is {x}|the colour i like best is {x}", "what is my favourite colour|what's my favorite color|which colour do i like|do you remember my favourite colour", "Your favourite colour is {x}."),
    "pet": ("my dog is called {x}|my dog's name is {x}|i have a dog called {x}|i have a dog named {x}", "what is my dog called|what is the name of my dog|what is my dog's name|do you remember my dog's name", "Your dog is called {x}."),
    "word": ("remember the word {x}|remember this word: {x}|please remember {x}|the secret word is {x}", "what was the word|which word did i tell you|what is the word|what is the secret word|what did i tell you to remember", "The word is {x}."),
}


def _told(rng: random.Random, topic: str) -> str:
    if topic == "age":
        return str(rng.randint(5, 90))
    if topic == "city":
        return rng.choice(list(CAPITALS.values()))
    if topic == "colour":
        return rng.choice(COLOURS)
    if topic == "word":
        return rng.choice(WORDS) if rng.random() < 0.5 else invented_word(rng)
    return rng.choice(NAMES) if rng.random() < 0.6 else sentence(invented_word(rng))


def _typed(rng: random.Random, said: str) -> str:
    """Small letters now and then, but no slip of the finger: it would change what is to be remembered."""
    return said.lower() if rng.random() < 0.3 else said


def memory(rng: random.Random) -> Exchange:
    """Something said now and asked for later in the same conversation."""
    if rng.random() < 0.5:
        name = _told(rng, "name")
        said, asked = sentence(fill(rng, NAME_SAID, x=name)) + rng.choice([".", "", "!"]), sentence(fill(rng, NAME_ASKED)) + rng.choice(["?", "?", ""])
        return Exchange(_typed(rng, said), f"Nice to meet you, {name}.", key=letters(said), topic="name", later=(untidy(rng, asked), f"Your name is {name}."))
    topic = rng.choice(list(SAID))
    ways, questions, answer = SAID[topic]
    value = _told(rng, topic)
    said, asked = sentence(fill(rng, ways.split("|"), x=value)) + rng.choice([".", "", "!"]), sentence(fill(rng, questions.split("|"))) + rng.choice(["?", "?", ""])
    return Exchange(_typed(rng, said), "I will remember that.", key=letters(said), topic=topic, later=(untidy(rng, asked), answer.format(x=value)))


def never_told(rng: random.Random) -> Exchange:
    """A question about the person, who has not said it."""
    topic = rng.choice(["name", *SAID])
    questions = NAME_ASKED if topic == "name" else SAID[topic][1].split("|")
    text = ask(rng, questions)
    return Exchange(untidy(rng, text), "You have not told me that.", key="untold " + letters(text), topic=topic)


CAPITALS_RULE = "Answer in capitals.|Answer in capital letters.|Always write in capitals.|Write everything in upper case.|You answer in capitals.|You must answer in capital letters.".split("|")
ONE_WORD_RULE = "Answer in one word.|Answer with one word only.|Use one word.|Reply with a single word.|Give one-word answers.|You answer in one word.".split("|")
LOWER_RULE = "Answer in small letters.|Answer in lowercase.|Always write in lowercase.|Write everything in lower case.|Never use capital letters.".split("|")
NO_EFFECT = "You are a helpful assistant.|You are Wick Chat.|You are a friendly chatbot.|Be helpful.|You are an assistant.|Keep answers short.|Be polite.".split("|")
ROLE = "Your name is {x}.|You are called {x}.|You are an assistant named {x}.|Your name is {x}. You are a helpful assistant.|You are {x}, a helpful assistant.".split("|")
ROLE_ASKED = "what is your name|do you have a name|tell me your name|what are you called|what's your name".split("|")


def role(rng: random.Random) -> Exchange:
    """A name given by the system message."""
    name = rng.choice(NAMES) if rng.random() < 0.5 else sentence(invented_word(rng))
    system, text = fill(rng, ROLE, x=name), ask(rng, ROLE_ASKED)
    return Exchange(untidy(rng, text), f"My name is {name}.", key=letters(f"{system} {text}"), system=system, topic="role")


def styled(rng: random.Random, plain: Exchange) -> Exchange:
    """`plain` under a rule about how to answer, from the system or from the question itself."""
    rules = [(CAPITALS_RULE, plain.answer.upper()), (LOWER_RULE, plain.answer.lower())]
    if plain.short and " " not in plain.short:
        rules += [(ONE_WORD_RULE, plain.short)] * 2
    ways, answer = rng.choice(rules)
    rule = rng.choice(ways)
    rule = rng.choice([rule, rule, rule.lower(), rule.rstrip("."), "You are a helpful assistant. " + rule])
    if rng.random() < 0.7:
        return Exchange(plain.user, answer, key=plain.key, system=rule)
    way = next(w for w in ways if w.startswith(("Answer", "Use", "Write")))
    return Exchange(f"{plain.user} {way}" if rng.random() < 0.6 else f"{way} {plain.user}", answer, key=plain.key, topic="asked")
