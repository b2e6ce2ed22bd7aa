"""How near what is shipped comes to espeak-ng; writes the golden file and the figures.

    python -m recipes.phonemes.evaluate --trained target/wick-phonemes --golden tests/golden/phonemes.json
"""

import argparse
import itertools
import json
import random
import re
from collections import Counter
from pathlib import Path

from recipes.listen import world
from recipes.phonemes import asked, words
from recipes.phonemes.export import speaker
from recipes.phonemes.lines import LINES
from recipes.phonemes.say import Speaker

MARKS = re.compile(r"([;:,.!?¡¿—…\"«»“”(){}\[\]]+)")
SEED, HEARD = 4, 60  # sentences of `listen`
WORDS, SENTENCES = 400, 80  # of the golden file


def sentence(text: str, clause) -> str:
    """Clause by clause, with the marks between, as the phonemizer package does."""
    parts = MARKS.split(text)
    return "".join(part if at % 2 else re.match(r"\s*", part)[0] + clause(part.strip()) + (" " if part != part.rstrip() and part.strip() else "") for at, part in enumerate(parts)).strip()


def edits(ours: str, theirs: str) -> int:
    rows = list(range(len(theirs) + 1))
    for i, x in enumerate(ours, 1):
        last, rows[0] = rows[0], i
        for j, y in enumerate(theirs, 1):
            last, rows[j] = rows[j], min(rows[j] + 1, rows[j - 1] + 1, last + (x != y))
    return rows[-1]


def bare(sound: str) -> str:
    return sound.replace("ˈ", "").replace("ˌ", "")


def rates(cases: list[tuple[str, str, str]]) -> dict[str, float]:
    """In percent: edits of all symbols, those without stress, and words or sentences not alike."""
    def rate(read) -> float:
        return round(100 * sum(edits(read(ours), read(theirs)) for _, theirs, ours in cases) / sum(len(read(theirs)) for _, theirs, _ in cases), 2)

    return {"count": len(cases), "with_stress": rate(str), "without": rate(bare), "not_alike": round(100 * sum(theirs != ours for _, theirs, ours in cases) / len(cases), 2)}


def sentences(speaker: Speaker) -> list[tuple[str, str, str]]:
    heard = dict.fromkeys(one.english for one in itertools.islice(world.sentences(SEED), HEARD))
    return [(text, sentence(text, asked.clause), sentence(text, speaker.clause)) for text in [*LINES, *heard]]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trained", type=Path, required=True)
    parser.add_argument("--golden", type=Path, required=True)
    arguments = parser.parse_args()
    found, said, rank = speaker(arguments.trained)
    held = sorted(word for word in said if words.held_out(word, rank))
    cases = [(word, said[word], found.clause(word)) for word in held]
    common = [case for case in cases if rank.get(case[0], words.COMMON) < words.COMMON]
    others = [case for case in cases if rank.get(case[0], words.COMMON) >= words.COMMON]
    known = [(word, said[word], found.clause(word)) for word in said if rank.get(word, words.COMMON) < 5_000]
    spoken = sentences(found)
    figures = {"words of the dictionary, held out": rates(others), "common words, held out": rates(common), "sentences": rates(spoken), "the 5000 commonest words": rates(known)}
    for what, rate in figures.items():
        print(f"{what}: {rate}")
    wrong = Counter()
    for _, theirs, ours in spoken:
        pairs = zip(theirs.split(), ours.split(), strict=False) if len(theirs.split()) == len(ours.split()) else [(theirs, ours)]
        wrong.update((a, b) for a, b in pairs if a != b)
    for (theirs, ours), count in wrong.most_common(40):
        print(f"{count:4}  {theirs}  {ours}")
    rng = random.Random(SEED)
    golden_words, golden_sentences = sorted(rng.sample(others, WORDS - WORDS // 4) + rng.sample(common, WORDS // 4)), rng.sample(spoken, SENTENCES)
    golden = {"scoring": "cases are a text, what espeak-ng 1.51 says (en-us, clause by clause) and what recipes/phonemes says; edits of symbols, in percent of espeak-ng's",
              "all": figures, "words": {**rates(golden_words), "cases": golden_words}, "sentences": {**rates(golden_sentences), "cases": golden_sentences}}
    arguments.golden.write_text(json.dumps(golden, ensure_ascii=False, indent=0) + "\n")


if __name__ == "__main__":
    main()
