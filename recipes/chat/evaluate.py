"""Asks the shipped file the held-out questions; writes these with the figures, and the model card.

    python -m recipes.chat.evaluate --model www/models/wick-chat-q8_0.gguf --trained OUT
"""

import argparse
import json
from pathlib import Path

import torch

from recipes.chat import lists, shipped, world

SEED, PER_FAMILY, MOST_TOKENS = 77, 8, 64
SCORING = (
    "render messages with the chat template and add_generation_prompt; decode greedily until <|im_end|> or 64 tokens; "
    "an item is right when the decoded text, trimmed, equals answer; accuracy is the share of right items"
)


def ask(model, tokenizer, messages: list[dict]) -> str:
    prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=True)
    return tokenizer.decode(shipped.answer_ids(model, prompt, MOST_TOKENS), skip_special_tokens=True).strip()


def evaluate(model, tokenizer, items: list[dict]) -> tuple[float, dict[str, float]]:
    """The share of right answers, overall and for each family; wrong ones are printed."""
    right: dict[str, list[bool]] = {}
    for item in items:
        said = ask(model, tokenizer, item["messages"])
        right.setdefault(item["family"], []).append(said == item["answer"].strip())
        if said != item["answer"].strip():
            print(f"{item['family']}: {item['messages'][-1]['content']!r}\n    wanted {item['answer']!r}\n    said   {said!r}")
    return sum(map(sum, right.values())) / len(items), {family: sum(marks) / len(marks) for family, marks in right.items()}


CARD = """# Wick Chat

A very small chat model for the first visit: the page can answer before anything large is fetched.

| | |
|---|---|
| architecture | Llama, {parameters:,} parameters: {num_hidden_layers} layers, width {hidden_size}, {num_attention_heads} heads over {num_key_value_heads} key-value heads, context {max_position_embeddings}, tied embeddings |
| tokenizer | byte-level BPE, {vocab_size} tokens, GPT-2 split; every digit is a token |
| file | `wick-chat-q8_0.gguf`, {size:,} bytes: matrices Q8_0, norms F32; tokenizer and chat template inside |
| data | synthetic English only, written by `recipes/chat/world.py`; no text from anybody else |
| training | {steps:,} steps, {tokens:,} tokens, {minutes:.0f} minutes on two shared CPU cores, with `recipes/chat/train.py` |
| licence | MIT OR Apache-2.0, weights included |

## What it is
A demonstration. It was taught a closed world: greetings, what it is, {capitals} capitals, opposites, plurals, animals, colours, the calendar,
small sums, short lists, letters of words, the mood of a review, a detail or the gist of a short paragraph, small JSON, patterns shown in the
prompt, things said earlier in the conversation, and a few system messages (capitals, small letters, one word, a name).
It did not learn all of it. Do not rely on these, which it gets right less than two times in three: {weak}.
Asked about anything else it should say "I am a very small model made for demonstration; I do not know that."

## What it is not
A source of facts, advice or judgement. It has read nothing but templates: free text that does not look like them, long paragraphs, long
conversations and languages other than English are outside what it learnt, and it may then answer wrongly and with no sign of doubt.

## How well it does
Measured by `recipes/chat/evaluate.py` on the dequantized weights of this very file, greedily, on the {count} held-out items in
`wick-chat.heldout.json`; an item counts only when the whole answer is exactly right. Held-out means that the same question, sum, word, text
or pattern never occurred in training; single facts (a capital, a plural) did, in other wordings, and sums of numbers up to
ten are learnt by heart and not asked here. The questions come from the same generator as the training text, so this says nothing about free
questions by people.

**Overall: {accuracy:.1%}**

| family | exact |
|---|---|
{families}
"""


def main() -> None:
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--model", type=Path, required=True)
    read.add_argument("--trained", type=Path, required=True)
    args = read.parse_args()
    model, tokenizer = shipped.open_model(args.model), shipped.open_tokenizer(args.model)
    items = world.held_out_items(SEED, PER_FAMILY)
    accuracy, families = evaluate(model, tokenizer, items)
    held_out = {"scoring": SCORING, "max_new_tokens": MOST_TOKENS, "accuracy": accuracy, "families": families, "items": items}
    (args.model.parent / "wick-chat.heldout.json").write_text(json.dumps(held_out, indent=1) + "\n")
    rows = "\n".join(f"| {family} | {share:.0%} |" for family, share in families.items())
    about = {**json.loads((args.trained / "config.json").read_text()), **torch.load(args.trained / "model.pt", weights_only=True)["about"]}
    card = CARD.format(**about, size=args.model.stat().st_size, count=len(items), capitals=len(lists.CAPITALS), accuracy=accuracy, families=rows,
                       weak=", ".join(family for family, share in families.items() if share < 2 / 3))
    (args.model.parent / "wick-chat.card.md").write_text(card)
    print(f"held-out accuracy {accuracy:.4f} on {len(items)} items")
    for family, share in families.items():
        print(f"  {family:14} {share:.0%}")


if __name__ == "__main__":
    main()
