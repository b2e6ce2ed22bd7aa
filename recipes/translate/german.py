"""German: what a `Clause` says."""

from dataclasses import replace

from recipes.translate.meaning import GERMAN, HE, Clause, Thing, number
from recipes.translate.words import Verb

PRONOUNS = "ich du er wir sie".split()
SEIN = ("bin bist ist sind sind".split(), "war warst war waren waren".split(), "sein")
HABEN = ("habe hast hat haben haben".split(), "hatte hattest hatte hatten hatten".split(), "haben")
WERDEN = "werde wirst wird werden werden".split()
MODALS = {"can": "kann kannst kann können können".split(), "must": "muss musst muss müssen müssen".split(), "want": "will willst will wollen wollen".split()}
LIVE, SPEAK = "wohne wohnst wohnt wohnen wohnen".split(), "spreche sprichst spricht sprechen sprechen".split()
COME, LIKE = "komme kommst kommt kommen kommen".split(), "mag magst mag mögen mögen".split()
WOULD = "möchte möchtest möchte möchten möchten".split()
FEELINGS = {"hunger": "Hunger", "thirst": "Durst", "fear": "Angst", "right": "recht"}
WEATHER = {"cold": "kalt", "hot": "heiß", "sun": "sonnig", "wind": "windig"}
FALLING = {"rain": ("regnet", "geregnet", "regnen"), "snow": ("schneit", "geschneit", "schneien")}
BETWEEN = {"on": "auf", "under": "unter", "before": "vor", "behind": "hinter", "beside": "neben"}
ASK = {"why": "warum", "where": "wo", "when": "wann", "": ""}
# Endings of ein, mein, kein by case and gender or plural; and those of adjectives after the, after a/my, and after nothing.
EIN = {"nom": dict(m="", f="e", n="", p="e"), "acc": dict(m="en", f="e", n="", p="e"), "dat": dict(m="em", f="er", n="em", p="en")}
THE = {"nom": dict(m="der", f="die", n="das", p="die"), "acc": dict(m="den", f="die", n="das", p="die"), "dat": dict(m="dem", f="der", n="dem", p="den")}
WEAK = {"nom": dict(m="e", f="e", n="e", p="en"), "acc": dict(m="en", f="e", n="e", p="en"), "dat": dict(m="en", f="en", n="en", p="en")}
MIXED = {"nom": dict(m="er", f="e", n="es", p="en"), "acc": dict(m="en", f="e", n="es", p="en"), "dat": dict(m="en", f="en", n="en", p="en")}
STRONG = {"nom": dict(m="er", f="e", n="es", p="e"), "acc": dict(m="en", f="e", n="es", p="e"), "dat": dict(m="em", f="er", n="em", p="en")}
OWN = {"a": "ein", "my": "mein", "your": "dein", "our": "unser"}
DATIVE_VERB = "helfen"


def _noun(what: Thing, case: str) -> str:
    word = what.noun.german[what.many]
    if what.many:
        return word + "n" if case == "dat" and word[-1] not in "ns" else word
    return what.noun.weak if what.noun.weak and case != "nom" else word


def thing(what: Thing, case: str = "nom", negated: bool = False) -> str:
    """`negated`: the object of a negated verb, which takes "kein" where it would have an unnamed amount."""
    if what.also:
        return f"{thing(replace(what, also=None), case)} und {thing(what.also, case)}"
    if what.of == "name":
        return what.name
    if what.of == "pronoun":
        return "sie" if what.person == HE and what.gender == "f" else PRONOUNS[what.person]
    at = "p" if what.many else what.sex(GERMAN)
    if what.of == "the":
        before, endings = THE[case][at], WEAK
    elif what.of in OWN or (what.of == "some" and negated):
        before, endings = OWN.get(what.of, "kein") + EIN[case][at], MIXED
    else:
        before, endings = (number(what.count, GERMAN) if what.of == "count" else ""), STRONG
    adjective = what.adjective.german[1] + endings[case][at] if what.adjective else ""
    return " ".join(filter(None, [before, adjective, _noun(what, case)]))


def _join(clause: Clause, finite: str, middle: str, place: str = "", end: str = "", subject: str = "") -> str:
    """Verb second: subject, finite verb, time, `middle`, "nicht", `place`, `end`."""
    subject = subject or thing(clause.subject)
    time = clause.time[GERMAN] if clause.time else ""
    no = "nicht" if clause.negated and not (clause.kind in ("act", "have", "exist", "modal", "feel", "like") and _has_no(clause)) else ""
    first = [ASK[clause.why], finite, subject] if clause.asked else [subject, finite]
    return " ".join(filter(None, first + [time, middle, no, place, end]))


def _has_no(clause: Clause) -> bool:
    """Whether the negation already stands in the object (kein)."""
    return clause.kind == "feel" and clause.words[4] != "right" or (clause.object is not None and clause.object.of == "some")


