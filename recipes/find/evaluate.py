"""Asks the shipped model to find things in held-out pictures; writes them, the reference's answers, some samples and the model card.

    python -m recipes.find.evaluate --trained target/wick-find --model www/models/wick-find
"""

from pathlib import Path

import torch
from PIL import Image
from transformers import CLIPTokenizerFast, OwlViTForObjectDetection, OwlViTImageProcessor

from recipes.detect.scores import ENOUGH, Found
from recipes.find import losses, network, scores, world
from recipes.shapes import world as shapes
from recipes.shapes.figures import COLOURS
from recipes.shared import export

ITEMS, ACROSS, SAMPLES, THRESHOLD, TOLD = 100, 10, 6, 0.1, 0.05
ASKED = ["a house", "a star", "a triangle", "a square", "a heart", "a yellow circle"]  # of the samples, as the panel opens
SORTS = ("a kind", "a colour", "a kind with its colour")
SCORING = (f"picture i is the square at column i mod `across` and row i div `across` of default_find.png, `side` pixels wide; found is what the reference finds in it in float32, with scores from {TOLD} on; "
           f"a found box hits a thing of its label if their intersection over union is at least {ENOUGH}; map50: mean over the labels of the average precision (every point of the curve) over all pictures; "
           f"f1: of what scores above `threshold`, over all pictures; exact: share of pictures in which that is every thing, once, and nothing else")


def answer(model: OwlViTForObjectDetection, tokenizer: CLIPTokenizerFast, processor: OwlViTImageProcessor, picture: Image.Image, labels: list[str]) -> list[Found]:
    """What every patch finds, as the reference reads it, the surest first."""
    with torch.no_grad():
        out = model(**tokenizer(labels, padding=True, return_tensors="pt"), **processor(picture, return_tensors="pt"))
    read = processor.post_process_object_detection(out, threshold=0.0, target_sizes=[(picture.height, picture.width)])[0]
    rows = zip(read["labels"].tolist(), read["scores"].tolist(), read["boxes"].tolist())
    return sorted(((labels[label], score, tuple(box)) for label, score, box in rows), key=lambda one: -one[1])


def sort_of(label: str) -> str:
    words = set(label.split())
    return SORTS[0] if not words & set(COLOURS) else SORTS[1] if "thing" in words else SORTS[2]


def shown(found: list[Found]) -> str:
    return ", ".join(f"{label} ({score:.0%})" for label, score, _ in found if score > THRESHOLD) or "nothing"


def card(about: dict, folder: Path, figures: dict[str, float], by_sort: dict[str, dict[str, float]], samples: list[tuple[str, str]]) -> str:
    rows = export.rows_of(about, folder, f"OWL-ViT (as owlvit-base-patch32): pictures of {world.SIDE} pixels in patches of {network.PATCH}, 4 layers of width {network.WIDTH}, 4 heads; texts of up to {network.WINDOW} tokens, 2 layers of width {network.TEXT_WIDTH}, 3 heads",
                          f"lower-case byte-level BPE with ends of words, {network.VOCABULARY} pieces", "find")
    rows["data"] = "synthetic, written by `recipes/shapes/world.py` and `recipes/find/world.py`; no picture or text from anybody else"
    sorts = "\n".join(f"| asked for {sort} | {one['map50']:.3f} | {one['f1']:.3f} | {one['exact']:.0%} |" for sort, one in by_sort.items())
    tries = "\n".join(f"| {name} | {text} |" for name, text in samples)
    return export.card(
        "Wick Find", "A very small model that finds what is named in words, for the first visit.", rows,
        {"What it is": f"""A demonstration. It knows drawn pictures of 1 to {world.MOST_THINGS} things on a soft background: {', '.join(world.KINDS)}, each in {', '.join(COLOURS)}. Ask for "a car", for "a red car" or for "a red thing",
one a line. Every one of the {network.CELLS ** 2} patches of a picture says how well it fits each label and where its thing lies; that a thing is told once is learnt, and at the threshold some are told twice.""",
         "What it is not": """A model of the world. A photo, or a label with other words, gets scores too, but they mean nothing. It matches words and does not understand "without", "left of" or numbers.
Things smaller than a sixth of the picture's side, or hidden for the most part, are not in its world.""",
         "How sure it is": f"""It was taught with logits {losses.LOW} larger than those it answers with, so that the threshold {THRESHOLD}, usual for models of its kind, stands where a plain one would be 0.4.""",
         "How well it does": f"""Measured by `recipes/find/evaluate.py` on these very files, on what `tests/golden/default_find.json` holds: {ITEMS} pictures from seeds that training never saw, of the same generator, each with up to
{world.ASKED} labels of one sort, some of which are there; so this says nothing about other pictures. F1 is that of what scores above {THRESHOLD}; a box counts with an intersection over union of {ENOUGH}.

| | mean average precision | F1 | pictures without a mistake |
|---|---|---|---|
| in all | {figures['map50']:.3f} | {figures['f1']:.3f} | {figures['exact']:.0%} |
{sorts}""",
         "Try": f"""The pictures in `{folder.name}.samples/`, asked for {", ".join(ASKED)}:\n\n| | found |\n|---|---|\n{tries}"""})


