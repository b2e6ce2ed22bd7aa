"""Writes the trained model as a checkpoint folder, with the file that says how sound is prepared.

    python -m recipes.sound.export --trained target/wick-sound --model www/models/wick-sound
"""

import torch
from tokenizers import Tokenizer
from transformers import RobertaTokenizerFast

from recipes.shared import export
from recipes.sound import network


def main() -> None:
    args = export.arguments(__doc__)
    learner = export.load_average(network.Learner(), args.trained)
    with torch.no_grad():
        for scale in (learner.clap.logit_scale_a, learner.clap.logit_scale_t):
            scale.copy_(learner.scale().log())
    tokenizer = RobertaTokenizerFast(tokenizer_object=Tokenizer.from_file(str(args.trained / "tokenizer.json")), model_max_length=network.WINDOW, clean_up_tokenization_spaces=False)
    export.write(learner.clap, tokenizer, args.model, more={"preprocessor_config.json": {**network.features().to_dict(), "processor_class": "ClapProcessor"}})


if __name__ == "__main__":
    main()
