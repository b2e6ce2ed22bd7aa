"""Shows the shipped depth estimator held-out pictures; writes them, the reference's answers, some samples and the model card.

    python -m recipes.depth.evaluate --trained target/wick-depth --model www/models/wick-depth
"""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import DepthAnythingForDepthEstimation, DPTImageProcessor

from recipes.depth import network, scores
from recipes.shapes import world
from recipes.shared import export

ITEMS, ACROSS, SAMPLES, MOST, STRIDE = 48, 8, 6, 6, 61
SCORING = (f"picture i is the square at column i mod `across` and row i div `across` of default_depth.png, `side` pixels wide; depth is every {STRIDE}th number of what the reference tells of it in float32, "
           f"most the largest of all; places are the middles of things, [x, y, near]; nearer: of the pairs of these whose near differs by at least {scores.APART}, the share of which the reference tells the nearer as nearer at its place")


def answer(model: DepthAnythingForDepthEstimation, processor: DPTImageProcessor, picture: Image.Image) -> np.ndarray:
    """Depth at the picture's size, as the reference's pipeline gives it."""
    with torch.no_grad():
        out = model(**processor(picture, return_tensors="pt"))
    return processor.post_process_depth_estimation(out, target_sizes=[(picture.height, picture.width)])[0]["predicted_depth"].numpy()


def places(made: world.Scene) -> list[list[float]]:
    """A pixel of each thing, the nearest to the middle of what is seen of it, and how near the thing is."""
    found = []
    for at, thing in enumerate(made.things):
        rows, columns = np.nonzero(made.mask(at))
        if len(rows) >= scores.SEEN:
            best = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
            found.append([int(columns[best]), int(rows[best]), round(thing.near, 4)])
    return found


def pairs(told: np.ndarray, placed: list[list[float]]) -> tuple[int, int]:
    asked = [(one, other) for at, one in enumerate(placed) for other in placed[at + 1:] if abs(one[2] - other[2]) >= scores.APART]
    right = sum((one[2] > other[2]) == (told[one[1], one[0]] > told[other[1], other[0]]) for one, other in asked)
    return right, len(asked)


def card(about: dict, folder: Path, figures: dict, baseline: dict) -> str:
    rows = export.rows_of(about, folder, f"Depth Anything V2, small: a DINOv2 of 4 layers of width 96 and 3 heads over patches of {network.PATCH}, and DPT's neck and head; "
                          f"pictures near {network.SIDE} × {network.SIDE} pixels", "none", "depth")
    rows = {name: value.replace("`recipes/depth/world.py`; no text", "`recipes/shapes/world.py`; no picture") for name, value in rows.items() if name != "tokenizer"}
    names = {"off": "mean distance from the truth, whose range is 0 to 1", "absrel": "on things: mean relative distance (AbsRel)", "delta": f"on things: pixels within a factor of {scores.CLOSE}",
             "nearer": "pairs of things of which the nearer is told"}
    table = "\n".join(f"| {text} | {figures[name]:.3f} | {baseline[name]:.3f} |" for name, text in names.items())
    return export.card(
        "Wick Depth", "A very small model that tells how near the things in a drawn picture are, for the first visit.", rows,
        {"What it is": f"""A demonstration. In its world, drawn pictures of up to {MOST} things on a soft background, large things are near and cover the small ones, and the floor comes a little nearer towards the bottom.
What it tells is relative and has no unit: more is nearer.""",
         "What it is not": """A model of the world. What it says of a photo means nothing.""",
         "How well it does": f"""Measured by `recipes/depth/evaluate.py` on these very files: {ITEMS} pictures from seeds that training never saw, of the same generator, so this says nothing about other pictures.
The first three after the scale and the shift that fit best. Beside it what one map for all pictures, the mean of 200 others, would score.

| | this model | the mean map |
|---|---|---|
{table}""",
         "Try": f"""The pictures in `{folder.name}.samples/`."""})


def main() -> None:
    args = export.arguments(__doc__)
    torch.set_num_threads(1)
    model, processor = DepthAnythingForDepthEstimation.from_pretrained(args.model, dtype=torch.float32).eval(), DPTImageProcessor.from_pretrained(args.model)
    scenes = [world.scene(world.HELD_OUT + at, network.SIDE, most=MOST) for at in range(ITEMS)]
    sheet = Image.new("RGB", (ACROSS * network.SIDE, -(-ITEMS // ACROSS) * network.SIDE))
    cases, said, right, of = [], [], 0, 0
    for at, made in enumerate(scenes):
        sheet.paste(made.image(), (at % ACROSS * network.SIDE, at // ACROSS * network.SIDE))
        told, placed = answer(model, processor, made.image()), places(made)
        said.append(told)
        right, of = right + pairs(told, placed)[0], of + pairs(told, placed)[1]
        cases.append({"places": placed, "most": round(float(told.max()), 6), "depth": [round(float(value), 5) for value in told.ravel()[::STRIDE]]})
    sheet.save("tests/golden/default_depth.png", optimize=True)
    figures = scores.figures(said, scenes)
    mean = np.mean([world.scene(2_000_000 + at, network.SIDE, most=MOST).depth for at in range(200)], axis=0)
    baseline = scores.figures([mean] * ITEMS, scenes)
    export.write_json(Path("tests/golden/default_depth.json"), {
        "made_by": export.made_by("recipes/depth/evaluate.py"), "model": args.model.name, "scoring": SCORING, "side": network.SIDE, "across": ACROSS, "stride": STRIDE, "nearer": right / of, "pairs": of, "cases": cases})
    folder = args.model.with_suffix(".samples")
    folder.mkdir(exist_ok=True)
    for at in range(SAMPLES):
        world.scene(world.HELD_OUT + 6_000_000 + at, network.SIDE * 2, fewest=3, most=MOST).image().save(folder / f"{at + 1}.png", optimize=True)
    about = {**export.spent(args.trained), "parameters": sum(tensor.numel() for tensor in model.state_dict().values())}
    args.model.with_suffix(".card.md").write_text(card(about, args.model, figures, baseline))
    print(figures, baseline, right / of, of, sep="\n")


if __name__ == "__main__":
    main()
