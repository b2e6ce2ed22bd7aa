"""Shows the shipped detector held-out pictures; writes them, the reference's answers, some samples and the model card.

    python -m recipes.detect.evaluate --trained target/wick-detect --model www/models/wick-detect
"""

from collections import Counter
from pathlib import Path

import torch
from PIL import Image
from transformers import DetrForObjectDetection, DetrImageProcessor

from recipes.detect import network, scores
from recipes.shapes import words, world
from recipes.shapes.figures import KINDS
from recipes.shared import export

ITEMS, ACROSS, SAMPLES, THRESHOLD, MOST = 100, 10, 6, 0.9, 6
SCORING = (f"picture i is the square at column i mod `across` and row i div `across` of default_detect.png, `side` pixels wide; found is what the reference finds in it in float32, with scores from 0.05 on; "
           f"a found box hits a thing of its label if their intersection over union is at least {scores.ENOUGH}; map50: mean over the labels of the average precision (every point of the curve) over all pictures; "
           f"exact: share of pictures in which what scores above `threshold` is every thing, once, and nothing else")


def answer(model: DetrForObjectDetection, processor: DetrImageProcessor, picture: Image.Image) -> list[scores.Found]:
    """What every query finds, as the reference's pipeline reads it, the surest first."""
    with torch.no_grad():
        out = model(**processor(picture, return_tensors="pt"))
    read = processor.post_process_object_detection(out, threshold=0.0, target_sizes=[(picture.height, picture.width)])[0]
    rows = zip(read["labels"].tolist(), read["scores"].tolist(), read["boxes"].tolist())
    return sorted(((model.config.id2label[label], score, tuple(box)) for label, score, box in rows), key=lambda one: -one[1])


def shown(found: list[scores.Found]) -> str:
    counts = Counter(kind for kind, score, _ in found if score > THRESHOLD)
    return words.listed([words.counted(kind, count) for kind, count in counts.items()]) if counts else "nothing"


def card(about: dict, folder: Path, figures: dict[str, float], by_count: dict[int, tuple[int, int]], samples: list[tuple[str, str]]) -> str:
    rows = export.rows_of(about, folder, "DETR (as detr-resnet-50): a ResNet of five basic blocks (stride 16), 2 encoder and 3 decoder layers of width 128, 8 heads, "
                          f"{network.QUERIES} queries; pictures of {network.SIDE} × {network.SIDE} pixels", "none", "detect")
    rows = {name: value.replace("`recipes/detect/world.py`; no text", "`recipes/shapes/world.py`; no picture") for name, value in rows.items() if name != "tokenizer"}
    counts = "\n".join(f"| of {'one thing' if count == 1 else f'{count} things'} | {right} of {of} |" for count, (right, of) in sorted(by_count.items()))
    tries = "\n".join(f"| {name} | {text} |" for name, text in samples)
    return export.card(
        "Wick Detect", "A very small model that finds the things in a drawn picture, for the first visit.", rows,
        {"What it is": f"""A demonstration. It knows drawn pictures of up to {MOST} things on a soft background, of these kinds, in any colour: {', '.join(KINDS)}. It says what each is and where.""",
         "What it is not": """A model of the world. In a photo it finds nothing, or something that is not there. Things smaller than a sixth of the picture's side, or hidden for the most part, are not in its world.""",
         "How well it does": f"""Measured by `recipes/detect/evaluate.py` on these very files, on what `tests/golden/default_detect.json` holds: {ITEMS} pictures from seeds that training never saw, of the same
generator, so this says nothing about other pictures.

| | |
|---|---|
| mean average precision at an intersection over union of {scores.ENOUGH} | {figures['map50']:.3f} |
| pictures in which every thing is found, once, and nothing else, with the threshold {THRESHOLD} | {figures['exact']:.0%} |
{counts}""",
         "Try": f"""The pictures in `{folder.name}.samples/`:\n\n| | found |\n|---|---|\n{tries}"""})


def main() -> None:
    args = export.arguments(__doc__)
    torch.set_num_threads(1)
    model, processor = DetrForObjectDetection.from_pretrained(args.model, dtype=torch.float32).eval(), DetrImageProcessor.from_pretrained(args.model)
    scenes = [world.scene(world.HELD_OUT + at, network.SIDE, most=MOST) for at in range(ITEMS)]
    sheet = Image.new("RGB", (ACROSS * network.SIDE, -(-ITEMS // ACROSS) * network.SIDE))
    cases, found, by_count = [], [], {}
    for at, made in enumerate(scenes):
        sheet.paste(made.image(), (at % ACROSS * network.SIDE, at // ACROSS * network.SIDE))
        found.append(answer(model, processor, made.image()))
        right, of = by_count.get(len(made.things), (0, 0))
        by_count[len(made.things)] = right + scores.exact(found[-1], made.things, THRESHOLD), of + 1
        cases.append({"things": [{"label": thing.kind, "box": thing.box} for thing in made.things],
                      "found": [{"label": kind, "score": round(score, 5), "box": [round(side, 3) for side in box]} for kind, score, box in found[-1] if score >= 0.05]})
    sheet.save("tests/golden/default_detect.png", optimize=True)
    figures = scores.figures(found, [made.things for made in scenes], THRESHOLD)
    export.write_json(Path("tests/golden/default_detect.json"), {
        "made_by": export.made_by("recipes/detect/evaluate.py"), "model": args.model.name, "scoring": SCORING, "side": network.SIDE, "across": ACROSS, "threshold": THRESHOLD, **figures, "cases": cases})
    samples, folder = [], args.model.with_suffix(".samples")
    folder.mkdir(exist_ok=True)
    for at in range(SAMPLES):
        picture = world.scene(world.HELD_OUT + 5_000_000 + at, network.SIDE * 2, fewest=2, most=MOST).image()
        picture.save(folder / f"{at + 1}.png", optimize=True)
        samples.append((f"{at + 1}.png", shown(answer(model, processor, picture))))
    args.model.with_suffix(".card.md").write_text(card(export.spent(args.trained), args.model, figures, by_count, samples))
    print(figures, *samples, sep="\n")


if __name__ == "__main__":
    main()
