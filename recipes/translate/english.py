"""English: what a `Clause` says."""

import re
from dataclasses import replace

from recipes.translate.meaning import ENGLISH, HE, THEY, Clause, Thing, number
from recipes.translate.words import Verb

PRONOUNS = "I you he we they".split()
BE = {"present": "am are is are are".split(), "past": "was were was were were".split()}
HAVE = Verb(("have", "has", "had", "having"), (), (), ())
WANT, LIVE, SPEAK, COST = (Verb(tuple(forms.split()), (), (), ()) for forms in (
    "want wants wanted wanting", "live lives lived living", "speak speaks spoke speaking", "cost costs cost costing"))
COME, LIKE = Verb(("come", "comes", "came", "coming"), (), (), ()), Verb(("like", "likes", "liked", "liking"), (), (), ())
FEELINGS = {"hunger": "hungry", "thirst": "thirsty", "fear": "afraid", "right": "right"}
WEATHER = {"cold": "cold", "hot": "hot", "sun": "sunny", "wind": "windy"}
FALLING = {"rain": Verb(("rain", "rains", "rained", "raining"), (), (), ()), "snow": Verb(("snow", "snows", "snowed", "snowing"), (), (), ())}
BETWEEN = {"on": "on", "under": "under", "before": "in front of", "behind": "behind", "beside": "next to"}
ASK = {"why": "why", "where": "where", "when": "when", "": ""}


def thing(what: Thing) -> str:
    if what.also:
        return f"{thing(replace(what, also=None))} and {thing(what.also)}"
    if what.of == "name":
        return what.name
    if what.of == "pronoun":
        return "she" if what.person == HE and what.gender == "f" else PRONOUNS[what.person]
    noun = what.noun.english[what.many]
    before = {"count": number(what.count, ENGLISH), "some": ""}.get(what.of, what.of)
    return " ".join(filter(None, [before, what.adjective.english[0] if what.adjective else "", noun]))


def _join(clause: Clause, subject: str, helper: str, rest: str) -> str:
    """A sentence around its helper verb: `helper` goes before the subject of a question."""
    no = "not" if clause.negated else ""
    if no and helper == "can":
        helper, no = "cannot", ""
    parts = [ASK[clause.why], helper, subject, no, rest] if clause.asked else [subject, helper, no, rest]
    return " ".join(filter(None, parts + [clause.time[ENGLISH] if clause.time else ""]))


def _be(clause: Clause, rest: str, subject: str = "", person: int | None = None) -> str:
    subject = subject or thing(clause.subject)
    if clause.tense == "future":
        return _join(clause, subject, "will", f"be {rest}")
    return _join(clause, subject, BE[clause.tense][clause.subject.agrees if person is None else person], rest)


def _verb(clause: Clause, verb: Verb, rest: str = "", subject: str = "", person: int | None = None) -> str:
    subject, person = subject or thing(clause.subject), clause.subject.agrees if person is None else person
    base, third, past, doing = verb.english
    if clause.tense == "future":
        return _join(clause, subject, "will", f"{base} {rest}".strip())
    if clause.time and clause.time[ENGLISH] in ("now", "today") and clause.tense == "present" and verb not in (HAVE, LIKE, WANT):
        return _join(clause, subject, BE["present"][person], f"{doing} {rest}".strip())
    if clause.negated or clause.asked:
        helper = "did" if clause.tense == "past" else "does" if person == HE else "do"
        return _join(clause, subject, helper, f"{base} {rest}".strip())
    said = past if clause.tense == "past" else third if person == HE else base
    return _join(clause, subject, "", f"{said} {rest}".strip())


def _with_object(clause: Clause) -> str:
    return " ".join(filter(None, [thing(clause.object) if clause.object else "", clause.words[ENGLISH] if clause.words else ""]))


def _modal(clause: Clause) -> str:
    rest = f"{clause.verb.english[0]} {_with_object(clause)}".strip()
    if clause.mood == "can":
        return _join(clause, thing(clause.subject), "can", rest)
    return _verb(clause, HAVE if clause.mood == "must" else WANT, f"to {rest}")


def _weather(clause: Clause) -> str:
    kind = clause.words[4]
    where = clause.words[ENGLISH]
    if kind in FALLING:
        verb = FALLING[kind]
        if clause.tense == "present":
            return _join(clause, "it", "is", f"{verb.english[3]} {where}".strip())
        return _verb(clause, verb, where, "it", HE)
    return _be(clause, f"{WEATHER[kind]} {where}".strip(), "it", HE)


def _exist(clause: Clause) -> str:
    person = THEY if clause.object.many else HE
    if clause.negated:
        return _be(replace(clause, negated=False), f"no {thing(clause.object)} {clause.words[ENGLISH]}", "there", person)
    return _be(clause, f"{thing(clause.object)} {clause.words[ENGLISH]}", "there", person)


KINDS = {
    "be": lambda c: _be(c, ("very " if c.very else "") + c.adjective.english[0]),
    "compare": lambda c: _be(c, f"{c.adjective.english[1]} than {thing(c.object)}"),
    "feel": lambda c: _be(c, FEELINGS[c.words[4]]),
    "at": lambda c: _be(c, c.words[ENGLISH]),
    "between": lambda c: _be(c, f"{BETWEEN[c.words[4]]} {thing(c.object)}"),
    "exist": _exist,
    "act": lambda c: _verb(c, c.verb, _with_object(c)),
    "have": lambda c: _verb(c, HAVE, thing(c.object)),
    "like": lambda c: _verb(c, LIKE, _with_object(c) if c.verb is None else c.verb.english[3]),
    "modal": _modal,
    "would": lambda c: f"{thing(c.subject)} would like {thing(c.object)}",
    "live": lambda c: _verb(c, LIVE, f"in {c.words[ENGLISH]}"),
    "from": lambda c: _verb(c, COME, f"from {c.words[ENGLISH]}"),
    "speak": lambda c: _verb(c, SPEAK, c.words[ENGLISH]),
    "age": lambda c: _be(c, f"{number(int(c.words[4]), ENGLISH)} years old"),
    "cost": lambda c: _verb(c, COST, f"{number(int(c.words[4]), ENGLISH)} euros"),
    "weather": _weather,
}


def say(clause: Clause) -> str:
    return tidy(KINDS[clause.kind](clause))


def tidy(text: str) -> str:
    return re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", text)