def main() -> None:
    args = export.arguments(__doc__)
    torch.set_num_threads(1)
    model, tokenizer = OwlViTForObjectDetection.from_pretrained(args.model, dtype=torch.float32).eval(), CLIPTokenizerFast.from_pretrained(args.model)
    processor = OwlViTImageProcessor.from_pretrained(args.model)
    asks = lambda picture, labels: answer(model, tokenizer, processor, picture, labels)  # noqa: E731
    sheet = Image.new("RGB", (ACROSS * world.SIDE, -(-ITEMS // ACROSS) * world.SIDE))
    cases, found, truth, sorts = [], [], [], []
    for at, (made, asked) in enumerate(world.held_out(ITEMS)):
        sheet.paste(made.image(), (at % ACROSS * world.SIDE, at // ACROSS * world.SIDE))
        labels = {name: world.phrases(name)[0] for name in asked}
        things = [shapes.Thing(labels[thing.kind], thing.colour, thing.box, thing.near) for thing in scores.wanted(made.things, asked)]
        found.append(asks(made.image(), list(labels.values())))
        truth.append(things)
        sorts.append(sort_of(labels[asked[0]]))
        cases.append({"labels": list(labels.values()), "things": [{"label": thing.kind, "box": thing.box} for thing in things],
                      "found": [{"label": label, "score": round(score, 5), "box": [round(side, 3) for side in box]} for label, score, box in found[-1] if score >= TOLD]})
    sheet.save("tests/golden/default_find.png", optimize=True)
    figures = scores.figures(found, truth, THRESHOLD)
    export.write_json(Path("tests/golden/default_find.json"), {
        "made_by": export.made_by("recipes/find/evaluate.py"), "model": args.model.name, "scoring": SCORING, "side": world.SIDE, "across": ACROSS, "threshold": THRESHOLD, **figures, "cases": cases})
    by_sort = {sort: scores.figures(*zip(*[(one, things) for one, things, its in zip(found, truth, sorts) if its == sort]), THRESHOLD) for sort in SORTS}
    samples, folder = [], args.model.with_suffix(".samples")
    folder.mkdir(exist_ok=True)
    for at in range(SAMPLES):
        made = shapes.scene(shapes.HELD_OUT + 5_000_000 + at, world.SIDE * 2, 2, world.MOST_THINGS, world.KINDS)
        made.image().save(folder / f"{at + 1}.png", optimize=True)
        samples.append((f"{at + 1}.png", shown(asks(made.image(), ASKED))))
    about = {**export.spent(args.trained), "parameters": sum(tensor.numel() for tensor in model.state_dict().values())}  # without what only learns
    args.model.with_suffix(".card.md").write_text(card(about, args.model, figures, by_sort, samples))
    print(figures, by_sort, *samples, sep="\n")


if __name__ == "__main__":
    main()
