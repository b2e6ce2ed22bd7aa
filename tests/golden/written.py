"""Tiny seeded encoder-decoders with the tokenizers of `text.py`, and the texts that the reference makes of texts with them.

Made with torch 2.15, transformers 4.57.6, safetensors 0.8.0; run as `python tests/golden/written.py` after `text.py`. In `written/<kind>/`:
a checkpoint as the hub has it, but for `tokenizer.json` (or `source.spm` and `vocab.json`), which lies in `text/`; and `cases.json`.
"""

import json
import shutil
from pathlib import Path

import torch
import transformers as tf
from tokenizers import Tokenizer

from encoder import seeded

HERE = Path(__file__).parent
TINY = dict(d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32,
            max_position_embeddings=64, scale_embedding=True)
TEXTS = ["The tower is 324 metres tall.", "Où est la gare, Ünïcödé — “ﬁﬂ”", "你好 мир 🧑🏽‍🚀", "a </s> b <pad>"]
TALKS = [
    ["Hello!"], ["Hello, how are you?", " I am fine .", "Good, and what do you do?"], ["one " * 40, "two " * 20, "three?"],
]
PAIRS = [("eng_Latn", "fra_Latn"), ("zho_Hans", "ace_Arab")]
GENERATION = {
    "nllb": dict(decoder_start_token_id=2, eos_token_id=2, pad_token_id=1, bos_token_id=0, max_length=48, num_beams=2, no_repeat_ngram_size=2),
    "marian": dict(max_length=40, num_beams=3, no_repeat_ngram_size=2, renormalize_logits=True, forced_eos_token_id=0),
    "t5": dict(decoder_start_token_id=0, eos_token_id=1, pad_token_id=0),
    "bart": dict(decoder_start_token_id=2, eos_token_id=2, pad_token_id=1, bos_token_id=0, forced_bos_token_id=0, forced_eos_token_id=2, num_beams=4, max_length=22, min_length=6,
                 no_repeat_ngram_size=3, length_penalty=2.0, early_stopping=True),
    "blenderbot": dict(decoder_start_token_id=0, eos_token_id=2, pad_token_id=1, bos_token_id=0, num_beams=3, max_length=18, min_length=5, length_penalty=0.65, no_repeat_ngram_size=3,
                       encoder_no_repeat_ngram_size=3),
}
T5_TASKS = {
    "summarization": dict(early_stopping=True, length_penalty=2.0, max_length=20, min_length=4, no_repeat_ngram_size=3, num_beams=4, prefix="summarize: "),
    "translation_en_to_de": dict(early_stopping=True, max_length=60, num_beams=4, no_repeat_ngram_size=2, prefix="translate English to German: "),
    "translation_en_to_fr": dict(early_stopping=True, max_length=50, num_beams=2, prefix="translate English to French: "),
}


def config_of(kind, size, end):
    if kind == "t5":
        return tf.T5Config(vocab_size=size, d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2, pad_token_id=0, decoder_start_token_id=0, eos_token_id=1,
                           task_specific_params=T5_TASKS)
    if kind == "marian":
        return tf.MarianConfig(**TINY, vocab_size=size, activation_function="swish", pad_token_id=size - 1, eos_token_id=end, decoder_start_token_id=size - 1, forced_eos_token_id=end)
    return {"nllb": tf.M2M100Config, "bart": tf.BartConfig, "blenderbot": tf.BlenderbotConfig}[kind](**TINY, vocab_size=size, pad_token_id=1)


def tokenizer_of(kind):
    file = HERE / "text" / f"{kind}.json"
    if kind == "marian":
        return None, json.loads((HERE / "text/marian.vocab.json").read_text())
    classes = {"nllb": tf.NllbTokenizerFast, "t5": tf.T5TokenizerFast, "bart": tf.BartTokenizerFast, "blenderbot": tf.BlenderbotTokenizerFast}
    more = dict(add_prefix_space=True) if kind == "blenderbot" else {}
    tokenizer = classes[kind](tokenizer_file=str(file), **more)
    tokenizer.split_special_tokens = True
    return tokenizer, Tokenizer.from_file(str(file)).get_vocab()


