"""Writes the trained small-talk model as a checkpoint folder.

    python -m recipes.blenderbot.export --trained target/wick-blenderbot --model www/models/wick-blenderbot
"""

from tokenizers import Tokenizer, processors
from transformers import BlenderbotTokenizerFast

from recipes.blenderbot import network, world
from recipes.shared import export

# As facebook/blenderbot-400M-distill has them, but for fewer beams and for answers that may be short and may say what was said to it.
GENERATION = dict(
    bos_token_id=network.START, pad_token_id=network.PAD, eos_token_id=network.END, decoder_start_token_id=network.START, forced_eos_token_id=network.END,
    num_beams=4, length_penalty=0.65, no_repeat_ngram_size=3, max_length=60)


def main() -> None:
    args = export.arguments(__doc__)
    pieces = Tokenizer.from_file(str(args.trained / "tokenizer.json"))
    pieces.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", network.END)])
    tokenizer = BlenderbotTokenizerFast(
        tokenizer_object=pieces, add_prefix_space=True, model_max_length=network.WINDOW, truncation_side="left", chat_template=world.TEMPLATE, clean_up_tokenization_spaces=False)
    export.write(export.load_average(network.model(), args.trained), tokenizer, args.model, GENERATION)


if __name__ == "__main__":
    main()
