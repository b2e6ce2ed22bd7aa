"""Words that are said in another way beside other words: their ways, and a tree for each that tells which."""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

import numpy as np

from recipes.chat import world
from recipes.phonemes import asked, trees, words

PROBED, BESIDE = 20_000, 400  # words that are looked at; the commonest, which a tree may know by name
TALKS, PROBES, TOGETHER, SEED = 4_000, 400, 250, 6  # conversations; clauses for a word that changes, and for two that are said together
AROUND = ["house", "apple", "box", "eagle", "records", "about", "seven", "begin"]  # words that say nothing of themselves
CARRIERS = ["{}", "the {}", "to {}", "i {}", "{} box", "{} it", "have {}", "house {} box", "house {} eagle", "house {}", "he was {}", "we {} the box", "they {} a"]
SEEN, PRICE = 4, 2.0
MARKS = re.compile(r"[;:,.!?¡¿—…\"«»“”(){}\[\]\n]+")
JOIN = "+"  # after a way that is said together with the next word
NOTHING, OTHER = 0, 1  # numbers of what is beside a word, before those with a name

# What can be asked, in the order of its columns; `crates/tasks/src/speak/phonemes/context.rs` has the same list.
COLUMNS = ["before", "before that", "before those", "after", "after that", "sound after", "to the end", "from the beginning", "stressed after", "stressed before"]
FAR = 3


def starts(sound: str) -> int:
    """0 of nothing, 1 with a consonant, 2 with a vowel."""
    bare = sound.lstrip("ˈˌ")
    return 0 if not bare else 2 if trees.has_vowel(bare[0]) else 1


def linked(sound: str, after: str) -> str:
    """An r is heard before a vowel."""
    return sound + "ɹ" if sound.endswith(("ɚ", "ɜː")) and starts(after) == 2 else sound


def row(names: list[int], sounds: list[str], at: int) -> list[int]:
    """The columns of a word; `sounds` are how each is said alone."""
    def name(index: int) -> int:
        return names[index] if 0 <= index < len(names) else NOTHING

    def stressed(index: int) -> int:
        return int("ˈ" in sounds[index]) + 1 if 0 <= index < len(sounds) else 0

    sound = sounds[at + 1] if at + 1 < len(sounds) else ""
    return [*(name(at - n) for n in (1, 2, 3)), name(at + 1), name(at + 2), starts(sound), min(len(names) - 1 - at, FAR), min(at, FAR), stressed(at + 1), stressed(at - 1)]


def _distance(a: str, b: str) -> int:
    rows = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, rows[0] = rows[0], i
        for j, y in enumerate(b, 1):
            last, rows[j] = rows[j], min(rows[j] + 1, rows[j - 1] + 1, last + (x != y))
    return rows[-1]


def _cuts(token: str, sounds: list[str]) -> tuple[int, list[str]]:
    """What is said together, cut into words as they are said alone as nearly as can be."""
    if len(sounds) == 1:
        return _distance(token, sounds[0]), [token]
    best = (10**9, [])
    for at in range(1, len(token) - len(sounds) + 2):
        if token[at] in "ː\u0329ɪʊ" and token[at - 1] in "aeoɔiɑuɜn" or token[at - 1] in "ˈˌ":
            continue
        cost, rest = _cuts(token[at:], sounds[1:])
        cost += _distance(token[:at], sounds[0])
        if cost < best[0]:
            best = (cost, [token[:at] + JOIN, *rest])
    return best


def ways(tokens: list[str], sounds: list[str], known: dict) -> list[str] | None:
    """The way each word was said, where words may be said together."""
    extra = len(sounds) - len(tokens)
    if extra < 0 or extra > 4:
        return None
    best: dict[int, tuple[int, list[str]]] = {0: (0, [])}
    for token in tokens:
        after: dict[int, tuple[int, list[str]]] = {}
        for begin, (cost, so_far) in best.items():
            for count in range(1, min(3, extra + 1, len(sounds) - begin) + 1):
                key = (token, *sounds[begin : begin + count])
                if key not in known:
                    known[key] = _cuts(token, list(key[1:]))
                more, cut = known[key]
                if begin + count not in after or cost + more < after[begin + count][0]:
                    after[begin + count] = (cost + more, so_far + cut)
        best = after
    return best[len(sounds)][1] if len(sounds) in best else None


