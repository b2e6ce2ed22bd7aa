"""What was learned, in Python: says what `crates/tasks/src/speak/phonemes.rs` says."""

import re
from dataclasses import dataclass, field

from recipes.phonemes import context, spelled, trees
from recipes.phonemes.affixes import Affixes, row
from recipes.phonemes.spelled import LONGEST

TOKEN = re.compile(r"[A-Za-z']+")
PARTS = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass
class Speaker:
    """Everything that the table holds."""

    parts: Affixes
    chunks: list[str]
    forest: dict[int, trees.Node]
    spelled: trees.Node
    alphabet: dict[str, str]
    names: dict[str, int]
    ways: dict[str, tuple[list[str], trees.Node]]
    words: dict[str, str] = field(default_factory=dict)

    def by_letters(self, word: str) -> str:
        return "".join(trees.of(word, self.forest, self.chunks))

    def unknown(self, word: str) -> str:
        if len(word) <= LONGEST and trees.answer(self.spelled, row(word)) == 1:
            return spelled.spell(word, self.alphabet)
        rest, taken = self.parts.split(word)
        alone = self.words[rest] if rest in self.words else self.by_letters(rest)
        whole = self.parts.whole(alone, taken)
        if whole is None:
            return self.words[word] if word in self.words else self.by_letters(word)
        return whole

    def alone(self, written: str) -> str:
        word = written.lower()
        for known in (written, word):
            if known in self.words:
                return self.words[known]
        return self.unknown(word)

    def clause(self, text: str) -> str:
        """How the words between two marks are said."""
        written, joined = [], []
        for token in text.replace("’", "'").split():
            found = [PARTS.split(one.strip("'")) for one in TOKEN.findall(token) if one.strip("'")]
            for number, parts in enumerate(found):
                written += parts
                joined += [False] * (len(parts) - 1) + [number + 1 < len(found)]
        sounds = [self.alone(word) for word in written]
        lower = [word if word in self.words else word.lower() for word in written]
        numbers = [self.names.get(word, context.OTHER) for word in lower]
        said = []
        for at, word in enumerate(lower):
            way = sounds[at]
            if word in self.ways:
                every, tree = self.ways[word]
                way = every[trees.answer(tree, context.row(numbers, sounds, at))]
            said.append((way.removesuffix(context.JOIN), joined[at] or way.endswith(context.JOIN)))
        whole = ""
        for at, (way, together) in enumerate(said):
            last = at + 1 == len(said)
            whole += way if last else context.linked(way, said[at + 1][0]) + " " * (not together)
        return whole
