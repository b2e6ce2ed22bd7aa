"""Spanish: what a `Clause` says."""

import re
from dataclasses import replace

from recipes.translate.meaning import HE, SPANISH, THEY, Clause, Thing, number
from recipes.translate.words import Adjective, Verb

PRONOUNS = ["yo", "tú", "él", "nosotros", "ellos"]
SER = ("soy eres es somos son".split(), "era eras era éramos eran".split(), "ser")
ESTAR = ("estoy estás está estamos están".split(), "estaba estabas estaba estábamos estaban".split(), "estar")
TENER = ("tengo tienes tiene tenemos tienen".split(), "tenía tenías tenía teníamos tenían".split(), "tener")
IR = "voy vas va vamos van".split()
MODALS = {"can": "puedo puedes puede podemos pueden".split(), "must": [f"{form} que" for form in TENER[0]], "want": "quiero quieres quiere queremos quieren".split()}
LIVE, SPEAK = "vivo vives vive vivimos viven".split(), "hablo hablas habla hablamos hablan".split()
COME = "vengo vienes viene venimos vienen".split()
WOULD = "quisiera quisieras quisiera quisiéramos quisieran".split()
TO_WHOM = "me te le nos les".split()
FEELINGS = {"hunger": "hambre", "thirst": "sed", "fear": "miedo", "right": "razón"}
WEATHER = {"cold": "frío", "hot": "calor", "sun": "sol", "wind": "viento"}
FALLING = {"rain": ("llueve", "llovió", "llover"), "snow": ("nieva", "nevó", "nevar")}
BETWEEN = {"on": "sobre", "under": "debajo de", "before": "delante de", "behind": "detrás de", "beside": "al lado de"}
ASK = {"why": "por qué", "where": "dónde", "when": "cuándo", "": ""}
OWN = {"my": ("mi", "mi", "mis", "mis"), "your": ("tu", "tu", "tus", "tus"), "our": ("nuestro", "nuestra", "nuestros", "nuestras")}


def plural(word: str) -> str:
    word = {"joven": "jóvene", "marrón": "marrone", "feliz": "felice"}.get(word, word)
    return word + ("s" if word[-1] in "aeiou" else "es")


def agreed(adjective: Adjective, gender: str, many: bool) -> str:
    word = adjective.spanish[gender == "f"]
    return plural(word) if many else word


def thing(what: Thing) -> str:
    if what.also:
        return f"{thing(replace(what, also=None))} y {thing(what.also)}"
    if what.of == "name":
        return what.name
    if what.of == "pronoun":
        return "ella" if what.person == HE and what.gender == "f" else PRONOUNS[what.person]
    she, noun = what.sex(SPANISH) == "f", what.noun.spanish[what.many]
    if what.of == "the":
        masculine = not she or noun == "agua"
        before = ("los" if not she else "las") if what.many else "el" if masculine else "la"
    elif what.of in ("a", "some", "count"):
        before = {"a": "una" if she else "un", "some": "", "count": number(what.count, SPANISH)}[what.of]
    else:
        before = OWN[what.of][2 * what.many + she]
    return " ".join(filter(None, [before, noun, agreed(what.adjective, "f" if she else "m", what.many) if what.adjective else ""]))


def _subject(clause: Clause) -> str:
    """The subject, unless the verb says it: he, she and they are said."""
    subject = clause.subject
    return "" if subject.of == "pronoun" and subject.person not in (HE, THEY) else thing(subject)


def _join(clause: Clause, finite: str, rest: str, subject: str | None = None) -> str:
    subject = _subject(clause) if subject is None else subject
    said = ("no " if clause.negated else "") + finite
    time = clause.time[SPANISH] if clause.time else ""
    parts = [ASK[clause.why], said, subject, rest, time] if clause.why else [subject, said, rest, time]
    return " ".join(filter(None, parts))


def _irregular(clause: Clause, verb: tuple, rest: str, subject: str | None = None, person: int | None = None) -> str:
    person = clause.subject.agrees if person is None else person
    if clause.tense == "future":
        return _join(clause, f"{IR[person]} a {verb[2]}", rest, subject)
    return _join(clause, verb[clause.tense == "past"][person], rest, subject)


