"""Writes the trained model as a checkpoint folder, with the file that says how pictures are prepared.

    python -m recipes.find.export --trained target/wick-find --model www/models/wick-find
"""

from tokenizers import Tokenizer
from transformers import CLIPTokenizerFast, OwlViTImageProcessor

from recipes.find import network, world
from recipes.shared import export


def main() -> None:
    args = export.arguments(__doc__)
    learner = export.load_average(network.Learner(), args.trained)
    pieces = Tokenizer.from_file(str(args.trained / "tokenizer.json"))
    tokenizer = CLIPTokenizerFast(tokenizer_object=pieces, model_max_length=network.WINDOW)
    processor = OwlViTImageProcessor(size={"height": world.SIDE, "width": world.SIDE}, image_mean=network.MEAN, image_std=network.STD)
    export.write(learner.owl, tokenizer, args.model, more={"preprocessor_config.json": processor.to_dict()})


if __name__ == "__main__":
    main()
