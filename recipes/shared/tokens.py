"""Tokenizers of the kinds that the real checkpoints have, trained on the text of a recipe. Every digit stays a token of its own, unless said otherwise."""

import json
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


def clip(texts: Iterable[str], vocabulary: int) -> Tokenizer:
    """Lower-case byte-level BPE whose words have an end, as CLIP has it: every byte, every byte that ends a word, what is merged, and the two marks around a text."""
    begin, end, last = "<|startoftext|>", "<|endoftext|>", "</w>"
    cut = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"), "removed", invert=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    tidy = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    learner = Tokenizer(models.BPE(end_of_word_suffix=last))
    learner.normalizer, learner.pre_tokenizer = tidy, cut
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    learner.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=2 * len(letters) + vocabulary, end_of_word_suffix=last, initial_alphabet=letters, show_progress=False))
    merges = [tuple(pair) for pair in json.loads(learner.to_str())["model"]["merges"]]
    words = [*letters, *(letter + last for letter in letters)]
    merges = merges[: vocabulary - len(words) - 2]
    words += [*(one + other for one, other in merges), begin, end]
    assert len(words) == vocabulary, f"the texts give {len(words)} words"
    tokenizer = Tokenizer(models.BPE(vocab={word: at for at, word in enumerate(words)}, merges=merges, unk_token=end, continuing_subword_prefix="", end_of_word_suffix=last))
    tokenizer.normalizer, tokenizer.pre_tokenizer, tokenizer.decoder = tidy, cut, decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(begin, special=True, normalized=True), AddedToken(end, special=True, normalized=False)])
    tokenizer.post_processor = processors.RobertaProcessing(sep=(end, words.index(end)), cls=(begin, words.index(begin)), add_prefix_space=False, trim_offsets=False)
    return tokenizer