def _object(clause: Clause, verb: Verb) -> str:
    if clause.object is None:
        return clause.words[SPANISH] if clause.words else ""
    to = "a " if verb.spanish[-1] == "ayudar" else ""
    return f"{to}{thing(clause.object)}" + (f" {clause.words[SPANISH]}" if clause.words else "")


def _act(clause: Clause) -> str:
    forms, person, rest = clause.verb.spanish, clause.subject.agrees, _object(clause, clause.verb)
    if clause.tense == "future":
        return _join(clause, f"{IR[person]} a {forms[10]}", rest)
    return _join(clause, forms[person + (5 if clause.tense == "past" else 0)], rest)


def _modal(clause: Clause) -> str:
    return _join(clause, f"{MODALS[clause.mood][clause.subject.agrees]} {clause.verb.spanish[10]}", _object(clause, clause.verb))


def _be(clause: Clause) -> str:
    word = agreed(clause.adjective, clause.subject.sex(SPANISH), clause.subject.plural)
    return _irregular(clause, ESTAR if clause.adjective.spanish[2] == "estar" else SER, ("muy " if clause.very else "") + word)


def _compare(clause: Clause) -> str:
    word = agreed(clause.adjective, clause.subject.sex(SPANISH), clause.subject.plural)
    more = {"bueno": "mejor", "buena": "mejor", "buenos": "mejores", "buenas": "mejores"}.get(word, f"más {word}")
    return _irregular(clause, ESTAR if clause.adjective.spanish[2] == "estar" else SER, f"{more} que {thing(clause.object)}")


def _like(clause: Clause) -> str:
    """What is liked is the subject: to whom, pleases, what."""
    person = clause.subject.agrees
    many = clause.verb is None and clause.object.many
    whom = f"a {thing(clause.subject)}" if person in (HE, THEY) else ""
    liked = clause.verb.spanish[10] if clause.verb else thing(clause.object.in_general())
    return " ".join(filter(None, [whom, "no" if clause.negated else "", TO_WHOM[person], "gustan" if many else "gusta", liked]))


def _weather(clause: Clause) -> str:
    kind, where = clause.words[4], clause.words[SPANISH]
    if kind in FALLING:
        now, past, infinitive = FALLING[kind]
        return _join(clause, {"present": now, "past": past, "future": f"va a {infinitive}"}[clause.tense], where, "")
    return _irregular(clause, ([0, 0, "hace"], [0, 0, "hacía"], "hacer"), f"{WEATHER[kind]} {where}".strip(), "", HE)


def _exist(clause: Clause) -> str:
    return _irregular(clause, ([0, 0, "hay"], [0, 0, "había"], "haber"), f"{thing(clause.object)} {clause.words[SPANISH]}", "", HE)


KINDS = {
    "be": _be,
    "compare": _compare,
    "feel": lambda c: _irregular(c, TENER, FEELINGS[c.words[4]]),
    "at": lambda c: _irregular(c, ESTAR, c.words[SPANISH]),
    "between": lambda c: _irregular(c, ESTAR, f"{BETWEEN[c.words[4]]} {thing(c.object)}"),
    "exist": _exist,
    "act": _act,
    "have": lambda c: _irregular(c, TENER, thing(c.object)),
    "like": _like,
    "modal": _modal,
    "would": lambda c: _join(c, WOULD[c.subject.agrees], thing(c.object)),
    "live": lambda c: _join(c, LIVE[c.subject.agrees], f"en {c.words[SPANISH]}"),
    "from": lambda c: _join(c, COME[c.subject.agrees], f"de {c.words[SPANISH]}"),
    "speak": lambda c: _join(c, SPEAK[c.subject.agrees], c.words[SPANISH]),
    "age": lambda c: _irregular(c, TENER, f"{number(int(c.words[4]), SPANISH)} años"),
    "cost": lambda c: _join(c, [0, 0, "cuesta", 0, "cuestan"][c.subject.agrees], f"{number(int(c.words[4]), SPANISH)} euros"),
    "weather": _weather,
}


def say(clause: Clause) -> str:
    return tidy(KINDS[clause.kind](clause))


def tidy(text: str) -> str:
    """`text` with what Spanish contracts, and "e" for "y" before the same sound."""
    text = re.sub(r" y (?=h?i)", " e ", text)
    text = re.sub(r"\ba el ", "al ", text)
    return re.sub(r"\bde el ", "del ", text)
