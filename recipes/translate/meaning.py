"""What a sentence says, before any language says it."""

from dataclasses import dataclass, replace

from recipes.translate.words import NUMBERS, Adjective, Noun, Verb

ENGLISH, FRENCH, GERMAN, SPANISH = range(4)
CODES = ("eng_Latn", "fra_Latn", "deu_Latn", "spa_Latn")
I, YOU, HE, WE, THEY = range(5)


@dataclass(frozen=True)
class Thing:
    """Somebody or something: a pronoun, a name, or a noun with what stands before it.

    `of` is one of the, a, my, your, our, some (an unnamed amount or number), count, pronoun, name.
    """

    of: str
    noun: Noun | None = None
    many: bool = False
    count: int = 0
    adjective: Adjective | None = None
    person: int = HE
    gender: str = "m"
    name: str = ""
    also: "Thing | None" = None  # a second one of an object

    @property
    def agrees(self) -> int:
        """The person of the verb."""
        if self.of == "pronoun":
            return self.person
        return THEY if self.many else HE

    def sex(self, language: int) -> str:
        """The gender that adjectives and articles take in `language`."""
        if self.noun is None:
            return self.gender
        return (self.noun.english, self.noun.french, self.noun.german, self.noun.spanish)[language][-1]

    def in_general(self) -> "Thing":
        """Cats as a kind: French and Spanish say "the cats"."""
        return replace(self, of="the") if self.of == "some" else self

    @property
    def plural(self) -> bool:
        return self.many or (self.of == "pronoun" and self.person in (WE, THEY))


@dataclass(frozen=True)
class Clause:
    """One statement or question.

    `kind` says which words below are used. `words` and `time` hold one text for each language. `tense` is present, past or future.
    """

    kind: str
    subject: Thing | None = None
    verb: Verb | None = None
    object: Thing | None = None
    adjective: Adjective | None = None
    very: bool = False
    words: tuple[str, ...] = ()
    tense: str = "present"
    time: tuple[str, ...] = ()
    negated: bool = False
    asked: bool = False
    why: str = ""  # a question word: why, where, when
    mood: str = "can"  # of the kind "modal": can, must, want


def number(count: int, language: int) -> str:
    """In words up to twelve, in digits above."""
    return NUMBERS[count][language] if count <= 12 else str(count)
