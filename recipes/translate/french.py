"""French: what a `Clause` says."""

import re
from dataclasses import replace

from recipes.translate.meaning import FRENCH, HE, Clause, Thing, number
from recipes.translate.words import Adjective, Verb

PRONOUNS = "je tu il nous ils".split()
ETRE = ("suis es est sommes sont".split(), "étais étais était étions étaient".split(), "être")
AVOIR = ("ai as a avons ont".split(), "avais avais avait avions avaient".split(), "avoir")
ALLER = "vais vas va allons vont".split()
MODALS = {"can": "peux peux peut pouvons peuvent".split(), "must": "dois dois doit devons doivent".split(), "want": "veux veux veut voulons veulent".split()}
LIVE, SPEAK = "habite habites habite habitons habitent".split(), "parle parles parle parlons parlent".split()
COME, LIKE = "viens viens vient venons viennent".split(), "aime aimes aime aimons aiment".split()
WOULD = "voudrais voudrais voudrait voudrions voudraient".split()
FEELINGS = {"hunger": "faim", "thirst": "soif", "fear": "peur", "right": "raison"}
WEATHER = {"cold": "froid", "hot": "chaud", "sun": "du soleil", "wind": "du vent"}
FALLING = {"rain": ("pleut", "a plu", "pleuvoir"), "snow": ("neige", "a neigé", "neiger")}
BETWEEN = {"on": "sur", "under": "sous", "before": "devant", "behind": "derrière", "beside": "à côté de"}
ASK = {"why": "pourquoi", "where": "où", "when": "quand", "": ""}
VOWEL = "aeiouhâéèêîôœAEIOUHÉ"
OWN = {"my": ("mon", "ma", "mes"), "your": ("ton", "ta", "tes"), "our": ("notre", "notre", "nos")}


def agreed(adjective: Adjective, gender: str, many: bool) -> str:
    word = adjective.french[gender == "f"]
    if not many or word[-1] in "sx" or word == "marron":
        return word
    return word + ("x" if word.endswith("eau") else "s")


def thing(what: Thing, negated: bool = False) -> str:
    """`negated`: the object of a negated verb, which has "de" where it would have an unnamed amount."""
    if what.also:
        return f"{thing(replace(what, also=None))} et {thing(what.also)}"
    if what.of == "name":
        return what.name
    if what.of == "pronoun":
        return ("elle" if what.gender == "f" else "il") if what.person == HE else PRONOUNS[what.person]
    mass, she = what.noun.english[1] == "-", what.sex(FRENCH) == "f"
    noun = what.noun.french[what.many]
    if what.adjective:
        word = agreed(what.adjective, "f" if she else "m", what.many)
        if what.adjective.french[3]:
            word = what.adjective.french[2] if not what.many and not she and noun[0] in VOWEL else word
            noun = f"{word} {noun}"
        else:
            noun = f"{noun} {word}"
    if what.of == "some":
        before = "de" if negated or (what.many and what.adjective and what.adjective.french[3]) else "de_la" if mass and she else "de_le" if mass else "des"
    elif what.of == "the":
        before = "les" if what.many else "la" if she else "le"
    elif what.of == "a":
        before = "une" if she else "un"
    elif what.of == "count":
        before = number(what.count, FRENCH)
    else:
        before = OWN[what.of][2 if what.many else int(she)]
    return f"{before.replace('_', ' ')} {noun}"


def _join(clause: Clause, finite: str, rest: str, subject: str = "") -> str:
    said = f"{subject or thing(clause.subject)} " + (f"ne {finite} pas" if clause.negated else finite)
    parts = [ASK[clause.why], "est-ce que" if clause.asked else "", said, rest, clause.time[FRENCH] if clause.time else ""]
    return " ".join(filter(None, parts))


def _irregular(clause: Clause, verb: tuple, rest: str, subject: str = "", person: int | None = None) -> str:
    person = clause.subject.agrees if person is None else person
    if clause.tense == "future":
        return _join(clause, ALLER[person], f"{verb[2]} {rest}".strip(), subject)
    return _join(clause, verb[clause.tense == "past"][person], rest, subject)


def _with_object(clause: Clause) -> str:
    return " ".join(filter(None, [thing(clause.object, clause.negated) if clause.object else "", clause.words[FRENCH] if clause.words else ""]))


