"""The network and tokenizer of the translator: the shape of NLLB, small."""

import itertools
from pathlib import Path

from tokenizers import Tokenizer
from transformers import M2M100Config, M2M100ForConditionalGeneration

from recipes.shared import tokens
from recipes.translate import world
from recipes.translate.meaning import CODES

VOCABULARY, PAD, END, WINDOW = 2400, 1, 2, 256
FORCED = 1  # The code of the target is given to the decoder: nothing in the source tells it.
SHAPE = dict(d_model=160, encoder_layers=3, decoder_layers=3, encoder_attention_heads=5, decoder_attention_heads=5, encoder_ffn_dim=640, decoder_ffn_dim=640)


def model() -> M2M100ForConditionalGeneration:
    config = M2M100Config(
        **SHAPE, vocab_size=VOCABULARY, max_position_embeddings=WINDOW, scale_embedding=True, dropout=0.0, attention_dropout=0.0, activation_dropout=0.0,
        encoder_layerdrop=0.0, decoder_layerdrop=0.0, bos_token_id=0, pad_token_id=PAD, eos_token_id=END, decoder_start_token_id=END)
    return M2M100ForConditionalGeneration(config)


def tokenizer(folder: Path) -> Tokenizer:
    """Trained once and kept in `folder`."""
    file = folder / "tokenizer.json"
    if not file.exists():
        texts = (text for _, _, source, target in itertools.islice(world.pairs(seed=5), 40000) for text in (source, target))
        tokens.sentence_pieces(texts, VOCABULARY, list(CODES)).save(str(file))
    return Tokenizer.from_file(str(file))


def source_ids(pieces: Tokenizer, code: str, text: str) -> list[int]:
    return [pieces.token_to_id(code), *pieces.encode(text, add_special_tokens=False).ids, END]


target_ids = source_ids  # The decoder begins with END, must say the code first, and ends with END.
