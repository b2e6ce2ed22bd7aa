"""What the tiny checkpoints of `decoder.py` answer in a conversation, for the chat task native and in a browser.

Made with torch 2.15, transformers 4.57.6, gguf 0.19, jinja2 3.1.6; run as `python tests/golden/answers.py`.
Writes `answers.json`: for each family its greedy answers in f32 to a question, to a second turn and to a
question that ends beyond position 2,000. Questions are such that the likeliest token is always ahead of the
next by `MARGIN`: rounding, which differs between two correct programs, cannot change the answer.
"""

import json
from pathlib import Path

import gguf
import jinja2
import torch
import transformers as tf

HERE = Path(__file__).parent
FAMILIES = ["llama", "qwen2", "qwen3", "gemma3", "phi3"]
MOST_TOKENS = 64
MARGIN = 1e-3
END = 2


class Tokens:
    """Vocabulary and template out of the GGUF; encoding for ASCII only, which is all these questions need."""

    def __init__(self, path):
        fields = gguf.GGUFReader(path).fields
        self.texts = fields["tokenizer.ggml.tokens"].contents()
        self.ids = {text: id for id, text in enumerate(self.texts)}
        self.spm = fields["tokenizer.ggml.model"].contents() == "llama"
        self.template = jinja2.Template(fields["tokenizer.chat_template"].contents(), keep_trailing_newline=True)

    def prompt(self, messages):
        text = self.template.render(messages=messages, add_generation_prompt=True, bos_token="<s>")
        return self.spm_ids(text.removeprefix("<s>")) if self.spm else self.byte_ids(text)

    def spm_ids(self, text):
        letters = list(("▁" + text.replace(" ", "▁")))
        for piece in ("▁t", "he"):  # by score
            letters = merged(letters, piece)
        return [1] + [self.ids.get(letter, 3 + ord(letter[0]) if letter.isascii() else None) for letter in letters]

    def byte_ids(self, text):
        ids = []
        for at, part in enumerate(text.split("<|im_")):
            if at:
                name, part = part.split("|>", 1)
                ids.append(self.ids[f"<|im_{name}|>"])
            letters = [self.texts[3 + byte] for byte in part.encode()]
            for piece in ("Ġt", "he", "in", "Ġthe", "an"):
                letters = merged(letters, piece)
            ids += [self.ids[letter] for letter in letters]
        return ids

    def said(self, ids):
        return b"".join(map(self.bytes, ids)).decode("utf-8", "replace")

    def bytes(self, id):
        text = self.texts[id]
        if not self.spm:
            return bytes(self.ids[letter] - 3 for letter in text) if id > 2 else b""
        return bytes([id - 3]) if 3 <= id < 259 else text.replace("▁", " ").encode() if id > 2 else b""


def merged(letters, piece):
    out = []
    for letter in letters:
        if out and out[-1] + letter == piece:
            out[-1] = piece
        else:
            out.append(letter)
    return out


@torch.no_grad()
def answer(model, prompt):
    """Greedy ids, and by how much the closest choice was made."""
    ids, margin, cache, fresh = [], float("inf"), None, prompt
    while len(ids) < MOST_TOKENS:
        out = model(torch.tensor([fresh]), past_key_values=cache, use_cache=True)
        cache, logits = out.past_key_values, out.logits[0, -1]
        first, second = logits.topk(2)[0].tolist()
        margin = min(margin, first - second)
        fresh = [int(logits.argmax())]
        if fresh == [END] or margin < MARGIN:
            break
        ids += fresh
    return ids, margin


def conversations(variant):
    word = ["grass", "a dull moon", "ABC", "12 + 7", "fox", "Who?", "x", "(a) (b)", "sun, dawn", "zzz"][variant]
    ask, reply = {"role": "user", "content": word}, {"role": "assistant", "content": "so it is"}
    yield [ask]
    yield [ask, reply, {"role": "user", "content": f"and {word} again?"}]
    yield [{"role": "user", "content": " / ".join([word] * (2000 // len(word)))}]


def case(model, tokens, index):
    """The most varied answer."""
    best = None
    for variant in range(10 if index < 2 else 3):
        messages = list(conversations(variant))[index]
        prompt = tokens.prompt(messages)
        ids, margin = answer(model, prompt)
        if margin >= MARGIN and (best is None or len(set(ids)) > best[0]):
            told = {"prompt_tokens": len(prompt), "answer_tokens": len(ids), "text": tokens.said(ids)}
            best = len(set(ids)), {"messages": messages, **told}
    print(model.config.model_type, index, best and (best[0], best[1]["prompt_tokens"], best[1]["answer_tokens"]))
    return best[1]


if __name__ == "__main__":
    told = {}
    for family in FAMILIES:
        folder = HERE / "decoder" / family
        model = tf.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager",
                                                        pad_token_id=None).eval()
        tokens = Tokens(folder / "model-float.gguf")
        told[family] = [case(model, tokens, index) for index in range(3)]
        assert told[family][2]["prompt_tokens"] > 2000
    (HERE / "answers.json").write_text(json.dumps({"max_tokens": MOST_TOKENS, "families": told}, indent=1, ensure_ascii=False) + "\n")
