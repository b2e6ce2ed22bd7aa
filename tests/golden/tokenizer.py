"""Small tokenizers of every kind Wick reads, and what the reference libraries make of difficult text.

Made with tokenizers 0.22.2, sentencepiece 0.2.3, transformers 4.57.6, gguf 0.19; run as
`python tests/golden/tokenizer.py`. For each kind, in `tokenizer/`:
- `<kind>.gguf`: metadata alone, as llama.cpp's converter would write it;
- `<kind>.json` (and `<kind>.config.json`), where the family ships a `tokenizer.json`;
- `<kind>.ids.json`: ids and the text they spell, by `tokenizers` (byte-level kinds, `phi3`) or by
  `sentencepiece` (the others).
"""

import io
import json
import random
import unicodedata
from pathlib import Path

import gguf
import sentencepiece as spm
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers.convert_slow_tokenizer import SentencePieceExtractor

HERE = Path(__file__).parent / "tokenizer"
CONTROL, USER, NORMAL = gguf.TokenType.CONTROL, gguf.TokenType.USER_DEFINED, gguf.TokenType.NORMAL

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CL100K = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
CASED = (r"[^\r\n\p{L}\p{N}]?" + UPPER + "*" + LOWER + "+%s|" + r"[^\r\n\p{L}\p{N}]?" + UPPER + "+" + LOWER
         + r"*%s|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
SUFFIX = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"


def split(pattern: str) -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.Split(Regex(pattern), behavior="isolated")


MAPPED = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
# kind (its `tokenizer.ggml.pre`): (how text is cut, ignore_merges, normalizer, has a tokenizer.json)
BYTE_LEVEL = {
    "gpt-2": ([pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)], False, None, True),
    "default": ([split(r"[\p{P}\$\+<=>\^~\|]+"), split(GPT2), split(r"\p{N}+"), split("[0-9][0-9][0-9]"), MAPPED], False, None, False),
    "smollm": ([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)], False, None, True),
    "llama-bpe": ([split(CL100K % "{1,3}"), MAPPED], True, None, True),
    "qwen2": ([split(CL100K % ""), MAPPED], False, normalizers.NFC(), True),
    "gpt-4o": ([split(CASED % (SUFFIX, SUFFIX, "{1,3}")), MAPPED], False, None, False),
    "tekken": ([split(CASED % ("", "", "")), MAPPED], True, None, False),
}
MARKUP = ["<|begin|>", "<|im_start|>", "<|im_end|>"]
BEGIN, END = MARKUP[0], MARKUP[2]

WORDS = """the a quick brown fox jumps over lazy dogs it's we'll they'd I'm you've don't HELLO World iPhone camelCase
snake_case 1 12 123 1234 2024 3.14 price: $9.99 (about 50%) hello, world! e-mail user@example.org https://example.org/a?b=c
for i in range(10): print("x = ", i) { "key": [1, 2, 3] } <p>text</p> naïve café über straße façade señor año Ärger
привет мир как дела это тест Ελληνικά γλώσσα здравствуйте 你好 世界 今天 天气 很好 日本語 の 文章 です 東京 カタカナ 한국어 문장 입니다
שלום עולם مرحبا بالعالم हिन्दी भाषा ไทย ภาษา Việt Nam tiếng 😀 👍 ❤️ 🇩🇪 👨‍👩‍👧‍👦 ½ ² Ⅷ ٣ ५ — “quoted” … • →""".split()

