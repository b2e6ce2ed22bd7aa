"""Small tokenizers of the kinds encoder-decoders come with, and what the reference makes of difficult text.

Made with tokenizers 0.22.2, sentencepiece 0.2.3, transformers 4.57.6; run as `PYTHONPATH=. python tests/golden/text.py`. In
`text/`: `<kind>.json`, or `marian.spm` and `marian.vocab.json`, and `<kind>.ids.json` with the ids of a text alone
(`plain`), with what the model expects around it (`whole`), and the text that these spell (`back`; CLIP writes none). SentencePiece's own map of
characters is left out for a small one.

A text that spells control tokens is encoded as text, as `split_special_tokens` does it; where the reference cannot
(unigram models, Marian), such texts are left out.
"""

import json
import tempfile
from pathlib import Path

import sentencepiece as spm
import transformers as tf
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from recipes.shared import tokens
from tokenizer import DIFFICULT, RULES, corpus

HERE = Path(__file__).parent / "text"
TEXTS = DIFFICULT + [
    "The tower is 324 metres (1,063 ft) tall, about the same height as an 81-storey building.",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", "x" * 700, "语" * 300, "שלום" * 60,
    "🧑🏽‍🚀🧑🏽‍🚀 👩‍❤️‍💋‍👨", "Ünïcödé — “ﬀﬁﬂ” ①②③ ㍿ ﷽", "مرحبا، كيف حالك؟ ١٢٣", "नमस्ते दुनिया।", "សួស្តី ពិភពលោក", "a\u0300\u0301\u0302\u0303b", "…", "\u3000全角　スペース\u3000",
    "hello. world , this is n't a test ' s", ">>fra<< Bonjour", "__en__ hello", "eng_Latn hello",
]
SPELLED = ["<s>", "</s>", "<unk>", "<pad>", "<mask>"]


def save(kind, cases):
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    (HERE / f"{kind}.ids.json").write_text(f"[\n{lines}\n]\n")
    print(kind, len(cases))


def save_json(kind, tokenizer, without=(), more=(), writes=True):
    backend = tokenizer.backend_tokenizer
    (HERE / f"{kind}.json").write_text(json.dumps(json.loads(backend.to_str()), ensure_ascii=False, separators=(",", ":")))
    tokenizer.split_special_tokens = True
    cases = []
    for text in [*TEXTS, *more]:
        if not any(word in text for word in without):
            plain, whole = (tokenizer(text, add_special_tokens=own).input_ids for own in [False, True])
            back = tokenizer.decode(whole, skip_special_tokens=True).strip() if writes else None
            cases.append({"text": text, "plain": plain, "whole": whole, "back": back})
    save(kind, cases)


def byte_level(folder):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(corpus(), trainers.BpeTrainer(
        vocab_size=700, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.model.save(folder)
    files = [f"{folder}/vocab.json", f"{folder}/merges.txt"]
    save_json("bart", tf.BartTokenizerFast(*files))
    save_json("blenderbot", tf.BlenderbotTokenizerFast(*files, add_prefix_space=True))


def clip(folder):
    tokens.clip(corpus(), 700).save(f"{folder}/clip.json")
    tokenizer = tf.CLIPTokenizerFast(tokenizer_file=f"{folder}/clip.json")
    save_json("clip", tokenizer, more=["A <|endoftext|> B", "<|STARTOFTEXT|>a<|startoftext|>", "Two DOGS, they're 2!"], writes=False)


def sentence(folder, name, **options):
    path, rules = Path(folder) / name, Path(folder) / "rules.tsv"
    points = lambda text: " ".join(f"{ord(c):X}" for c in text)
    rules.write_text("".join(f"{points(old)}\t{points(new)}\n" for old, new in RULES))
    with path.open("wb") as made:
        spm.SentencePieceTrainer.train(sentence_iterator=iter(text.replace("\n", " ") for text in corpus()), model_writer=made, minloglevel=2,
                                       hard_vocab_limit=False, num_threads=1, normalization_rule_tsv=str(rules), character_coverage=0.99, **options)
    return str(path)


def marian(folder):
    source = sentence(folder, "source.spm", model_type="unigram", vocab_size=640)
    target = sentence(folder, "target.spm", model_type="unigram", vocab_size=500)
    words = []
    for path in [source, target]:
        model = spm.SentencePieceProcessor(model_file=path)
        words += [model.id_to_piece(i) for i in range(model.vocab_size())]
    # A character that the source's pieces lack and the vocabulary has, as the two share it.
    words = [word for word in dict.fromkeys(["</s>", "<unk>", *words, "語", ">>fra<<"]) if word != "<s>"] + ["<pad>"]
    vocab = Path(folder) / "vocab.json"
    vocab.write_text(json.dumps({word: i for i, word in enumerate(words)}, ensure_ascii=False))
    (HERE / "marian.vocab.json").write_text(vocab.read_text())
    (HERE / "marian.spm").write_bytes(Path(source).read_bytes())
    tokenizer = tf.MarianTokenizer(source, target, str(vocab))
    cases = []
    for text in [*TEXTS, "語語 a語"]:
        if not any(word in text for word in [*SPELLED, ">>"]):
            whole = tokenizer(text).input_ids
            cases.append({"text": text, "plain": whole[:-1], "whole": whole, "back": tokenizer.decode(whole, skip_special_tokens=True)})
    save("marian", cases)


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        byte_level(folder)
        clip(folder)
        path = sentence(folder, "nllb.model", model_type="bpe", vocab_size=760)
        save_json("nllb", tf.NllbTokenizerFast(path, src_lang="eng_Latn", tgt_lang="fra_Latn"))
        path = sentence(folder, "t5.model", model_type="unigram", vocab_size=640, pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
        save_json("t5", tf.T5TokenizerFast(path, extra_ids=10), [*SPELLED, "<0x"])
        marian(folder)