def _act(clause: Clause, verb: Verb) -> str:
    rest, person, forms = _with_object(clause), clause.subject.agrees, verb.french
    if clause.tense == "present":
        return _join(clause, forms[person], rest)
    if clause.tense == "future":
        return _join(clause, ALLER[person], f"{forms[7]} {rest}".strip())
    participle = forms[5]
    if forms[6] == "être":
        participle += ("e" if clause.subject.sex(FRENCH) == "f" else "") + ("s" if clause.subject.plural else "")
    return _join(clause, (ETRE if forms[6] == "être" else AVOIR)[0][person], f"{participle} {rest}".strip())


def _modal(clause: Clause) -> str:
    return _join(clause, MODALS[clause.mood][clause.subject.agrees], f"{clause.verb.french[7]} {_with_object(clause)}".strip())


def _be(clause: Clause) -> str:
    word = agreed(clause.adjective, clause.subject.sex(FRENCH), clause.subject.plural)
    return _irregular(clause, ETRE, ("très " if clause.very else "") + word)


def _compare(clause: Clause) -> str:
    word = agreed(clause.adjective, clause.subject.sex(FRENCH), clause.subject.plural)
    more = {"bon": "meilleur", "bonne": "meilleure"}.get(word, f"plus {word}")
    return _irregular(clause, ETRE, f"{more} que {thing(clause.object)}")


def _weather(clause: Clause) -> str:
    kind, where = clause.words[4], clause.words[FRENCH]
    if kind in FALLING:
        now, past, infinitive = FALLING[kind]
        if clause.tense == "future":
            return _join(clause, "va", f"{infinitive} {where}".strip(), "il")
        finite, _, rest = (past if clause.tense == "past" else now).partition(" ")
        return _join(clause, finite, f"{rest} {where}".strip(), "il")
    said = WEATHER[kind]
    if clause.negated:
        said = said.replace("du ", "de ")
    return _irregular(clause, ([0, 0, "fait"], [0, 0, "faisait"], "faire"), f"{said} {where}".strip(), "il", HE)


def _exist(clause: Clause) -> str:
    return _irregular(clause, ([0, 0, "y_a"], [0, 0, "y_avait"], "y avoir"), f"{thing(clause.object, clause.negated)} {clause.words[FRENCH]}", "il", HE)


def _like(clause: Clause) -> str:
    loved = clause.verb.french[7] if clause.verb else thing(clause.object.in_general())
    return _join(clause, LIKE[clause.subject.agrees], loved)


KINDS = {
    "be": _be,
    "compare": _compare,
    "feel": lambda c: _irregular(c, AVOIR, FEELINGS[c.words[4]]),
    "at": lambda c: _irregular(c, ETRE, c.words[FRENCH]),
    "between": lambda c: _irregular(c, ETRE, f"{BETWEEN[c.words[4]]} {thing(c.object)}"),
    "exist": _exist,
    "act": lambda c: _act(c, c.verb),
    "have": lambda c: _irregular(c, AVOIR, thing(c.object, c.negated)),
    "like": _like,
    "modal": _modal,
    "would": lambda c: _join(c, WOULD[c.subject.agrees], thing(c.object)),
    "live": lambda c: _join(c, LIVE[c.subject.agrees], (f"à {c.words[FRENCH]}" if c.words[4] == "city" else inside(c.words[FRENCH]))),
    "from": lambda c: _join(c, COME[c.subject.agrees], f"{'du' if c.words[FRENCH] == 'Portugal' else 'de'} {c.words[FRENCH]}"),
    "speak": lambda c: _join(c, SPEAK[c.subject.agrees], c.words[FRENCH]),
    "age": lambda c: _irregular(c, AVOIR, f"{number(int(c.words[4]), FRENCH)} ans"),
    "cost": lambda c: _join(c, [0, 0, "coûte", 0, "coûtent"][c.subject.agrees], f"{number(int(c.words[4]), FRENCH)} euros"),
    "weather": _weather,
}


def inside(country: str) -> str:
    return ("au " if country == "Portugal" else "en ") + country


def say(clause: Clause) -> str:
    return tidy(KINDS[clause.kind](clause))


def tidy(text: str) -> str:
    """`text` with what French contracts: je ai, de le, ma amie."""
    text = text.replace("ne y_", "n'y ").replace("y_", "y ")
    text = re.sub(rf"\b([mts])a (?=[{VOWEL}])(?!huit|onze)", r"\1on ", text)
    text = re.sub(rf"\b([Jj]e|[Nn]e|[Ll]e|[Ll]a|[Dd]e|[Qq]ue) (?=[{VOWEL}])(?!huit|onze)", lambda m: m[1][:-1] + "'", text)
    for apart, joined in (("de le", "du"), ("de les", "des"), ("à le", "au"), ("à les", "aux")):
        text = re.sub(rf"\b{apart} ", joined + " ", text)
    return text
