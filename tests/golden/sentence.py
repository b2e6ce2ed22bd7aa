"""A tokenizer for the tiny seeded BERT of `encoder.py`, and the places the reference gives to texts.

Made with torch 2.15, transformers 4.57.6, tokenizers 0.22; run as `python tests/golden/sentence.py`.

Writes `encoder/bert/tokenizer.json` and `sentence.json`: for each text its ids, and its vector by each of
the formulas of sentence-transformers' `Pooling` and `Normalize` modules over the last hidden states.
"""

import json
from pathlib import Path

import torch
import transformers as tf
from safetensors.torch import load_file

HERE = Path(__file__).parent
BERT = HERE / "encoder" / "bert"
WINDOW = 24
WORDS = "i am a boy he is like likes music this movie was awesome that dog so ugly the of and".split()
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
VOCAB = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *(c for c in LETTERS if c not in WORDS),
         *(f"##{c}" for c in LETTERS), *".,!?'-["]
TEXTS = ["I am a boy", "He likes music.", "This movie was AWESOME!", "a", "café, naïve – 你好 😀",
         "[SEP] that dog\tis so\nugly", " ".join(["the movie of that dog was awesome"] * 9)]


def tokenizer():
    vocab = {token: at for at, token in enumerate(VOCAB)}
    assert len(vocab) == len(VOCAB) <= 120, len(VOCAB)
    (BERT / "vocab.txt").write_text("\n".join(VOCAB) + "\n")
    made = tf.BertTokenizerFast(vocab_file=str(BERT / "vocab.txt"))
    (BERT / "vocab.txt").unlink()
    backend = made.backend_tokenizer
    # As the real all-MiniLM-L6-v2 has it; a reader that obeys these gives other vectors.
    backend.enable_truncation(max_length=8)
    backend.enable_padding(length=8)
    (BERT / "tokenizer.json").write_text(backend.to_str(pretty=False) + "\n")
    backend.no_truncation()
    backend.no_padding()
    # A text never spells a control token: this is where Wick differs from the reference's default.
    backend.encode_special_tokens = True
    return backend


@torch.no_grad()
def main():
    words, bert = tokenizer(), tf.BertModel(tf.BertConfig.from_pretrained(BERT)).float().eval()
    bert.load_state_dict(load_file(BERT / "model.safetensors"))
    cases = []
    for text in TEXTS:
        ids = words.encode(text).ids
        read = ids if len(ids) <= WINDOW else [*ids[:WINDOW - 1], ids[-1]]
        hidden = bert(torch.tensor([read])).last_hidden_state[0]
        mask = torch.ones(len(read), 1)
        pooled = {
            "mean": (hidden * mask).sum(0) / mask.sum(0).clamp(min=1e-9),
            "cls": hidden[0],
            "max": hidden.max(0).values,
        }
        vectors = {name: torch.nn.functional.normalize(vector, dim=0).tolist() for name, vector in pooled.items()}
        cases.append({"text": text, "tokens": len(ids), "read_tokens": len(read), "vectors": vectors,
                      "plain_mean": pooled["mean"].tolist()})
    (HERE / "sentence.json").write_text(json.dumps({"window": WINDOW, "cases": cases}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
