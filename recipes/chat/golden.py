"""Writes what transformers makes of eight prompts with the shipped file: the prompt's ids and the greedy continuation's.

    python -m recipes.chat.golden --model www/models/wick-chat-q8_0.gguf --to tests/golden/default_chat.json
"""

import argparse
import json
from importlib.metadata import version
from pathlib import Path

from recipes.chat import shipped

MOST_TOKENS = 48
PROMPTS = [
    [{"role": "user", "content": "Hello!"}],
    [{"role": "user", "content": "what can you do?"}],
    [{"role": "user", "content": "What is the capital of Japan?"}],
    [{"role": "user", "content": "What is 27 + 35?"}],
    [{"role": "system", "content": "Answer in capitals."}, {"role": "user", "content": "What colour is grass?"}],
    [{"role": "user", "content": "Review: The lamp arrived late and it is broken.\nSentiment:"}],
    [{"role": "user", "content": "My name is Isa."}, {"role": "assistant", "content": "Nice to meet you, Isa."}, {"role": "user", "content": "What is my name?"}],
    [{"role": "user", "content": "dog -> animal\nred -> colour\napple -> fruit\nhammer ->"}],
]


def main() -> None:
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--model", type=Path, required=True)
    read.add_argument("--to", type=Path, required=True)
    args = read.parse_args()
    model, tokenizer = shipped.open_model(args.model), shipped.open_tokenizer(args.model)
    cases = []
    for messages in PROMPTS:
        prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=True)
        continuation = shipped.answer_ids(model, prompt, MOST_TOKENS)
        cases.append({"messages": messages, "prompt_ids": prompt, "continuation_ids": continuation, "text": tokenizer.decode(continuation, skip_special_tokens=True)})
        print(repr(messages[-1]["content"]), "->", repr(cases[-1]["text"]))
    made_by = {"script": "recipes/chat/golden.py", **{name: version(name).split("+")[0] for name in ("torch", "transformers", "tokenizers", "gguf")}}
    args.to.parent.mkdir(parents=True, exist_ok=True)
    args.to.write_text(json.dumps({"made_by": made_by, "model": args.model.name, "max_new_tokens": MOST_TOKENS, "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
