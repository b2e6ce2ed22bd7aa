"""Writes the trained translator as a checkpoint folder.

    python -m recipes.translate.export --trained target/wick-translate --model www/models/wick-translate
"""

from transformers import NllbTokenizerFast

from recipes.shared import export
from recipes.translate import network
from recipes.translate.meaning import CODES

GENERATION = dict(bos_token_id=0, pad_token_id=network.PAD, eos_token_id=network.END, decoder_start_token_id=network.END, max_length=200, num_beams=4, early_stopping=True)


def main() -> None:
    args = export.arguments(__doc__)
    tokenizer = NllbTokenizerFast(
        tokenizer_file=str(args.trained / "tokenizer.json"), additional_special_tokens=list(CODES), src_lang=CODES[0], tgt_lang=CODES[1], model_max_length=network.WINDOW)
    export.write(export.load_average(network.model(), args.trained), tokenizer, args.model, GENERATION)


if __name__ == "__main__":
    main()
