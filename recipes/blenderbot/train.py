"""Trains the small-talk model on the endless stream of `world.py`.

    python -m recipes.blenderbot.train --out target/wick-blenderbot
"""

from recipes.blenderbot import network, world
from recipes.shared import seq2seq, training

STEPS, BATCH_TOKENS = 2000, 3072


def main() -> None:
    args = training.read_arguments(__doc__, STEPS)
    model, pieces = network.model(), network.tokenizer(args.out)
    stream = ((network.ids(pieces, history), network.ids(pieces, answer)) for history, answer in world.pairs(args.seed))
    batches = seq2seq.batches(stream, tokens=BATCH_TOKENS, start=network.START, pad=network.PAD)
    items = world.held_out_items(seed=2, each=12)
    pairs = [(network.ids(pieces, world.history(item["messages"])), network.ids(pieces, item["answers"][0])) for item in items]

    def look(average) -> dict:
        right = seq2seq.exact(average, pairs, network.START, network.PAD)
        return {"held_out": sum(right) / len(right)}

    training.train(model, batches, seq2seq.loss_of, look, args)


if __name__ == "__main__":
    main()
