"""Writes the trained summarizer as a checkpoint folder.

    python -m recipes.summarize.export --trained target/wick-summarize --model www/models/wick-summarize
"""

from tokenizers import Tokenizer, processors
from transformers import BartTokenizerFast

from recipes.shared import export
from recipes.summarize import network

# As facebook/bart-large-cnn has them, but for the lengths: its summaries are longer.
GENERATION = dict(
    bos_token_id=network.START, pad_token_id=network.PAD, eos_token_id=network.END, decoder_start_token_id=network.END, forced_bos_token_id=network.START,
    forced_eos_token_id=network.END, num_beams=4, length_penalty=2.0, no_repeat_ngram_size=3, early_stopping=True, min_length=10, max_length=100)


def main() -> None:
    args = export.arguments(__doc__)
    pieces = Tokenizer.from_file(str(args.trained / "tokenizer.json"))
    pieces.post_processor = processors.RobertaProcessing(sep=("</s>", network.END), cls=("<s>", network.START), trim_offsets=True, add_prefix_space=False)
    tokenizer = BartTokenizerFast(tokenizer_object=pieces, model_max_length=network.WINDOW)
    export.write(export.load_average(network.model(), args.trained), tokenizer, args.model, GENERATION)


if __name__ == "__main__":
    main()