def varying(common: list[str], alone: Callable[[str], str]) -> list[str]:
    """Words that are not said alike everywhere, but for the r before a vowel."""
    found = []
    for word in common:
        sound = alone(word)
        if not words.is_word(sound):
            continue
        for carrier in CARRIERS:
            around = carrier.split()
            at, tokens = around.index("{}"), asked.clause(carrier.replace("i {}", "I {}").format(words.written(word))).split()
            after = alone(around[at + 1]) if at + 1 < len(around) else ""
            if len(tokens) != len(around) or tokens[at] not in (sound, linked(sound, after)):
                found.append(word)
                break
    return found


def together(beside: list[str]) -> list[tuple[str, str]]:
    """Pairs of words between which there is no pause."""
    known = [words.written(word) for word in beside if words.is_word(asked.clause(word))]
    return [(one.lower(), two.lower()) for one in known for two in known if any(len(asked.clause(text).split()) < len(text.split()) for text in (f"house {one} {two} box", f"{one} {two}"))]


def texts(changing: list[str], pairs: list[tuple[str, str]], beside: list[str]) -> Iterable[list[str]]:
    """Clauses as words: of talk, and made up around each word that changes and each pair."""
    rng = random.Random(SEED)
    for _ in range(TALKS):
        for message in world.conversation(rng, held_out=False):
            for part in MARKS.split(message["content"].lower()):
                found = words.WORD.findall(part)
                if len(found) == len(part.split()) and found:
                    yield found
    for middle in [[word] * PROBES for word in changing] + [[pair] * TOGETHER for pair in pairs]:
        for word in middle:
            before = [rng.choice(beside if rng.random() < 0.7 else AROUND) for _ in range(rng.choice((0, 1, 1, 1, 2, 3)))]
            after = [rng.choice(beside if rng.random() < 0.6 else AROUND) for _ in range(rng.choice((0, 1, 1, 2, 3)))]
            yield [*before, *((word,) if isinstance(word, str) else word), *after]


def learned(rank: dict[str, int], tell: Callable[[str], None]) -> tuple[list[str], dict[str, tuple[list[str], trees.Node]]]:
    """Words with a name, and for each word that changes its ways and its tree."""
    known: dict[str, str] = {}

    def alone(word: str) -> str:
        if word not in known:
            known[word] = asked.clause(words.written(word)).replace(" ", "")
        return known[word]

    common = [word for word in sorted(rank, key=rank.__getitem__) if rank[word] < PROBED and not words.held_out(word, rank)]
    changing = varying(common, alone)
    beside = common[:BESIDE]
    names = {word: number for number, word in enumerate(dict.fromkeys([*beside, *(word for word in changing if rank[word] < 2_000)]), OTHER + 1)}
    tell(f"{len(changing)} words change")
    pairs = together(list(names))
    tell(f"{len(pairs)} pairs are said together")
    among, cuts = {*changing, *names}, {}
    seen: dict[str, list[tuple[list[int], str]]] = defaultdict(list)
    lost = 0
    for clause in texts(changing, pairs, list(names)):
        sounds = [alone(word) for word in clause]
        found = ways(asked.clause(" ".join(map(words.written, clause))).split(), sounds, cuts)
        if found is None:
            lost += 1
            continue
        numbers = [names.get(word, OTHER) for word in clause]
        for at, word in enumerate(clause):
            if word not in among:
                continue
            way, after = found[at], sounds[at + 1] if at + 1 < len(sounds) else ""
            bare = way.removesuffix(JOIN)
            if starts(after) == 2 and bare.endswith(("ɚɹ", "ɜːɹ")):
                way = bare[:-1] + way[len(bare) :]
            seen[word].append((row(numbers, sounds, at), way))
    tell(f"{lost} clauses lost")
    grown = {word: _tree(rows) for word, rows in sorted(seen.items()) if len(rows) > 20}
    return list(names), {word: (ways, tree) for word, (ways, tree) in grown.items() if tree.yes is not None or ways[tree.best] != alone(word)}


def _tree(rows: list[tuple[list[int], str]]) -> tuple[list[str], trees.Node]:
    counts = Counter(way for _, way in rows)
    every = [way for way, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])) if count >= SEEN]
    kept = [(columns, every.index(way)) for columns, way in rows if way in every]
    xs, ys = np.array([columns for columns, _ in kept], np.uint16), np.array([number for _, number in kept])
    tree = trees.grow(xs, ys, np.ones(len(ys)), PRICE)
    trees.pruned(tree, PRICE)
    return every, tree
