"""The network and tokenizer of the summarizer: the shape of BART, small."""

import itertools
from pathlib import Path

from tokenizers import Tokenizer
from transformers import BartConfig, BartForConditionalGeneration

from recipes.shared import tokens
from recipes.summarize import world

VOCABULARY, START, PAD, END, WINDOW = 2000, 0, 1, 2, 208
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
SHAPE = dict(d_model=128, encoder_layers=2, decoder_layers=3, encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=512, decoder_ffn_dim=512)


def model() -> BartForConditionalGeneration:
    config = BartConfig(
        **SHAPE, vocab_size=VOCABULARY, max_position_embeddings=WINDOW, dropout=0.0, attention_dropout=0.0, activation_dropout=0.0, encoder_layerdrop=0.0,
        decoder_layerdrop=0.0, bos_token_id=START, pad_token_id=PAD, eos_token_id=END, decoder_start_token_id=END, forced_bos_token_id=START, forced_eos_token_id=END)
    return BartForConditionalGeneration(config)


def tokenizer(folder: Path) -> Tokenizer:
    """Trained once and kept in `folder`."""
    file = folder / "tokenizer.json"
    if not file.exists():
        texts = (text for pair in itertools.islice(world.pairs(seed=5), 8000) for text in pair)
        tokens.byte_level(texts, VOCABULARY, SPECIAL, space_before=False, digits=2).save(str(file))
    return Tokenizer.from_file(str(file))


def ids(pieces: Tokenizer, text: str) -> list[int]:
    return [START, *pieces.encode(text, add_special_tokens=False).ids, END]


def repeats(said: list[int], length: int = 3) -> bool:
    """Whether a run of `length` tokens occurs twice, which the shipped settings forbid (no_repeat_ngram_size)."""
    runs = [tuple(said[at : at + length]) for at in range(len(said) - length + 1)]
    return len(set(runs)) < len(runs)