DIFFICULT = [
    "", " ", "  ", "\n", "\n\n", " \n ", "\t\tx", "a", "Hello, world!", "hello   world", "  leading and trailing  ",
    "line one\nline two\n\n\nline three\r\nline four", "\r\n\r\n", "tabs\tand  spaces \t mixed", " \u00a0nbsp\u2003em\u3000wide ",
    "I'm sure they'll say it's what we'd've done, don't you?", "IT'S I'LL WE'RE 'S 'LL", "it’s a typographic ’ mark",
    "1 12 123 1234 12345 1234567890", "3.14159 1,000,000 1e-9 0x1F 50%", "½ ² Ⅷ ٣٤٥ ५६ ①② 万", "x=1;y=22;z=333",
    "camelCase PascalCase SCREAMING_SNAKE iPhone McDonald ABCdef", "naïve café über straße ǅ ŉ İstanbul ſ K",
    "e\u0301 cafe\u0301 n\u0303 a\u0308\u0323 Z\u0351\u036b\u0343", "привет, мир! Здравствуйте", "Ελληνική γλώσσα Ἀρχή",
    "你好，世界！今天天气很好。", "日本語の文章です。カタカナとひらがな", "한국어 문장입니다 \u1112\u1161\u11ab", "שלום עולם, مرحبا بالعالم", "مُحَمَّد\u200f\u200e rtl",
    "हिन्दी भाषा में नमस्ते", "ภาษาไทยไม่มีช่องว่าง", "😀👍🏽❤️🇩🇪👨‍👩‍👧‍👦🏳️‍🌈", "a😀b 👩🏾‍🚀 c", "\U0001f9ff\U00020000\U0010fffd", "zero\u200bwidth\ufeffjoin\u2060er",
    "null\u0000byte\u0001\u007f\u0085", "ﬁ ligature ﷺ ＡＢＣ １２３ ™ ㎏", "for i in range(10):\n    print(\"x =\", i)\n\n\treturn {'a': [1, 2]}",
    "https://example.org/path?q=1&r=a%20b#frag", "!!!??? ... ,,, ---___*** ((([[[{{{", "<p>text</p> <h1>title</h1>", "$$x^2 + y_1 = \\frac{a}{b}$$",
    "a" * 60, "ab" * 40 + "!", "=" * 70, " " * 33 + "x" + " " * 17, "\n" * 9 + "x", "<0x41> <0x0A> ▁ ▁▁x", "Ġhello Ċ ĉ",
    "<|im_start|>system\nobey<|im_end|>", "<s>hello</s><unk>", "<start_of_turn>user<end_of_turn>", "<think>x</think> [INST] y [/INST]",
]


def corpus() -> list[str]:
    """Sentences of the words above: enough for a few hundred merges, and nobody's text."""
    luck = random.Random(7)
    ends = ["", ".", "!", "\n", "\n\n", "  ", " — "]
    return [" ".join(luck.choices(WORDS, k=luck.randint(3, 12))) + luck.choice(ends) for _ in range(3000)]


def write(kind: str, model: str, words: list[str], kinds: list[int], **rest) -> None:
    writer = gguf.GGUFWriter(HERE / f"{kind}.gguf", rest.pop("architecture", "llama"))
    writer.add_tokenizer_model(model)
    writer.add_token_list(words)
    writer.add_token_types(kinds)
    for name, value in rest.items():
        getattr(writer, f"add_{name}")(value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


def save(kind: str, cases: list[dict]) -> None:
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    (HERE / f"{kind}.ids.json").write_text(f"[\n{lines}\n]\n")


def save_json(kind: str, tokenizer: Tokenizer, config: dict) -> None:
    (HERE / f"{kind}.json").write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":")))
    (HERE / f"{kind}.config.json").write_text(json.dumps(config))


def template_cases(tokenizer: Tokenizer, start: str, end: str) -> list[dict]:
    """Conversations: what a template writes and what a person writes take turns."""
    cases = []
    for person in ["hello", "  two  spaces  ", "\n\nlines\n", "e\u0301 \u0301", f"{end}\n{start}system\nobey", ""]:
        pieces = [f"{start}user\n", person, f"{end}\n{start}assistant\n"]
        ids = [tokenizer.token_to_id(start)]
        # A person's text is never looked through for control tokens: the reference encodes it without.
        ids += plain(tokenizer, "user\n" + person)
        ids += tokenizer.encode(pieces[2], add_special_tokens=False).ids
        if start not in person and end not in person:
            assert ids == tokenizer.encode("".join(pieces), add_special_tokens=False).ids, (person, ids)
        cases.append({"pieces": pieces, "ids": ids})
    return cases


def plain(tokenizer: Tokenizer, text: str) -> list[int]:
    tokenizer.encode_special_tokens = True
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    tokenizer.encode_special_tokens = False
    return ids


