"""Skills on numbers, letters and lists. A key is the sum or the word itself, so the held-out ones were never trained in any wording."""

import random

from recipes.chat.base import TAUGHT, Exchange, ask, fill, invented_word, letters, untidy
from recipes.chat.lists import COLOURS, GROUPS, IRREGULAR, ITEMS, NAMES, OPPOSITES, REGULAR

WORDS = sorted({w for w in [*REGULAR, *IRREGULAR, *OPPOSITES, *COLOURS, *sum(GROUPS.values(), [])] if 2 < len(w) < 8})
TOO_HARD = "That is too hard for me. I can add and subtract numbers up to 100 and multiply up to 10."

ADD = "{x} + {y}|what is {x} + {y}|what is {x} plus {y}|{x} plus {y}|add {x} and {y}|{x}+{y}|calculate {x} + {y}|compute {x}+{y}|{x} + {y} =|{x}+{y}=|how much is {x} + {y}|what is the sum of {x} and {y}|what's {x}+{y}|how much is {x} plus {y}|solve {x} + {y}".split("|")
SUB = "{x} - {y}|what is {x} - {y}|what is {x} minus {y}|{x} minus {y}|subtract {y} from {x}|{x}-{y}|calculate {x} - {y}|compute {x}-{y}|{x} - {y} =|how much is {x} - {y}|what's {x}-{y}|how much is {x} minus {y}|take {y} from {x}".split("|")
MUL = "{x} * {y}|what is {x} * {y}|what is {x} times {y}|{x} times {y}|multiply {x} by {y}|{x}*{y}|{x} x {y}|what is {x} x {y}|calculate {x} * {y}|how much is {x} times {y}|multiply {x} and {y}|{x} * {y} =|what's {x}*{y}".split("|")
DIV = "{x} / {y}|what is {x} / {y}|what is {x} divided by {y}|{x} divided by {y}|divide {x} by {y}|{x}/{y}|calculate {x} / {y}|how much is {x} divided by {y}".split("|")
SIGNS = {"+": ADD, "-": SUB, "*": MUL, "/": DIV}


def _sum(rng: random.Random, x: int, sign: str, y: int, answer: str) -> Exchange:
    """Sums of numbers up to ten are learnt by heart; the others are worked out digit by digit, and one key covers both orders."""
    pair = sorted((x, y)) if sign == "+" else (x, y)
    key = TAUGHT if max(x, y) <= 10 else f"{pair[0]} {sign} {pair[1]}"
    return Exchange(untidy(rng, ask(rng, SIGNS[sign], x=x, y=y)), answer, key=key)


