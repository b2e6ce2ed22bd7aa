"""Writes the trained parts as three checkpoint folders, with the files that say how pictures and texts are prepared.

    python -m recipes.blip.export --trained target/wick-blip --model www/models/wick
"""

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import BertTokenizerFast, BlipConfig, BlipForConditionalGeneration, BlipForImageTextRetrieval, BlipForQuestionAnswering, BlipImageProcessor, PreTrainedModel

from recipes.blip import network, world
from recipes.blip.network import Learner
from recipes.shared import export

KINDS = {"caption": BlipForConditionalGeneration, "vqa": BlipForQuestionAnswering, "itm": BlipForImageTextRetrieval}


def part_of(learner: Learner, kind: str) -> PreTrainedModel:
    """The checkpoint of one kind, with its own copy of what the three share."""
    model = KINDS[kind](BlipConfig(text_config=network.TEXT, vision_config=network.VISION, image_text_hidden_size=network.SHARED))
    parts: dict[str, nn.Module] = {"vision_model": learner.vision}
    if kind == "itm":
        parts |= {name: getattr(learner, name) for name in ("vision_proj", "text_proj", "itm_head")}
    if kind != "caption":
        parts["text_encoder"] = learner.reader
    if kind != "itm":
        parts["text_decoder"] = learner.teller if kind == "caption" else learner.answerer
    for name, part in parts.items():
        getattr(model, name).load_state_dict(part.state_dict())
    assert set(parts) == {name for name, _ in model.named_children()}
    return model


def main() -> None:
    args = export.arguments(__doc__)
    learner = export.load_average(Learner(), args.trained)
    pieces = Tokenizer.from_file(str(args.trained / "tokenizer.json"))
    side = {"height": world.SIDE, "width": world.SIDE}
    processor = BlipImageProcessor(size=side, image_mean=network.MEAN, image_std=network.STD)
    for kind in KINDS:
        tokenizer = BertTokenizerFast(tokenizer_object=pieces, do_lower_case=True, model_max_length=network.WINDOW)
        model = part_of(learner, kind)
        export.write(model, tokenizer, args.model.with_name(f"{args.model.name}-{kind}"), more={"preprocessor_config.json": processor.to_dict()})


if __name__ == "__main__":
    main()