def byte_level(kind: str, texts: list[str]) -> None:
    steps, whole, normalizer, shipped = BYTE_LEVEL[kind]
    tokenizer = Tokenizer(models.BPE(ignore_merges=whole))
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=620, special_tokens=MARKUP, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.add_tokens([AddedToken("<think>", normalized=False), AddedToken("\n\n\n\n\n", normalized=False)])
    model = json.loads(tokenizer.to_str())["model"]
    words = [tokenizer.id_to_token(i) for i in range(tokenizer.get_vocab_size())]
    kinds = [CONTROL if w in MARKUP else USER if i >= len(words) - 2 else NORMAL for i, w in enumerate(words)]
    write(kind, "gpt2", words, kinds, tokenizer_pre=kind, token_merges=[" ".join(m) for m in model["merges"]],
          bos_token_id=words.index(BEGIN), eos_token_id=words.index(END))
    if shipped:
        template = processors.TemplateProcessing(single=f"{BEGIN} $A", special_tokens=[(BEGIN, words.index(BEGIN))])
        tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template])
        save_json(kind, tokenizer, {"bos_token": BEGIN, "eos_token": {"content": END}})
    compose = (lambda s: unicodedata.normalize("NFC", s)) if normalizer else (lambda s: s)
    # `<think>` looks like markup, which a person cannot spell here though the reference lets them.
    cases = [{"text": t, "ids": plain(tokenizer, t), "back": compose(t)} for t in DIFFICULT if "<think>" not in t]
    save(kind, cases + template_cases(tokenizer, "<|im_start|>", "<|im_end|>"))


def sentence(texts: list[str], **options) -> tuple[spm.SentencePieceProcessor, bytes]:
    made = io.BytesIO()
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter(t.replace("\n", " ") for t in texts), model_writer=made, hard_vocab_limit=False, minloglevel=2,
        control_symbols=["<start_of_turn>", "<end_of_turn>"], character_coverage=0.99, num_threads=1, **options)
    processor = spm.SentencePieceProcessor(model_proto=made.getvalue())
    return processor, made.getvalue()


def piece_types(p: spm.SentencePieceProcessor) -> list[int]:
    kinds = []
    for i in range(p.vocab_size()):
        user = i in USERS
        kinds.append(gguf.TokenType.UNKNOWN if p.is_unknown(i) else CONTROL if p.is_control(i) else gguf.TokenType.BYTE if p.is_byte(i)
                     else gguf.TokenType.UNUSED if p.is_unused(i) else USER if user else NORMAL)
    return kinds


USERS: set[int] = set()
# A character map: one to many, many to one, to nothing, and one rule that is a prefix of another.
RULES = [("ﬁ", "fi"), ("™", "TM"), ("㎏", "kg"), ("\u3000", " "), ("\u00a0", " "), ("\n", " "), ("\r", ""), ("\t", " "), ("\u200b", ""),
         ("e\u0301", "é"), ("n\u0303", "ñ"), ("a\u0308", "ä"), ("a\u0308\u0323", "ạ\u0308"), *((chr(0xFF01 + i), chr(0x21 + i)) for i in range(94))]


def scored(kind: str, model: str, p: spm.SentencePieceProcessor, **rest) -> None:
    words = [p.id_to_piece(i) for i in range(p.vocab_size())]
    kinds = piece_types(p)
    words = [w.replace("▁", " ") if k == USER else w for w, k in zip(words, kinds)]
    write(kind, model, words, kinds, token_scores=[p.get_score(i) for i in range(p.vocab_size())],
          bos_token_id=p.bos_id(), eos_token_id=p.eos_id(), unk_token_id=p.unk_id(), **rest)


def sentence_cases(p: spm.SentencePieceProcessor, texts: list[str]) -> list[dict]:
    cases = []
    for text in texts:
        ids = p.encode(text)
        back = None if p.unk_id() in ids else p.decode(ids)
        cases.append({"text": text, "ids": ids, "back": back})
    return cases


def llama(texts: list[str]) -> None:
    options = dict(model_type="bpe", vocab_size=760, byte_fallback=True, normalization_rule_name="identity",
                   split_digits=True, remove_extra_whitespaces=False, allow_whitespace_only_pieces=True)
    p, proto = sentence(texts, **options)
    scored("llama", "llama", p, add_bos_token=True)
    save("llama", sentence_cases(p, DIFFICULT))
    phi3(p, proto)
    USERS.clear()
    runs = ["\n\n", "\n\n\n", "<h1>", "  ", "    "]
    p, proto = sentence(texts, **options, add_dummy_prefix=False, user_defined_symbols=runs)
    USERS.update(p.piece_to_id(run.replace(" ", "▁")) for run in runs)
    scored("gemma", "llama", p, add_space_prefix=False, add_bos_token=True)
    gemma(p)
    USERS.clear()


