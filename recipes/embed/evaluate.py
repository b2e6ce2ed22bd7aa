"""Asks the shipped sentence model the held-out questions; writes the reference's answers and the model card.

    python -m recipes.embed.evaluate --trained target/wick-embed --model www/models/wick-embed
"""

from pathlib import Path

import torch
from transformers import AutoModel, AutoTokenizer

from recipes.embed import network, world
from recipes.embed.frames import FRAMES
from recipes.shared import export

SEED, SEARCH, PAIRS, VECTORS = 77, 100, 200, 12
SCORING = ("the vector of a text: mean over the last hidden states of all its tokens ([CLS] and [SEP] too), then length one; accuracy: share of search whose query is nearest, by cosine, "
           "to its own text among all texts of search; spearman: rank correlation, equal values sharing the mean of their ranks, of the cosines of pairs with alike")
LEFT = ["I am a boy", "I like music", "This movie was awesome"]
RIGHT = ["He is a boy", "He likes music", "That dog is so ugly"]
CORPUS = ["How do I change my password?", "The train leaves at nine o'clock.", "Anna lost her black umbrella.", "There will be rain on Monday.", "My back hurts.",
          "He bought a red bike.", "The hotel was great.", "Tom lives in Rome."]
QUERIES = ["I want to modify my login", "Departure of the train is at 9", "Expect rain on Monday", "I have a pain in the back", "What a wonderful hotel"]


def card(about: dict, folder: Path, found: dict[str, float], cosines: list[list[float]], nearest: list[tuple[str, str, float]]) -> str:
    rows = "\n".join(f"| {left} | " + " | ".join(f"{value:.2f}" for value in row) + " |" for left, row in zip(LEFT, cosines))
    return export.card(
        "Wick Embed", "A very small model that turns English sentences into vectors, for the first visit: those that mean the same lie close together.",
        export.rows_of(about, folder, "BERT (as all-MiniLM-L6-v2): 4 layers, width 128, 4 heads, feed-forward 512, 64 positions; mean pooling, vectors of length one",
                       "lower-case WordPiece, 1280 pieces", "embed"),
        {"What it is": f"""A demonstration. It knows {len(FRAMES)} kinds of short statement, each said in five to eleven ways and with other words for the same thing: what somebody likes or hates,
is, bought, lost, ate, studies, can or must do, where one lives, comes from or goes, praise and blame of films, hotels and things, what an animal looks like, pains and moods, the weather, when a train
leaves, what a thing costs, and how to change, cancel, find or pay for something. The same meaning in other words has a cosine near 1, the same kind of statement
about something else lies between, and what has nothing in common lies near 0.""",
         "What it is not": """A model of the language. A sentence with words or patterns outside that world gets a vector too, but what lies near it means little.""",
         "How well it does": f"""Measured by `recipes/embed/evaluate.py` on these very files, on what `tests/golden/default_embed.json` holds. Held out means that the meaning never occurred in
training in any words; its parts and the wordings did. They come from the same generator, so this says nothing about free text.

| | |
|---|---|
| {SEARCH} questions: the nearest of {SEARCH} texts is the one that means the same | {found['accuracy']:.0%} |
| {PAIRS} pairs: Spearman correlation with how alike the generator made them | {found['spearman']:.3f} |""",
         "Try": f"""| | {' | '.join(RIGHT)} |\n|---|---|---|---|\n{rows}\n\nThe nearest of eight texts:\n\n""" + "\n".join(f"- {query} → {text} ({value:.2f})" for query, text, value in nearest)})


def main() -> None:
    args = export.arguments(__doc__)
    torch.set_num_threads(1)
    model, tokenizer = AutoModel.from_pretrained(args.model, dtype=torch.float32, add_pooling_layer=False).eval(), AutoTokenizer.from_pretrained(args.model)
    pieces = tokenizer.backend_tokenizer
    search, pairs = world.held_out_search(SEED, SEARCH), world.held_out_pairs(SEED, PAIRS)
    found = network.figures(model, pieces, search, pairs)

    def vectors(texts: list[str]) -> torch.Tensor:
        return network.embed_texts(model, pieces, texts)

    texts = [item["query"] for item in search[:VECTORS]]
    cases = [{"text": text, "ids": tokenizer(text).input_ids, "vector": [round(value, 6) for value in vector.tolist()]} for text, vector in zip(texts, vectors(texts))]
    cosines = (vectors(LEFT) @ vectors(RIGHT).T).tolist()
    best = (vectors(QUERIES) @ vectors(CORPUS).T).max(dim=1)
    nearest = [(query, CORPUS[at], value) for query, at, value in zip(QUERIES, best.indices.tolist(), best.values.tolist())]
    export.write_json(Path("tests/golden/default_embed.json"), {
        "made_by": export.made_by("recipes/embed/evaluate.py"), "model": args.model.name, "scoring": SCORING, **found,
        "samples": {"left": LEFT, "right": RIGHT, "cosines": cosines, "corpus": CORPUS, "queries": QUERIES}, "cases": cases, "search": search, "pairs": pairs})
    args.model.with_suffix(".card.md").write_text(card(export.spent(args.trained), args.model, found, cosines, nearest))
    print(found, *cosines, *nearest, sep="\n")


if __name__ == "__main__":
    main()
