"""The network and tokenizer of the small-talk model: the shape of Blenderbot, small."""

import itertools
from pathlib import Path

from tokenizers import Tokenizer
from transformers import BlenderbotConfig, BlenderbotForConditionalGeneration

from recipes.blenderbot import world
from recipes.shared import tokens

VOCABULARY, PAD, START, END, WINDOW = 1800, 0, 1, 2, 128
SPECIAL = ["<pad>", "<s>", "</s>", "<unk>"]
SHAPE = dict(d_model=128, encoder_layers=2, decoder_layers=4, encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=512, decoder_ffn_dim=512)


def model() -> BlenderbotForConditionalGeneration:
    config = BlenderbotConfig(
        **SHAPE, vocab_size=VOCABULARY, max_position_embeddings=WINDOW, scale_embedding=True, dropout=0.0, attention_dropout=0.0, activation_dropout=0.0,
        encoder_layerdrop=0.0, decoder_layerdrop=0.0, bos_token_id=START, pad_token_id=PAD, eos_token_id=END, decoder_start_token_id=START, forced_eos_token_id=END)
    return BlenderbotForConditionalGeneration(config)


def tokenizer(folder: Path) -> Tokenizer:
    """Trained once and kept in `folder`."""
    file = folder / "tokenizer.json"
    if not file.exists():
        texts = (text for pair in itertools.islice(world.pairs(seed=5), 15000) for text in pair)
        tokens.byte_level(texts, VOCABULARY, SPECIAL, space_before=True).save(str(file))
    return Tokenizer.from_file(str(file))


def ids(pieces: Tokenizer, text: str) -> list[int]:
    """Ended, and without its beginning where it is longer than the window."""
    return [*pieces.encode(text, add_special_tokens=False).ids, END][-WINDOW:]
