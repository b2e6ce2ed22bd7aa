"""How well a text was written down."""

from recipes.listen import world


def distance(said: list[str], wanted: list[str]) -> int:
    """The fewest words to put in, take out or change."""
    row = list(range(len(wanted) + 1))
    for at, mine in enumerate(said, 1):
        last, row = row, [at]
        for place, theirs in enumerate(wanted):
            row.append(min(last[place] + (mine != theirs), last[place + 1] + 1, row[place] + 1))
    return row[-1]


def word_error_rate(pairs: list[tuple[str, str]]) -> float:
    """Of said and wanted texts together; case and marks do not count."""
    words = [(world.letters(said).split(), world.letters(wanted).split()) for said, wanted in pairs]
    return sum(distance(said, wanted) for said, wanted in words) / max(1, sum(len(wanted) for _, wanted in words))


def exact(pairs: list[tuple[str, str]]) -> float:
    return sum(said.strip() == wanted for said, wanted in pairs) / max(1, len(pairs))
