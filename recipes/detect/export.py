"""Writes the trained detector as a checkpoint folder.

    python -m recipes.detect.export --trained target/wick-detect --model www/models/wick-detect
"""

from transformers import DetrImageProcessor

from recipes.detect import network
from recipes.shared import export


def processor() -> DetrImageProcessor:
    """Every picture becomes a square of the size that the network was trained on."""
    return DetrImageProcessor(size={"height": network.SIDE, "width": network.SIDE}, image_mean=network.MEAN, image_std=network.SPREAD, do_pad=False)


def main() -> None:
    args = export.arguments(__doc__)
    trained = export.load_average(network.Trained(), args.trained).detr
    model = network.model()
    left = model.load_state_dict(trained.state_dict(), strict=False)
    assert not left.missing_keys and all(name.endswith("num_batches_tracked") for name in left.unexpected_keys), left
    export.write(model, None, args.model, more={"preprocessor_config.json": processor().to_dict()})


if __name__ == "__main__":
    main()
