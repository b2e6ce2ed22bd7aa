"""Tokenizers of the kinds that the real checkpoints have, trained on the text of a recipe. Every digit stays a token of its own, unless said otherwise."""

from collections.abc import Iterable

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

LATIN = [chr(code) for code in (*range(33, 127), *range(0xA1, 0x180)) if code != 0xAD]


def _parted(*cuts: pre_tokenizers.PreTokenizer) -> pre_tokenizers.PreTokenizer:
    """Only while the merges are learnt: no merge then joins digits or marks to anything, so the plain cut reads them alike."""
    return pre_tokenizers.Sequence([*cuts, pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.Punctuation()])


def sentence_pieces(texts: Iterable[str], vocabulary: int, codes: list[str]) -> Tokenizer:
    """Merged pieces with a mark for the space, as NLLB has them; the language codes and the mask come last, `vocabulary` counts all."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("’", "'")])
    cut = pre_tokenizers.Metaspace()
    tokenizer.pre_tokenizer = _parted(cut)
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = trainers.BpeTrainer(vocab_size=vocabulary - len(codes) - 1, special_tokens=special, initial_alphabet=[*LATIN, "▁"], show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.pre_tokenizer, tokenizer.decoder = cut, decoders.Metaspace()
    tokenizer.add_special_tokens([AddedToken(code, special=True, normalized=False) for code in codes])
    tokenizer.add_special_tokens([AddedToken("<mask>", special=True, lstrip=True)])
    return tokenizer


def byte_level(texts: Iterable[str], vocabulary: int, special: list[str], *, space_before: bool, digits: int = 1) -> Tokenizer:
    """Byte-level BPE split as GPT-2 splits, as BART (`space_before` false) and Blenderbot (true) have it; `special` comes first, with the mask last.

    No token has more than `digits` digits: with pairs, numbers are copied as one or two tokens, whose order is soon learnt.
    """
    tokenizer = Tokenizer(models.BPE())
    cut = pre_tokenizers.ByteLevel(add_prefix_space=space_before, use_regex=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([cut, pre_tokenizers.Split(Regex(rf"\d{{1,{digits}}}"), "isolated")])
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=vocabulary - 1, special_tokens=special, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.pre_tokenizer, tokenizer.decoder = cut, decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken("<mask>", special=True, lstrip=True)])
    return tokenizer


def word_pieces(texts: Iterable[str], vocabulary: int) -> Tokenizer:
    """Lower-case WordPiece as BERT has it, with its markers around each text."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    cut = pre_tokenizers.BertPreTokenizer()
    tokenizer.pre_tokenizer = _parted(cut)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    alphabet = [letter for letter in LATIN[:94] if not letter.isupper()]
    trainer = trainers.WordPieceTrainer(vocab_size=vocabulary, special_tokens=special, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.pre_tokenizer, tokenizer.decoder = cut, decoders.WordPiece()
    first, last = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", first), ("[SEP]", last)])
    return tokenizer