def _irregular(clause: Clause, verb: tuple, middle: str = "", place: str = "", subject: str = "", person: int | None = None) -> str:
    person = clause.subject.agrees if person is None else person
    if clause.tense == "future":
        return _join(clause, WERDEN[person], middle, place, verb[2], subject)
    return _join(clause, verb[clause.tense == "past"][person], middle, place, "", subject)


def _object(clause: Clause, verb: Verb) -> str:
    if clause.object is None:
        return ""
    return thing(clause.object, "dat" if verb.german[-1] == DATIVE_VERB else "acc", clause.negated)


def _act(clause: Clause) -> str:
    forms, person = clause.verb.german, clause.subject.agrees
    middle, place = _object(clause, clause.verb), clause.words[GERMAN] if clause.words else ""
    if clause.tense == "present":
        return _join(clause, forms[person], middle, place)
    if clause.tense == "future":
        return _join(clause, WERDEN[person], middle, place, forms[7])
    return _join(clause, (SEIN if forms[6] == "sein" else HABEN)[0][person], middle, place, forms[5])


def _modal(clause: Clause) -> str:
    place = clause.words[GERMAN] if clause.words else ""
    return _join(clause, MODALS[clause.mood][clause.subject.agrees], _object(clause, clause.verb), place, clause.verb.german[7])


def _feel(clause: Clause) -> str:
    what = FEELINGS[clause.words[4]]
    if clause.negated and what != "recht":
        what = ("keine " if what == "Angst" else "keinen ") + what
        return _irregular(clause, HABEN, what)
    return _irregular(clause, HABEN, "", what)


def _weather(clause: Clause) -> str:
    kind, where = clause.words[4], clause.words[GERMAN]
    if kind not in FALLING:
        return _irregular(clause, SEIN, where, WEATHER[kind], "es", HE)
    now, past, infinitive = FALLING[kind]
    if clause.tense == "future":
        return _join(clause, "wird", where, "", infinitive, "es")
    if clause.tense == "past":
        return _join(clause, "hat", where, "", past, "es")
    return _join(clause, now, where, "", "", "es")


def _exist(clause: Clause) -> str:
    what, place = thing(clause.object, "acc", clause.negated), clause.words[GERMAN]
    return _irregular(clause, ([0, 0, "gibt"], [0, 0, "gab"], "geben"), what, place, "es", HE)


def _like(clause: Clause) -> str:
    if clause.verb:
        forms, person = clause.verb.german, clause.subject.agrees
        gladly = "nicht gern" if clause.negated else "gern"
        return _join(replace(clause, negated=False), forms[person], gladly)
    return _join(clause, LIKE[clause.subject.agrees], thing(clause.object, "acc", clause.negated))


def _be(clause: Clause) -> str:
    return _irregular(clause, SEIN, "", ("sehr " if clause.very else "") + clause.adjective.german[0])


def because(clause: Clause) -> str:
    """A plain statement with its verb last, as it stands after "weil"."""
    subject, person = thing(clause.subject), clause.subject.agrees
    no = "nicht " if clause.negated else ""
    if clause.kind == "feel":
        what = FEELINGS[clause.words[4]]
        return f"{subject} {what} {HABEN[clause.tense == 'past'][person]}"
    return f"{subject} {no}{'sehr ' if clause.very else ''}{clause.adjective.german[0]} {SEIN[clause.tense == 'past'][person]}"


KINDS = {
    "be": _be,
    "compare": lambda c: _irregular(c, SEIN, "", f"{c.adjective.german[2]} als {thing(c.object)}"),
    "feel": _feel,
    "at": lambda c: _irregular(c, SEIN, "", c.words[GERMAN]),
    "between": lambda c: _irregular(c, SEIN, "", f"{BETWEEN[c.words[4]]} {thing(c.object, 'dat')}"),
    "exist": _exist,
    "act": _act,
    "have": lambda c: _irregular(c, HABEN, thing(c.object, "acc", c.negated)),
    "like": _like,
    "modal": _modal,
    "would": lambda c: _join(c, WOULD[c.subject.agrees], thing(c.object, "acc")),
    "live": lambda c: _join(c, LIVE[c.subject.agrees], "", f"in {c.words[GERMAN]}"),
    "from": lambda c: _join(c, COME[c.subject.agrees], "", f"aus {c.words[GERMAN]}"),
    "speak": lambda c: _join(replace(c, negated=False), SPEAK[c.subject.agrees], ("kein " if c.negated else "") + c.words[GERMAN]),
    "age": lambda c: _irregular(c, SEIN, "", f"{number(int(c.words[4]), GERMAN)} Jahre alt"),
    "cost": lambda c: _join(c, [0, 0, "kostet", 0, "kosten"][c.subject.agrees], "", f"{number(int(c.words[4]), GERMAN)} Euro"),
    "weather": _weather,
}


def say(clause: Clause) -> str:
    return KINDS[clause.kind](clause)
