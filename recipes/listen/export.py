"""Writes the trained listener as a checkpoint folder, with the file that says how sound is prepared.

    python -m recipes.listen.export --trained target/wick-listen --model www/models/wick-listen
"""

from tokenizers import Tokenizer
from transformers import WhisperFeatureExtractor, WhisperTokenizerFast

from recipes.listen import network
from recipes.listen.hearing import WINDOW_S
from recipes.listen.network import BEFORE, END, IDS, LANGUAGE_MODEL, NO_SPEECH, NO_TIMES, START, TRANSCRIBE, TRANSLATE
from recipes.listen.world import LANGUAGES
from recipes.shared import export

FIRST_BY_S = 1.0  # the first sentence begins no later


def generation(pieces: Tokenizer) -> dict:
    """As the multilingual checkpoints have it, but for this: an answer may end at once, so that silence gives no text."""
    end = IDS[END]
    return dict(
        bos_token_id=end, pad_token_id=end, eos_token_id=end, decoder_start_token_id=IDS[START], max_length=network.LONGEST,
        begin_suppress_tokens=[pieces.token_to_id("Ġ")], suppress_tokens=[IDS[token] for token in (START, TRANSLATE, TRANSCRIBE, LANGUAGE_MODEL, BEFORE, NO_SPEECH)],
        is_multilingual=True, lang_to_id={f"<|{code}|>": IDS[f"<|{code}|>"] for code in LANGUAGES}, task_to_id={"transcribe": IDS[TRANSCRIBE], "translate": IDS[TRANSLATE]},
        no_timestamps_token_id=IDS[NO_TIMES], prev_sot_token_id=IDS[BEFORE], max_initial_timestamp_index=round(FIRST_BY_S / network.STEP_S), return_timestamps=False)


def main() -> None:
    args = export.arguments(__doc__)
    learner = export.load_average(network.Learner(), args.trained)
    pieces = Tokenizer.from_file(str(args.trained / "tokenizer.json"))
    tokenizer = WhisperTokenizerFast(tokenizer_object=pieces, bos_token=END, eos_token=END, unk_token=END, pad_token=END, model_max_length=network.LONGEST, clean_up_tokenization_spaces=False)
    processor = WhisperFeatureExtractor(feature_size=network.BANDS, chunk_length=WINDOW_S)
    export.write(learner.whisper, tokenizer, args.model, generation(pieces), more={"preprocessor_config.json": {**processor.to_dict(), "processor_class": "WhisperProcessor"}})


if __name__ == "__main__":
    main()
