"""Writes the trained model as a checkpoint folder, with the file that says how pictures are prepared.

    python -m recipes.classify.export --trained target/wick-classify --model www/models/wick-classify
"""

import torch
from tokenizers import Tokenizer
from transformers import CLIPImageProcessor, CLIPTokenizerFast

from recipes.classify import network, world
from recipes.shared import export


def main() -> None:
    args = export.arguments(__doc__)
    learner = export.load_average(network.Learner(), args.trained)
    with torch.no_grad():
        learner.clip.logit_scale.copy_(learner.scale().log())
    pieces = Tokenizer.from_file(str(args.trained / "tokenizer.json"))
    tokenizer = CLIPTokenizerFast(tokenizer_object=pieces, model_max_length=network.WINDOW)
    side = {"height": world.SIDE, "width": world.SIDE}
    processor = CLIPImageProcessor(size={"shortest_edge": world.SIDE}, crop_size=side, image_mean=network.MEAN, image_std=network.STD)
    export.write(learner.clip, tokenizer, args.model, more={"preprocessor_config.json": processor.to_dict()})


if __name__ == "__main__":
    main()
