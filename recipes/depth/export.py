"""Writes the trained depth estimator as a checkpoint folder.

    python -m recipes.depth.export --trained target/wick-depth --model www/models/wick-depth
"""

from transformers import DPTImageProcessor

from recipes.depth import network
from recipes.shared import export


def processor() -> DPTImageProcessor:
    """Pictures keep their shape, as Depth Anything's do, near the size that the network was trained on."""
    return DPTImageProcessor(size={"height": network.SIDE, "width": network.SIDE}, keep_aspect_ratio=True, ensure_multiple_of=network.PATCH, resample=3,
                             image_mean=network.MEAN, image_std=network.SPREAD)


def main() -> None:
    args = export.arguments(__doc__)
    model = export.load_average(network.model(), args.trained)
    export.write(model, None, args.model, more={"preprocessor_config.json": processor().to_dict()})


if __name__ == "__main__":
    main()
