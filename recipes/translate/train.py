"""Trains the translator on the endless stream of `world.py`.

    python -m recipes.translate.train --out target/wick-translate
"""

from recipes.shared import seq2seq, training
from recipes.translate import network, world
from recipes.translate.meaning import CODES

STEPS, BATCH_TOKENS = 1600, 3072


def main() -> None:
    args = training.read_arguments(__doc__, STEPS)
    model, pieces = network.model(), network.tokenizer(args.out)

    def ids(source: str, target: str, text: str, answer: str) -> tuple[list[int], list[int]]:
        return network.source_ids(pieces, source, text), network.target_ids(pieces, target, answer)

    stream = (ids(CODES[source], CODES[target], text, answer) for source, target, text, answer in world.pairs(args.seed))
    batches = seq2seq.batches(stream, tokens=BATCH_TOKENS, start=network.END, pad=network.PAD, forced=network.FORCED)
    items = world.held_out_items(seed=2, each=12)
    pairs = [ids(*(item[key] for key in ("source", "target", "text", "answer"))) for item in items]

    def look(average) -> dict:
        right = seq2seq.exact(average, pairs, network.END, network.PAD, network.FORCED)
        return {"held_out": sum(right) / len(right)}

    training.train(model, batches, seq2seq.loss_of, look, args)


if __name__ == "__main__":
    main()
