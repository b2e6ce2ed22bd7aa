"""Asks the shipped model about held-out pictures; writes them, the reference's answers, some samples and the model card.

    python -m recipes.classify.evaluate --trained target/wick-classify --model www/models/wick-classify
"""

from pathlib import Path

import torch
from PIL import Image
from transformers import CLIPImageProcessor, CLIPModel, CLIPTokenizerFast

from recipes.classify import network, world
from recipes.shared import export
from recipes.shapes.figures import COLOURS

ITEMS, CHOICES, ACROSS, SAMPLES = 200, 8, 20, 6
SCORING = ("picture i is the square at column i mod `across` and row i div `across` of default_classify.png, `side` pixels wide; logits are those of transformers in float32, in the order of labels; "
           "accuracy: share of cases whose label at `right` has the largest")


def logits(model: CLIPModel, tokenizer: CLIPTokenizerFast, processor: CLIPImageProcessor, picture: Image.Image, labels: list[str]) -> list[float]:
    with torch.no_grad():
        pixels = processor(picture, return_tensors="pt").pixel_values
        return model(pixel_values=pixels, **tokenizer(labels, padding=True, return_tensors="pt")).logits_per_image[0].tolist()


def card(about: dict, folder: Path, accuracy: float, by_count: dict[int, tuple[int, int]], samples: list[tuple[str, list[tuple[str, float]]]]) -> str:
    counts = "\n".join(f"| of {'one thing' if count == 1 else f'{count} things'} | {right} of {of} |" for count, (right, of) in sorted(by_count.items()))
    shown = "\n".join(f"| {name} | " + ", ".join(f"{label} ({share:.0%})" for label, share in best) + " |" for name, best in samples)
    return export.card(
        "Wick Classify", "A very small model that tells which of some labels says what a picture shows, for the first visit.",
        export.rows_of(about, folder, f"CLIP (as clip-vit-base-patch32): pictures of {world.SIDE} pixels in patches of {network.PATCH}, 4 layers of width {network.WIDTH}, 4 heads; texts of up to {network.WINDOW} tokens, 2 layers of width {network.TEXT_WIDTH}, 3 heads",
                       f"lower-case byte-level BPE with ends of words, {network.VOCABULARY} pieces", "classify"),
        {"What it is": f"""A demonstration. It knows drawn pictures of 1 to {world.MOST_THINGS} things on a plain background: {', '.join(world.KINDS)}, each in {', '.join(COLOURS)}. Labels name them with their
colours or without, and count them: "a red circle", "two blue squares and a tree", "a picture of three stars".""",
         "What it is not": """A model of the world. A photo, or a label with other words, gets a number too, but it means nothing. What lies left or right of what is not told either.""",
         "How well it does": f"""Measured by `recipes/classify/evaluate.py` on these very files, on what `tests/golden/default_classify.json` holds: {ITEMS} pictures from seeds that training never saw, each with
{CHOICES} labels, of which one is true and the others differ from it by one or two words (a colour, a kind, a number, or colours exchanged). Guessing gives {1 / CHOICES:.1%}.

| the true label comes first | |
|---|---|
| in all | {accuracy:.1%} |
{counts}""",
         "Try": f"""The pictures in `{folder.name}.samples/`:\n\n| | the three likeliest of {CHOICES} |\n|---|---|\n{shown}"""})


def main() -> None:
    args = export.arguments(__doc__)
    torch.set_num_threads(1)
    model, tokenizer = CLIPModel.from_pretrained(args.model, dtype=torch.float32).eval(), CLIPTokenizerFast.from_pretrained(args.model)
    processor = CLIPImageProcessor.from_pretrained(args.model)
    items = world.held_out(ITEMS, CHOICES)
    sheet, right, by_count = Image.new("RGB", (ACROSS * world.SIDE, -(-ITEMS // ACROSS) * world.SIDE)), 0, {}
    samples, folder = [], args.model.with_suffix(".samples")
    folder.mkdir(exist_ok=True)
    for at, item in enumerate(items):
        made = world.scene(item.pop("seed"))
        sheet.paste(made.image(), (at % ACROSS * world.SIDE, at // ACROSS * world.SIDE))
        found = logits(model, tokenizer, processor, made.image(), item["labels"])
        item["logits"] = [round(value, 4) for value in found]
        hit = max(range(CHOICES), key=found.__getitem__) == item["right"]
        right += hit
        had = by_count.get(len(made.things), (0, 0))
        by_count[len(made.things)] = (had[0] + hit, had[1] + 1)
        if at < SAMPLES:
            made.image().save(folder / f"{at + 1}.png", optimize=True)
            shares = torch.tensor(found).softmax(0).tolist()
            samples.append((f"{at + 1}.png", sorted(zip(item["labels"], shares), key=lambda pair: -pair[1])[:3]))
    sheet.save("tests/golden/default_classify.png", optimize=True)
    export.write_json(Path("tests/golden/default_classify.json"), {
        "made_by": export.made_by("recipes/classify/evaluate.py"), "model": args.model.name, "scoring": SCORING, "side": world.SIDE, "across": ACROSS, "accuracy": right / ITEMS, "cases": items})
    args.model.with_suffix(".card.md").write_text(card({**export.spent(args.trained), "parameters": model.num_parameters()}, args.model, right / ITEMS, by_count, samples))
    print(right / ITEMS, by_count, *samples, sep="\n")


if __name__ == "__main__":
    main()