@torch.no_grad()
def save(kind, seed):
    tokenizer, vocabulary = tokenizer_of(kind)
    config = config_of(kind, max(vocabulary.values()) + 1, vocabulary["</s>"])
    model = seeded(tf.AutoModelForSeq2SeqLM.from_config(config).__class__, config, seed)
    for module in model.modules():
        if hasattr(module, "_init_weight"):
            module._init_weight()
    if hasattr(model, "final_logits_bias"):
        model.final_logits_bias.uniform_(-1, 1)
    generation = GENERATION[kind]
    if kind == "marian":
        generation = generation | dict(decoder_start_token_id=config.pad_token_id, pad_token_id=config.pad_token_id, eos_token_id=config.eos_token_id, bad_words_ids=[[config.pad_token_id]],
                                       forced_eos_token_id=config.eos_token_id)
    folder = HERE / "written" / kind
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    model.save_pretrained(folder)
    (folder / "generation_config.json").write_text(json.dumps(generation, indent=1) + "\n")

    def write(ids, decode, **settings):
        ids = torch.tensor([ids])
        settings = generation | settings
        out = model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=tf.GenerationConfig(**settings), use_model_defaults=False)
        return {"ids": ids[0].tolist(), "answer_ids": out[0].tolist(), "answer": decode(out[0].tolist())}

    def spell(ids):
        return tokenizer.decode(ids, skip_special_tokens=True).strip()

    cases = []
    if kind == "nllb":
        for source, target in PAIRS:
            for text in TEXTS:
                tokenizer.src_lang = source
                forced = tokenizer.convert_tokens_to_ids(target)
                cases.append({"text": text, "source": source, "target": target, **write(tokenizer(text).input_ids, spell, forced_bos_token_id=forced)})
    elif kind == "marian":
        cases = marian(write, vocabulary)
    elif kind == "t5":
        for task, own in T5_TASKS.items():
            settings = {key: value for key, value in own.items() if key != "prefix"}
            for text in TEXTS[:3]:
                cases.append({"text": text, "task": task, **write(tokenizer(own["prefix"] + text).input_ids, spell, **settings)})
    elif kind == "bart":
        cases = [{"text": text, **write(tokenizer(text).input_ids, spell)} for text in TEXTS]
    else:
        for talk in TALKS:
            # As `BlenderbotTokenizer.default_chat_template` joins them.
            text = "  ".join((" " if i % 2 == 0 else "") + said for i, said in enumerate(talk))
            ids = tokenizer(text).input_ids
            cases.append({"messages": talk, "left_out": max(0, len(ids) - 64), **write(ids[-64:], spell)})
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    (folder / "cases.json").write_text(f"[\n{lines}\n]\n")
    print(kind, [case["answer"] for case in cases])


def marian(write, vocabulary):
    """`MarianTokenizer`, with the one vocabulary for the answer, too."""
    import sentencepiece as spm

    pieces = spm.SentencePieceProcessor(model_file=str(HERE / "text/marian.spm"))
    words = {i: word for word, i in vocabulary.items()}

    def decode(ids):
        kept = [words[i] for i in ids if words[i] not in ["</s>", "<unk>", "<pad>"] and not words[i].startswith(">>")]
        return "".join(kept).replace("▁", " ").strip()

    cases = []
    for text in TEXTS[:3]:
        ids = [vocabulary.get(piece, vocabulary["<unk>"]) for piece in pieces.encode(text, out_type=str)]
        cases.append({"text": text, "source": "en", "target": "fra", **write([vocabulary[">>fra<<"], *ids, vocabulary["</s>"]], decode)})
    return cases


if __name__ == "__main__":
    torch.set_num_threads(1)
    for seed, kind in enumerate(GENERATION):
        save(kind, 100 + seed)
