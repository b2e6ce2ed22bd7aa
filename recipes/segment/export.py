"""Writes the trained segmenter as a checkpoint folder.

    python -m recipes.segment.export --trained target/wick-segment --model www/models/wick-segment
"""

from transformers import SamImageProcessor

from recipes.segment import network
from recipes.shared import export


def processor() -> SamImageProcessor:
    """A picture's longer side becomes as long as the square that the network was trained on."""
    square = {"height": network.SIDE, "width": network.SIDE}
    return SamImageProcessor(size={"longest_edge": network.SIDE}, pad_size=square, image_mean=network.MEAN, image_std=network.SPREAD)


def main() -> None:
    args = export.arguments(__doc__)
    model = export.load_average(network.model(), args.trained)
    export.write(model, None, args.model, more={"preprocessor_config.json": processor().to_dict()})


if __name__ == "__main__":
    main()
