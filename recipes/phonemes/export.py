"""Writes what was learned as the table that `crates/tasks/src/speak/phonemes/table.rs` reads.

    python -m recipes.phonemes.export --trained target/wick-phonemes --model www/models/wick-speak
"""

import argparse
import pickle
from collections import Counter
from pathlib import Path

from recipes.phonemes import asked, trees, words
from recipes.phonemes.affixes import row
from recipes.phonemes.context import COLUMNS
from recipes.phonemes.say import Speaker

TITLE = "wick phonemes 1"
FIRST, BASE, SHORT = ord("!"), 94, 80
PRICE = 0.5  # what a question has to get right, in uncommon words
LISTED = 12_000  # of the commonest words, those that rules get wrong are listed
NAMED = 6_000  # of so many, those that are said in another way in capitals
CAPITALS = {"AM": "a.m.", "PM": "p.m."}  # what is asked for them
NOTHING = "-"


def digits(number: int) -> str:
    """A number as `digits.rs` reads it."""
    if number < SHORT:
        return chr(FIRST + number)
    high, low = divmod(number - SHORT, BASE)
    return chr(FIRST + SHORT + high) + chr(FIRST + low)


def written(node: trees.Node, columns: int, numbers: dict[int, int]) -> str:
    """A tree from its top; answers by their numbers."""
    if node.yes is None or node.no is None:
        return digits(columns + numbers[node.best])
    return digits(node.column) + digits(node.value) + written(node.yes, columns, numbers) + written(node.no, columns, numbers)


def answers(node: trees.Node) -> list[int]:
    return [node.best] if node.yes is None or node.no is None else [*answers(node.yes), *answers(node.no)]


def itself(count: int) -> dict[int, int]:
    return {number: number for number in range(count)}


def letters(speaker: Speaker) -> list[str]:
    lines = ["chunks " + " ".join(chunk or NOTHING for chunk in speaker.chunks)]
    for code, letter in enumerate(trees.ALPHABET, 1):
        seen = answers(speaker.forest[code])
        made = sorted(set(seen), key=lambda answer: (-seen.count(answer), answer))
        order = {answer: number for number, answer in enumerate(made)}
        lines.append(f"letter {letter} {''.join(map(digits, made))} {written(speaker.forest[code], len(trees.NAMES), order)}")
    return lines


def affixes(speaker: Speaker) -> list[str]:
    columns = len(row("word"))
    lines = [f"op {affix} {how}" for affix, how in speaker.parts.ops]
    lines.append("affixes " + written(speaker.parts.tree, columns, itself(len(speaker.parts.ops) + 1)))
    for (affix, end), (gone, comes) in sorted(speaker.parts.joins.items()):
        lines.append(f"join {affix} {end or NOTHING} {gone or NOTHING} {comes or NOTHING}")
    return [*lines, "spelled " + written(speaker.spelled, columns, itself(2)), "alphabet " + " ".join(speaker.alphabet[letter] for letter in trees.ALPHABET)]


def listed(speaker: Speaker) -> list[str]:
    counts = Counter(phone for sound in speaker.words.values() for phone in words.phones(sound))
    phones = sorted(counts, key=lambda phone: (-counts[phone], phone))
    order = {phone: digits(number) for number, phone in enumerate(phones)}
    lines = [f"= {word} {''.join(order[phone] for phone in words.phones(sound))}" for word, sound in sorted(speaker.words.items())]
    return ["phones " + " ".join(phones), *lines]


def context(speaker: Speaker) -> list[str]:
    lines = ["names " + " ".join(speaker.names)]
    for word, (ways, tree) in speaker.ways.items():
        lines.append(f"ways {word} {','.join(ways)} {written(tree, len(COLUMNS), itself(len(ways)))}")
    return lines


def exceptions(speaker: Speaker, said: dict[str, str], rank: dict[str, int]) -> None:
    """Lists what rules get wrong; short words first, as they are in longer ones."""
    known = [word for word in said if rank.get(word, LISTED) < LISTED and not words.held_out(word, rank)]
    for word in sorted(known, key=lambda word: (len(word), word)):
        if speaker.unknown(word) != said[word]:
            speaker.words[word] = said[word]
    for word in (word for word in sorted(known) if rank[word] < NAMED and len(word) > 1):
        for large in sorted({word.upper(), word.capitalize()}):
            sound = asked.clause(large)
            if words.is_word(sound) and sound != said[word]:
                speaker.words[large] = sound
    speaker.words |= {large: asked.clause(written) for large, written in CAPITALS.items()}


def speaker(trained: Path) -> tuple[Speaker, dict[str, str], dict[str, int]]:
    said, rank, parts, chunks, forest = pickle.loads((trained / "learned.pickle").read_bytes())
    tree, alphabet, names, ways = pickle.loads((trained / "context.pickle").read_bytes())
    for node in forest.values():
        trees.pruned(node, PRICE)
    found = Speaker(parts, chunks, forest, tree, alphabet, {name: number for number, name in enumerate(names, 2)}, ways)
    exceptions(found, said, rank)
    return found, said, rank


def text(speaker: Speaker) -> str:
    return "\n".join([TITLE, *listed(speaker), *letters(speaker), *affixes(speaker), *context(speaker)]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trained", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    arguments = parser.parse_args()
    found, _, _ = speaker(arguments.trained)
    body = text(found)
    arguments.model.mkdir(parents=True, exist_ok=True)
    (arguments.model / "phonemes.txt").write_text(body)
    print(f"{len(body.encode())} bytes, {len(found.words)} words listed, {len(found.ways)} that change")


if __name__ == "__main__":
    main()
