"""Lets the shipped summarizer summarize the held-out texts; writes the reference's answers and the model card.

    python -m recipes.summarize.evaluate --trained target/wick-summarize --model www/models/wick-summarize
"""

import re
from pathlib import Path

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from recipes.shared import export, scores, seq2seq
from recipes.summarize import world

SEED, COUNT = 77, 96
SCORING = ("source_ids: <s>, the text, </s>; generate as generation_config.json says; output is the decoded text without special tokens; rouge_l is the mean F score of the longest "
           "common subsequence of words; true_facts is the share of outputs whose names and numbers all occur in the text; exact is the share equal to answer")
# Words that begin sentences of summaries with a capital and are not names.
PLAIN = set("a an the it its they he she no nobody workers pupils buses trains sales".split())
SAMPLES = [
    "A fire broke out in a bakery in Lisbon on Monday. Firefighters needed three hours to put it out. The smoke could be seen from far away. Nobody was hurt. The owner, Maria Costa, wants to open again soon.",
    "Nina Berg works as a teacher in Oslo. On Friday she won the chess tournament. 54 people took part. She received 300 euros. \"I still cannot believe it,\" she said. Her family was there too.",
    "Dear Tom, how are you? I am planning a birthday party on Saturday and you are invited. Paul Weber will come too. We meet at the lake at seven o'clock. There will be enough to drink. Best wishes, Emma",
    "From Tuesday no trains will run between Vienna and Budapest. The line is closed for five weeks. Three thousand people use the line each day. Tickets stay valid. Some travellers are angry. The line is closed because of a broken bridge.",
    "A strong storm hit Bergen on Sunday. Schools stayed closed. The wind reached 120 kilometres an hour. 48 trees fell. On Monday the council of Cork voted for a new library. It will be ready in May. The mayor is happy.",
]


def facts(summary: str) -> set[str]:
    """Its names and numbers, in small letters."""
    return {word.lower() for word in re.findall(r"\w+", summary) if (word[0].isupper() and word.lower() not in PLAIN) or word[0].isdigit() or word.lower() in world.SMALL}


def true_facts(case: dict) -> bool:
    return facts(case["output"]) <= set(scores.words(case["text"]))


def summarize(model, tokenizer, text: str) -> dict:
    ids = tokenizer(text).input_ids
    out = seq2seq.generate(model, ids)
    return {"text": text, "source_ids": ids, "output_ids": out, "output": tokenizer.decode(out, skip_special_tokens=True)}


def figures(cases: list[dict]) -> dict[str, float]:
    return {"exact": sum(case["output"] == case["answer"] for case in cases) / len(cases),
            "rouge_l": sum(scores.rouge_l(case["output"], case["answer"]) for case in cases) / len(cases),
            "true_facts": sum(map(true_facts, cases)) / len(cases)}


def card(about: dict, folder: Path, cases: list[dict], samples: list[dict]) -> str:
    found = figures(cases)
    return export.card(
        "Wick Summarize", "A very small summarizer of short English news and letters, for the first visit.",
        export.rows_of(about, folder, "BART: 2 + 3 layers, width 128, 4 heads, feed-forward 512, 208 learned positions, tied embeddings",
                       "byte-level BPE, 2000 tokens, GPT-2 split; two digits at most in a token", "summarize"),
        {"What it is": """A demonstration. It knows fourteen kinds of event: a fire, something that opens, a match, a storm, what a company sold, a prize, a lost animal, money that
pupils collect, a closed railway, a find, a decision of a council, something bought, a holiday, an invitation. Of each it says what happened in one sentence and what came of it in a
second. Names of people, cities and firms, days and numbers are copied out of the text. A text may be up to 208 tokens long, about 15 sentences, and tell of up to three events.""",
         "What it is not": """A summarizer of free text. About anything else it makes up an event of its world, with words of the text in it and no sign of doubt. Even
inside its world, numbers of three digits and names that it never saw are sometimes copied wrongly: look at them before you believe them.""",
         "How well it does": f"""Measured by `recipes/summarize/evaluate.py` on these very files, with the beam search of `generation_config.json`, on the {len(cases)} held-out texts that
`tests/golden/default_summarize.json` holds. Held out means that none of their summaries occurred in training. They come from the same generator, so this says nothing about free text.

| | |
|---|---|
| ROUGE-L | {100 * found['rouge_l']:.1f} |
| names and numbers all occur in the text | {found['true_facts']:.1%} |
| word for word right | {found['exact']:.1%} |""",
         "Try": "\n".join(f"- {sample['text']}\n  → {sample['output']}" for sample in samples)})


def main() -> None:
    args = export.arguments(__doc__)
    torch.set_num_threads(1)
    model, tokenizer = AutoModelForSeq2SeqLM.from_pretrained(args.model, dtype=torch.float32).eval(), AutoTokenizer.from_pretrained(args.model)
    items = [item for item in world.held_out_items(SEED, COUNT + 10) if len(tokenizer(item["text"]).input_ids) <= tokenizer.model_max_length]
    cases = [{**summarize(model, tokenizer, item["text"]), "answer": item["answer"]} for item in items[:COUNT]]
    for case in cases:
        if case["output"] != case["answer"]:
            print(f"{case['text']}\n    wanted {case['answer']}\n    said   {case['output']}")
    samples = [summarize(model, tokenizer, text) for text in SAMPLES]
    export.write_json(Path("tests/golden/default_summarize.json"), {
        "made_by": export.made_by("recipes/summarize/evaluate.py"), "model": args.model.name, "scoring": SCORING, **figures(cases), "samples": samples, "cases": cases})
    args.model.with_suffix(".card.md").write_text(card(export.spent(args.trained), args.model, cases, samples))
    print(figures(cases), *(f"{sample['text']}\n  -> {sample['output']}" for sample in samples), sep="\n")


if __name__ == "__main__":
    main()
