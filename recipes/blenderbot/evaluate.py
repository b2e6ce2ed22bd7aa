"""Lets the shipped small-talk model answer in the held-out conversations; writes the reference's answers and the model card.

    python -m recipes.blenderbot.evaluate --trained target/wick-blenderbot --model www/models/wick-blenderbot
"""

from pathlib import Path

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from recipes.blenderbot import network, world
from recipes.shared import export, seq2seq

SEED, EACH = 77, 10
SCORING = ("source_ids: the messages joined by the chat template, its mark of the end included, the last 128 tokens of them; generate as generation_config.json says; output is the decoded text "
           "without special tokens, trimmed; right when it is one of answers; accuracy is the share of right cases")
SAMPLES = [
    ["Hello!", "I am fine, thanks. My name is Anna.", "I live in Lisbon.", "What is my name?"],
    ["I have a dog called Rex.", "four years old", "What is my pet called?"],
    ["I work as a nurse.", "yes", "I love swimming"],
    ["I am bored", "I like painting", "Do you remember what I like?"],
    ["Are you a robot?", "How is the weather?", "Tell me a joke"],
]


def answer(model, tokenizer, messages: list[dict]) -> dict:
    ids = tokenizer.apply_chat_template(messages, tokenize=True)[-network.WINDOW :]
    out = seq2seq.generate(model, ids)
    return {"messages": messages, "source_ids": ids, "output_ids": out, "output": tokenizer.decode(out, skip_special_tokens=True).strip()}


def talk(model, tokenizer, said: list[str]) -> list[dict]:
    """The whole conversation, each answer given by the model."""
    messages: list[dict] = []
    for text in said:
        messages.append({"role": "user", "content": text})
        messages.append({"role": "assistant", "content": answer(model, tokenizer, messages)["output"]})
    return messages


def card(about: dict, folder: Path, cases: list[dict], samples: list[list[dict]]) -> str:
    kinds: dict[str, list[bool]] = {}
    for case in cases:
        kinds.setdefault(case["kind"], []).append(case["output"] in case["answers"])
    right = sum(map(sum, kinds.values()))
    rows = "\n".join(f"| {kind} | {sum(marks) / len(marks):.0%} |" for kind, marks in kinds.items())
    shown = "\n\n".join("\n".join(f"- {'you' if message['role'] == 'user' else 'it'}: {message['content']}" for message in messages) for messages in samples)
    return export.card(
        "Wick Small Talk", "A very small model for a chat in English, for the first visit: it asks back, and remembers what it was told while the window lasts.",
        export.rows_of(about, folder, "Blenderbot: 2 + 4 layers, width 128, 4 heads, feed-forward 512, 128 learned positions, tied embeddings",
                       "byte-level BPE, 1800 tokens, GPT-2 split with a space before the text; every digit is a token", "blenderbot"),
        {"What it is": """A demonstration. It talks about you: your name, home, job, hobby, favourite food and colour, pet and family. It can say what you told it of these, and that you did not tell.
It knows about forty turns of small talk (greetings, moods, the weather, thanks, what it is, a joke), takes yes, no and short answers to its questions, and says that it does not know
about anything else. Its window is 128 tokens, about six turns; what lies before that is forgotten.""",
         "What it is not": """Somebody who knows things. It has read nothing but templates: talk that does not look like them gets an answer that may not fit. It is a program and says so.""",
         "How well it does": f"""Measured by `recipes/blenderbot/evaluate.py` on these very files, with the beam search of `generation_config.json`, on the {len(cases)} held-out conversations
that `tests/golden/default_blenderbot.json` holds; an answer counts only when it is exactly an acceptable one. Held out means that what is said to it never occurred in training in
these words, or, of what was told, with this value. They come from the same generator, so this says nothing about free talk.

**Overall: {right / len(cases):.1%}**

| | right |
|---|---|
{rows}""",
         "Try": shown})


def main() -> None:
    args = export.arguments(__doc__)
    torch.set_num_threads(1)
    model, tokenizer = AutoModelForSeq2SeqLM.from_pretrained(args.model, dtype=torch.float32).eval(), AutoTokenizer.from_pretrained(args.model)
    cases = [{"kind": item["kind"], **answer(model, tokenizer, item["messages"]), "answers": item["answers"]} for item in world.held_out_items(SEED, EACH)]
    for case in cases:
        if case["output"] not in case["answers"]:
            print(f"{case['kind']}: {[message['content'] for message in case['messages']]}\n    wanted {case['answers']}\n    said   {case['output']}")
    accuracy = sum(case["output"] in case["answers"] for case in cases) / len(cases)
    samples = [talk(model, tokenizer, said) for said in SAMPLES]
    export.write_json(Path("tests/golden/default_blenderbot.json"), {
        "made_by": export.made_by("recipes/blenderbot/evaluate.py"), "model": args.model.name, "scoring": SCORING, "accuracy": accuracy,
        "samples": [{"messages": messages} for messages in samples], "cases": cases})
    args.model.with_suffix(".card.md").write_text(card(export.spent(args.trained), args.model, cases, samples))
    print(f"accuracy {accuracy:.4f} on {len(cases)} conversations", *("\n".join(message["content"] for message in messages) + "\n" for messages in samples), sep="\n")


if __name__ == "__main__":
    main()