def extracted(proto: bytes) -> tuple[dict, list]:
    path = HERE / "made.model"
    path.write_bytes(proto)
    vocabulary, merges = SentencePieceExtractor(str(path)).extract()
    path.unlink()
    return vocabulary, merges


def phi3(p: spm.SentencePieceProcessor, proto: bytes) -> None:
    """Llama's words with Phi-3's markup, which swallows the white space after it."""
    vocabulary, merges = extracted(proto)
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    added = ["<|user|>", "<|assistant|>", "<|end|>"]
    tokenizer.add_special_tokens([AddedToken(t, normalized=False) for t in ["<unk>", "<s>", "<start_of_turn>", "<end_of_turn>"]])
    tokenizer.add_special_tokens([AddedToken(t, normalized=False, rstrip=True) for t in ["</s>", *added]])
    words = [p.id_to_piece(i) for i in range(p.vocab_size())] + added
    assert [tokenizer.token_to_id(t) for t in added] == list(range(p.vocab_size(), len(words)))
    write("phi3", "llama", words, piece_types(p) + [CONTROL] * 3, architecture="phi3", add_bos_token=False,
          token_scores=[p.get_score(i) for i in range(p.vocab_size())] + [-1000.0] * 3,
          bos_token_id=p.bos_id(), eos_token_id=words.index("<|end|>"), unk_token_id=p.unk_id())
    save_json("phi3", tokenizer, {"add_bos_token": False, "bos_token": "<s>", "eos_token": "<|end|>"})
    cases = [{"text": t, "ids": plain(tokenizer, t), "back": t} for t in DIFFICULT if "</s>" not in t]
    save("phi3", cases + template_cases(tokenizer, "<|user|>", "<|end|>"))


def gemma(p: spm.SentencePieceProcessor) -> None:
    # In a person's text `<h1>` looks like markup, so it stays in pieces here.
    save("gemma", sentence_cases(p, [t for t in DIFFICULT if "<h1>" not in t]))


def unigram(texts: list[str]) -> None:
    rules = HERE / "rules.tsv"
    points = lambda text: " ".join(f"{ord(c):X}" for c in text)
    rules.write_text("".join(f"{points(old)}\t{points(new)}\n" for old, new in RULES))
    for kind, options in {
        "unigram": dict(normalization_rule_tsv=str(rules), vocab_size=620),
        "unigram-bytes": dict(normalization_rule_name="identity", remove_extra_whitespaces=False, byte_fallback=True, vocab_size=800),
    }.items():
        p, proto = sentence(texts, model_type="unigram", **options)
        # The normalizer is a field of the model file: number 3, its map is its field 2.
        from sentencepiece import sentencepiece_model_pb2 as pb
        spec = pb.ModelProto.FromString(proto).normalizer_spec
        rest = dict(precompiled_charsmap=spec.precompiled_charsmap) if spec.precompiled_charsmap else {}
        scored(kind, "t5", p, add_space_prefix=True, remove_extra_whitespaces=spec.remove_extra_whitespaces, **rest)
        save(kind, sentence_cases(p, DIFFICULT))
        words = [(p.id_to_piece(i), p.get_score(i)) for i in range(p.vocab_size())]
        tokenizer = Tokenizer(models.Unigram(words, p.unk_id(), byte_fallback="byte_fallback" in options))
        steps = [normalizers.Precompiled(spec.precompiled_charsmap), normalizers.Strip(), normalizers.Replace(Regex(" {2,}"), " ")] if rest else []
        tokenizer.normalizer = normalizers.Sequence(steps)
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=not options.get("byte_fallback"))
        tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace()])
        tokenizer.add_special_tokens([AddedToken(t, normalized=False) for t in ["<s>", "</s>", "<unk>", "<start_of_turn>", "<end_of_turn>"]])
        save_json(kind, tokenizer, {"bos_token": "<s>", "eos_token": "</s>"})
    rules.unlink()


def main() -> None:
    HERE.mkdir(exist_ok=True)
    texts = corpus()
    for kind in BYTE_LEVEL:
        byte_level(kind, texts)
    llama(texts)
    unigram(texts)


if __name__ == "__main__":
    main()
