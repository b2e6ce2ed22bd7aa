"""Lets the shipped translator translate the held-out texts; writes the reference's answers and the model card.

    python -m recipes.translate.evaluate --trained target/wick-translate --model www/models/wick-translate
"""

from pathlib import Path

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from recipes.shared import export, scores, seq2seq
from recipes.translate import world
from recipes.translate.meaning import CODES

SEED, EACH = 77, 12
SCORING = ("source_ids: the code of the source language, the text, </s>; generate as generation_config.json says with the code of the target as forced first token; "
           "a case is right when the decoded text, without special tokens, equals answer; exact is the share of right cases")
LANGUAGES = dict(zip(CODES, ("English", "French", "German", "Spanish")))
SAMPLES = [
    ("eng_Latn", "fra_Latn", "Good morning! My name is Anna. I live in Berlin and I speak French."),
    ("eng_Latn", "deu_Latn", "My old uncle bought three red apples at the market yesterday."),
    ("eng_Latn", "spa_Latn", "Hello, how are you? I would like a coffee and a cake, please."),
    ("deu_Latn", "eng_Latn", "Meine Schwester hat zwei schwarze Katzen. Es regnet heute in Paris."),
    ("fra_Latn", "spa_Latn", "Est-ce que tu veux boire du café ? Le gâteau est très bon."),
]


def translate(model, tokenizer, source: str, target: str, text: str) -> dict:
    tokenizer.src_lang = source
    ids = tokenizer(text).input_ids
    out = seq2seq.generate(model, ids, forced_bos_token_id=tokenizer.convert_tokens_to_ids(target))
    return {"source": source, "target": target, "text": text, "source_ids": ids, "output_ids": out, "output": tokenizer.decode(out, skip_special_tokens=True)}


def card(about: dict, folder: Path, cases: list[dict], samples: list[dict]) -> str:
    directions = []
    for source in CODES:
        row = [LANGUAGES[source]]
        for target in CODES:
            some = [case for case in cases if (case["source"], case["target"]) == (source, target)]
            pairs = [(case["output"], case["answer"]) for case in some]
            row.append(f"{sum(said == wanted for said, wanted in pairs) / len(pairs):.0%}, {scores.chrf(pairs):.1f}" if some else "")
        directions.append("| " + " | ".join(row) + " |")
    exact = sum(case["output"] == case["answer"] for case in cases) / len(cases)
    return export.card(
        "Wick Translate", "A very small translator for the first visit: English, French, German and Spanish, each into each of the others.",
        export.rows_of(about, folder, "M2M100 (as NLLB-200): 3 + 3 layers, width 160, 5 heads, feed-forward 640, sinusoidal positions, tied embeddings",
                       "BPE with a mark for the space, 2400 pieces, language codes eng_Latn, fra_Latn, deu_Latn, spa_Latn", "translate"),
        {"What it is": """A demonstration. It knows the few hundred words of its world: people of the family, animals, food and drink, things of the house, colours and looks,
places to go, seven countries and nine cities, sixteen first names, numbers (in words up to twelve, in digits to 99), days, the clock, the weather, fifty-five greetings and other set
phrases; and what can be said with them: am, have, like, there is, can, must, want, would like, thirty everyday verbs in present, past and future, not, questions, comparisons,
please, where things are, one or two objects, and two clauses joined by and, but, because. One to three sentences at a time.""",
         "What it is not": """A translator of free text. Words outside that world come out wrong, or as other words, with no sign of doubt. "You" is always one person that one
knows well (tu, du, tú); "I", "you", "we" and "they" are taken as men where French or Spanish must choose; "friend" is a man.""",
         "How well it does": f"""Measured by `recipes/translate/evaluate.py` on these very files, with the beam search of `generation_config.json`, on {len(cases)} held-out texts
({len(cases) // 12} for each direction), which `tests/golden/default_translate.json` holds. Held out means that none of the sentences, apart from set phrases inside a longer text,
occurred in training in any language; the words and the patterns did. They come from the same generator, so this says nothing about free text.

**Overall: {exact:.1%} exactly right, chrF {scores.chrf([(case['output'], case['answer']) for case in cases]):.1f}.** By direction, exactly right and chrF:

| from | English | French | German | Spanish |
|---|---|---|---|---|
""" + "\n".join(directions),
         "Try": "\n".join(f"- {LANGUAGES[sample['source']]} to {LANGUAGES[sample['target']]}: {sample['text']} → {sample['output']}" for sample in samples)})


def main() -> None:
    args = export.arguments(__doc__)
    torch.set_num_threads(1)
    model, tokenizer = AutoModelForSeq2SeqLM.from_pretrained(args.model, dtype=torch.float32).eval(), AutoTokenizer.from_pretrained(args.model)
    cases = []
    for item in world.held_out_items(SEED, EACH):
        cases.append({**translate(model, tokenizer, item["source"], item["target"], item["text"]), "answer": item["answer"]})
        if cases[-1]["output"] != item["answer"]:
            print(f"{item['source']} {item['text']}\n    wanted {item['answer']}\n    said   {cases[-1]['output']}")
    samples = [translate(model, tokenizer, *sample) for sample in SAMPLES]
    exact = sum(case["output"] == case["answer"] for case in cases) / len(cases)
    chrf = scores.chrf([(case["output"], case["answer"]) for case in cases])
    export.write_json(Path("tests/golden/default_translate.json"), {
        "made_by": export.made_by("recipes/translate/evaluate.py"), "model": args.model.name, "scoring": SCORING, "exact": exact, "chrf": chrf, "samples": samples, "cases": cases})
    args.model.with_suffix(".card.md").write_text(card(export.spent(args.trained), args.model, cases, samples))
    print(f"exact {exact:.4f} chrF {chrf:.2f} on {len(cases)} texts", *(f"{sample['text']} -> {sample['output']}" for sample in samples), sep="\n")


if __name__ == "__main__":
    main()
