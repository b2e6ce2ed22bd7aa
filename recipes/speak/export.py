"""Writes the trained speaker as a checkpoint folder. What only training needs, the posterior encoder, is left out.

    python -m recipes.speak.export --trained target/wick-speak --model www/models/wick-speak
"""

from recipes.shared import export
from recipes.speak import network


def main() -> None:
    args = export.arguments(__doc__)
    vits = export.load_average(network.Learner(), args.trained).vits
    del vits.posterior_encoder
    table = vits.text_encoder.embed_tokens.weight.data
    for symbol, like in network.UNHEARD.items():
        table[network.IDS[symbol]] = table[network.IDS[like]]
    export.write(vits, network.tokenizer(args.trained), args.model, more={"vocab.json": network.IDS})


if __name__ == "__main__":
    main()
