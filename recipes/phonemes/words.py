"""The words whose sound is learned: a dictionary's and the commonest, with what espeak-ng says, and which of them are held out.

    python -m recipes.phonemes.words        # writes twenty of them
"""

import re
import zlib
from pathlib import Path

import wordfreq

from recipes.phonemes import asked

DICTIONARY = Path("/usr/share/dict/american-english-large")  # Debian's wamerican-large 2020.12.07-2
WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
RANKED, KNOWN, COMMON = 40_000, 2_000, 20_000  # so many words have a rank; the first are never held out; the next are called common
HELD_OUT = 20  # one of so many words is never learned from

PHONES = re.compile(r"[ˈˌ]*(?:tʃ|dʒ|aɪɚ|aɪə|[aeɔ]ɪ|[ao]ʊ|.)[ː\u0329\u0303\u02b2]*")  # with stress and length


def ranks() -> dict[str, int]:
    """Of the commonest words."""
    return {word: rank for rank, word in enumerate(word for word in wordfreq.top_n_list("en", RANKED) if WORD.fullmatch(word))}


def dictionary() -> list[str]:
    """Without possessives, in small letters."""
    lines = DICTIONARY.read_text().split("\n")
    return sorted({word.lower() for word in lines if WORD.fullmatch(word.lower()) and not word.endswith("'s")})


def held_out(word: str, rank: dict[str, int]) -> bool:
    return zlib.crc32(word.encode()) % HELD_OUT == 0 and rank.get(word, KNOWN) >= KNOWN


def written(word: str) -> str:
    """As it stands in a sentence: `I` is large, and is said in another way where it is not."""
    return word.capitalize() if word == "i" or word.startswith("i'") else word


def is_word(said: str) -> bool:
    """It was said as one word, not letter by letter or in another voice."""
    return bool(said) and not re.search(r"[\s()_-]", said)


def phones(said: str) -> list[str]:
    return PHONES.findall(said)


def answers() -> tuple[dict[str, str], dict[str, int]]:
    """What is said of each word, and the ranks."""
    rank = ranks()
    said = {word: asked.clause(written(word)) for word in [*rank, *dictionary()]}
    return {word: one for word, one in said.items() if is_word(one)}, rank


def main() -> None:
    said, rank = answers()
    print(f"{len(said)} words, {sum(held_out(word, rank) for word in said)} held out")
    for word in list(said)[:: len(said) // 20]:
        print(word, said[word], held_out(word, rank), rank.get(word))
    print(sorted({phone for one in said.values() for phone in phones(one)}))


if __name__ == "__main__":
    main()
