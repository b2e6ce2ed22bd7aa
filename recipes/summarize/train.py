"""Trains the summarizer on the endless stream of `world.py`.

    python -m recipes.summarize.train --out target/wick-summarize
"""

from recipes.shared import seq2seq, training
from recipes.summarize import network, world

STEPS, BATCH_TOKENS = 2200, 3072


def main() -> None:
    args = training.read_arguments(__doc__, STEPS)
    model, pieces = network.model(), network.tokenizer(args.out)
    stream = ((network.ids(pieces, text), network.ids(pieces, summary)) for text, summary in world.pairs(args.seed))
    fitting = ((text, summary) for text, summary in stream if len(text) <= network.WINDOW and not network.repeats(summary))
    batches = seq2seq.batches(fitting, tokens=BATCH_TOKENS, start=network.END, pad=network.PAD)
    held_out = [(network.ids(pieces, item["text"]), network.ids(pieces, item["answer"])) for item in world.held_out_items(seed=2, count=160)]
    pairs = [(text, summary) for text, summary in held_out if len(text) <= network.WINDOW]

    def look(average) -> dict:
        right = seq2seq.exact(average, pairs, network.END, network.PAD)
        return {"held_out": sum(right) / len(right)}

    training.train(model, batches, seq2seq.loss_of, look, args)


if __name__ == "__main__":
    main()