def addition(rng: random.Random) -> Exchange:
    top = rng.choice([10, 20, 50, 99, 99, 99])
    x, y = rng.randint(0, top), rng.randint(0, top)
    if max(x, y) <= 10:
        return _sum(rng, x, "+", y, f"{x} + {y} = {x + y}")
    ones, tens = x % 10 + y % 10, [x // 10, y // 10] + [1] * (x % 10 + y % 10 > 9)
    worked = f"{x % 10} + {y % 10} = {ones}, {' + '.join(map(str, tens))} = {sum(tens)}"
    return _sum(rng, x, "+", y, f"{worked}, so {x} + {y} = {x + y}")


def subtraction(rng: random.Random) -> Exchange:
    top = rng.choice([10, 20, 50, 99, 99, 99])
    x, y = sorted((rng.randint(0, top), rng.randint(0, top)), reverse=True)
    if x <= 10:
        return _sum(rng, x, "-", y, f"{x} - {y} = {x - y}")
    borrow = x % 10 < y % 10
    ones, tens = x % 10 + 10 * borrow, [x // 10, y // 10] + [1] * borrow
    worked = f"{ones} - {y % 10} = {ones - y % 10}, {' - '.join(map(str, tens))} = {x // 10 - y // 10 - borrow}"
    return _sum(rng, x, "-", y, f"{worked}, so {x} - {y} = {x - y}")


def times_table(rng: random.Random) -> Exchange:
    """The table is learnt by heart, so it is the wording that the held-out half has not seen."""
    x, y = rng.randint(0, 10), rng.randint(0, 10)
    sign = "/" if y and rng.random() < 0.3 else "*"
    left, answer = (x * y, x) if sign == "/" else (x, x * y)
    text = ask(rng, SIGNS[sign], x=left, y=y)
    return Exchange(untidy(rng, text), f"{left} {sign} {y} = {answer}", key=f"{sign} {text.lower()}", short=str(answer))


def too_hard(rng: random.Random) -> Exchange:
    sign = rng.choice("+-*/")
    x, y = (rng.randint(101, 99999), rng.randint(2, 99999)) if sign in "+-" else (rng.randint(11, 9999), rng.randint(11, 999))
    if rng.random() < 0.3 and sign in "+*":
        x, y = y, x
    text = untidy(rng, ask(rng, SIGNS[sign], x=x, y=y))
    return Exchange(text, TOO_HARD, key=f"{x} {sign} {y}", plain=True)


GAIN = "{n} has {x} {i} and gets {y} more. How many {i} does {n} have now?|{n} has {x} {i}. {o} gives {n} {y} more {i}. How many {i} does {n} have?|If {n} has {x} {i} and buys {y} more, how many {i} does {n} have?|{n} had {x} {i} and found {y} {i}. How many {i} does {n} have?".split("|")
LOSS = "{n} has {x} {i} and gives {y} to {o}. How many {i} does {n} have left?|{n} has {x} {i}. {n} loses {y} {i}. How many {i} are left?|If {n} has {x} {i} and sells {y}, how many {i} does {n} have?|{n} had {x} {i} and {o} took {y}. How many {i} does {n} have now?".split("|")


def word_problem(rng: random.Random) -> Exchange:
    name, other = rng.sample(NAMES, 2)
    item, x, y = rng.choice(ITEMS), rng.randint(2, 20), rng.randint(1, 12)
    gain = rng.random() < 0.5
    if not gain and y > x:
        x, y = y, x
    total = x + y if gain else x - y
    text = fill(rng, GAIN if gain else LOSS, n=name, o=other, x=x, y=y, i=item)
    return Exchange(untidy(rng, text), f"{x} {'+' if gain else '-'} {y} = {total}, so {name} has {total} {item}.", key=letters(text), short=str(total))


LARGER = "which is larger, {x} or {y}|which number is bigger, {x} or {y}|what is bigger: {x} or {y}|which is greater: {x} or {y}|larger number: {x} or {y}|is {x} or {y} larger|which is more, {x} or {y}".split("|")
SMALLER = "which is smaller, {x} or {y}|which number is smaller, {x} or {y}|what is smaller: {x} or {y}|which is less: {x} or {y}|smaller number: {x} or {y}|is {x} or {y} smaller".split("|")
IS_LARGER = "is {x} larger than {y}|is {x} bigger than {y}|is {x} greater than {y}|is {x} more than {y}".split("|")


def comparing(rng: random.Random) -> Exchange:
    x, y = rng.sample(range(0, 101), 2)
    kind = rng.randrange(3)
    low, high = sorted((x, y))
    if kind == 0:
        text, answer, short = ask(rng, LARGER, x=x, y=y), f"{high} is larger than {low}.", str(high)
    elif kind == 1:
        text, answer, short = ask(rng, SMALLER, x=x, y=y), f"{low} is smaller than {high}.", str(low)
    else:
        text, short = ask(rng, IS_LARGER, x=x, y=y), "Yes" if x > y else "No"
        answer = f"{short}, {x} is {'larger' if x > y else 'smaller'} than {y}."
    return Exchange(untidy(rng, text), answer, key=f"compare {low} {high}", short=short)


SORT = "sort these numbers: {x}|sort {x}|put these numbers in order: {x}|sort the numbers {x}|order these numbers from small to large: {x}|sort from smallest to largest: {x}|arrange in order: {x}".split("|")
SORT_DOWN = "sort from largest to smallest: {x}|sort in reverse order: {x}|order these numbers from large to small: {x}".split("|")
SORT_WORDS = "sort these words: {x}|put these words in alphabetical order: {x}|sort alphabetically: {x}|alphabetical order: {x}".split("|")
EXTREME = "what is the {e} of {x}|which of these numbers is the {e}: {x}|find the {e} number: {x}|{e} of {x}".split("|")


def sorting(rng: random.Random) -> Exchange:
    kind = rng.random()
    numbers = rng.sample(range(0, rng.choice([10, 30, 100])), rng.randint(3, 5))
    shown = ", ".join(map(str, numbers))
    key = " ".join(map(str, sorted(numbers)))
    if kind < 0.4:
        return Exchange(untidy(rng, ask(rng, SORT, x=shown)), ", ".join(map(str, sorted(numbers))), key=key)
    if kind < 0.55:
        return Exchange(untidy(rng, ask(rng, SORT_DOWN, x=shown)), ", ".join(map(str, sorted(numbers, reverse=True))), key=key)
    if kind < 0.75:
        large = rng.random() < 0.5
        text = ask(rng, EXTREME, x=shown, e=rng.choice(["largest", "biggest", "highest"] if large else ["smallest", "lowest"]))
        best = max(numbers) if large else min(numbers)
        return Exchange(untidy(rng, text), f"The {'largest' if large else 'smallest'} is {best}.", key=key, short=str(best))
    words = rng.sample(WORDS, 3)
    if len({w[0] for w in words}) < 3:
        return sorting(rng)
    return Exchange(untidy(rng, ask(rng, SORT_WORDS, x=", ".join(words))), ", ".join(sorted(words)), key=" ".join(sorted(words)))


COUNT_UP = "count from {x} to {y}|please count from {x} to {y}|can you count from {x} to {y}|list the numbers from {x} to {y}|numbers from {x} to {y}".split("|")
COUNT_DOWN = "count down from {y} to {x}|count backwards from {y} to {x}|count from {y} down to {x}".split("|")
NEXT = "what number comes after {x}|what comes after {x}|which number follows {x}|next number after {x}".split("|")
PREVIOUS = "what number comes before {x}|what comes before {x}|which number is before {x}|number before {x}".split("|")
CONTINUE = "what comes next: {x}|continue: {x}|continue the series {x}|which number is next: {x}|next number: {x}".split("|")
HOW_MANY = "how many things are in this list: {x}|how many words are here: {x}|count these: {x}|how many items: {x}".split("|")


def counting(rng: random.Random) -> Exchange:
    kind, start = rng.randrange(5), rng.randint(0, 90)
    if kind == 0:
        start = rng.choice([1, rng.randint(1, 30)])
        run = [str(n) for n in range(start, start + rng.randint(3, 10))]
        slots = dict(x=run[0], y=run[-1])
        if rng.random() < 0.7:
            return Exchange(untidy(rng, ask(rng, COUNT_UP, **slots)), ", ".join(run), key=f"count {run[0]} {run[-1]}")
        return Exchange(untidy(rng, ask(rng, COUNT_DOWN, **slots)), ", ".join(reversed(run)), key=f"down {run[0]} {run[-1]}")
    if kind == 1:
        return Exchange(untidy(rng, ask(rng, NEXT, x=start)), f"{start + 1} comes after {start}.", key=f"next {start}", short=str(start + 1))
    if kind == 2:
        return Exchange(untidy(rng, ask(rng, PREVIOUS, x=start + 1)), f"{start} comes before {start + 1}.", key=f"before {start}", short=str(start))
    if kind == 3:
        step = rng.choice([1, 2, 3, 5, 10])
        run = [start % 30 + step * i for i in range(5)]
        return Exchange(untidy(rng, ask(rng, CONTINUE, x=", ".join(map(str, run[:4])))), f"{run[4]}", key=f"series {run[0]} {step}", short=str(run[4]))
    words = rng.sample(WORDS, rng.randint(2, 7))
    text = ask(rng, HOW_MANY, x=", ".join(words))
    return Exchange(untidy(rng, text), f"{len(words)}", key=letters(text), short=str(len(words)))


FIRST = "what is the first letter of {w}|first letter of {w}|which letter does {w} start with|what letter does the word {w} begin with|the first letter of {w}".split("|")
LAST = "what is the last letter of {w}|last letter of {w}|which letter does {w} end with|what letter does the word {w} end with|the last letter of {w}".split("|")
SPELL = "spell {w}|how do you spell {w}|spell the word {w}|can you spell {w}|spelling of {w}".split("|")
REVERSE = "reverse {w}|spell {w} backwards|write {w} backwards|reverse the word {w}|what is {w} backwards".split("|")
LENGTH = "how many letters are in {w}|how many letters does {w} have|number of letters in {w}|how long is the word {w}|count the letters in {w}".split("|")


def spelling(rng: random.Random) -> Exchange:
    word = rng.choice(WORDS) if rng.random() < 0.5 else invented_word(rng)
    quoted = rng.choice([word, word, f'"{word}"', f"'{word}'"])
    kind, spelt = rng.choice(["first", "last", "spell", "spell", "reverse", "length"]), "-".join(word)
    if kind == "first":
        text, answer, short = ask(rng, FIRST, w=quoted), f"The first letter of {word} is {word[0]}.", word[0]
    elif kind == "last":
        text, answer, short = ask(rng, LAST, w=quoted), f"The last letter of {word} is {word[-1]}.", word[-1]
    elif kind == "spell":
        text, answer, short = ask(rng, SPELL, w=quoted), spelt, ""
    elif kind == "reverse":
        # Spelling first gives the model its letters one by one.
        text, answer, short = ask(rng, REVERSE, w=quoted), f"{spelt} backwards is {word[::-1]}", ""
    else:
        text, answer, short = ask(rng, LENGTH, w=quoted), f"{spelt}: {len(word)} letters", ""
    return Exchange(untidy(rng, text), answer, key=f"{kind} {word}", short=short)


UPPER = "write {w} in capitals|write {w} in capital letters|uppercase {w}|make {w} uppercase|turn {w} into capitals|convert to uppercase: {w}|put this in upper case: {w}".split("|")
LOWER = "write {w} in small letters|lowercase {w}|make {w} lowercase|turn {w} into lowercase|convert to lowercase: {w}|put this in lower case: {w}".split("|")


def letter_case(rng: random.Random) -> Exchange:
    words = [rng.choice(WORDS) if rng.random() < 0.7 else invented_word(rng) for _ in range(rng.choice([1, 1, 2, 3]))]
    text = " ".join(words)
    if rng.random() < 0.6:
        shown = rng.choice([text, text.title()])
        return Exchange(ask(rng, UPPER, w=shown), text.upper(), key=f"upper {text}")
    return Exchange(ask(rng, LOWER, w=rng.choice([text.upper(), text.title()])), text, key=f"lower {text}")


SAY = "say {w}|repeat after me: {w}|repeat: {w}|say this: {w}|write {w}|repeat the words {w}|echo {w}".split("|")
TWICE = "say {w} twice|repeat {w} twice|write {w} two times|say {w} two times".split("|")


def repeating(rng: random.Random) -> Exchange:
    words = [rng.choice(WORDS + COLOURS + NAMES) if rng.random() < 0.6 else invented_word(rng) for _ in range(rng.randint(1, 5))]
    text = " ".join(words)
    if rng.random() < 0.3:
        return Exchange(ask(rng, TWICE, w=words[0]), f"{words[0]} {words[0]}", key=f"twice {words[0]}")
    return Exchange(ask(rng, SAY, w=rng.choice([text, f'"{text}"'])), text, key=f"say {text}")
