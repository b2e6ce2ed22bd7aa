"""Shows the shipped segmenter held-out pictures; writes them, the reference's answers and the model card.

    python -m recipes.fastsam.evaluate --trained target/wick-fastsam --model www/models/wick-fastsam
"""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file

from recipes.fastsam import scores
from recipes.fastsam.network import SIDE, Network, prepared
from recipes.shapes import world
from recipes.shared import export

ITEMS, ACROSS, MOST = 40, 8, 6
SCORING = (f"picture i is the square at column i mod `across` and row i div `across` of default_fastsam.png, `side` pixels wide; masks are runs along rows, the first outside; found is what the reference finds in it in "
           f"float32 with scores above {scores.CONFIDENCE}, boxes that share more than {scores.OVERLAP} being one; a found mask hits a thing if their intersection over union is at least {scores.ENOUGH}; map50: average "
           f"precision (every point of the curve), all things being of one kind; recall: things that are hit; iou: mean over all things of the best that a found mask shares with them")


def runs(mask: np.ndarray) -> list[int]:
    flat = np.concatenate([[False], mask.ravel()])
    changes = np.flatnonzero(flat[1:] != flat[:-1])
    return np.diff(np.concatenate([[0], changes, [mask.size]])).tolist()


@torch.no_grad()
def answer(network: Network, made: world.Scene) -> scores.Found:
    return scores.found(network, network(prepared(torch.from_numpy(made.pixels[None].copy()))), 0, (SIDE, SIDE), 1.0, (0, 0))


def card(about: dict, folder: Path, figures: dict[str, float]) -> str:
    rows = export.rows_of(about, folder, f"YOLOv8-seg in the layout of FastSAM, an eighth as wide as the yaml and a third as deep, distances of 8 steps; pictures of {SIDE} pixels", "none", "fastsam")
    rows = {name: value.replace("`recipes/fastsam/world.py`; no text", "`recipes/shapes/world.py`; no picture") for name, value in rows.items() if name != "tokenizer"}
    return export.card(
        "Wick FastSAM", "A very small model that outlines every thing in a drawn picture in one look, for the first visit.", rows,
        {"What it is": f"""A demonstration. It knows drawn pictures of up to {MOST} things on a soft background, and finds the outline of each, whatever it is. Points and rectangles choose among what it found.
It was written and trained for Wick: neither text nor weights of FastSAM or of ultralytics are in it.""",
         "What it is not": """A model of the world. What it outlines in a photo means nothing. Things smaller than a sixth of the picture's side, or hidden for the most part, are not in its world.""",
         "How well it does": f"""Measured by `recipes/fastsam/evaluate.py` on these very files, on what `tests/golden/default_fastsam.json` holds: {ITEMS} pictures from seeds that training never saw, of the same
generator, so this says nothing about other pictures.

| | |
|---|---|
| average precision of masks at an intersection over union of {scores.ENOUGH} | {figures['map50']:.3f} |
| things that are found | {figures['recall']:.1%} |
| mean intersection over union of a thing and the mask found that fits it best | {figures['iou']:.3f} |""",
         "Try": """The pictures of `wick-detect.samples/`, which are of the same world."""})


def main() -> None:
    args = export.arguments(__doc__)
    torch.set_num_threads(1)
    network = Network().float().eval()
    left = network.load_state_dict({name: tensor.float() for name, tensor in load_file(args.model / "model.safetensors").items()}, strict=False)
    assert not left.unexpected_keys and all(name.endswith("num_batches_tracked") for name in left.missing_keys), left
    scenes = [world.scene(world.HELD_OUT + at, SIDE, most=MOST) for at in range(ITEMS)]
    sheet = Image.new("RGB", (ACROSS * SIDE, -(-ITEMS // ACROSS) * SIDE))
    answers, truth, cases = [], [], []
    for at, made in enumerate(scenes):
        sheet.paste(made.image(), (at % ACROSS * SIDE, at // ACROSS * SIDE))
        found, masks = answer(network, made), np.stack([made.mask(thing) for thing in range(len(made.things))])
        answers.append(found)
        truth.append(masks)
        cases.append({"things": [runs(mask) for mask in masks], "found": [{"score": round(float(score), 5), "runs": runs(mask)} for score, mask in zip(found.scores, found.masks)]})
    sheet.save("tests/golden/default_fastsam.png", optimize=True)
    figures = scores.figures(answers, truth)
    made_by = {name: version for name, version in export.made_by("recipes/fastsam/evaluate.py").items() if name not in ("transformers", "tokenizers")}
    export.write_json(Path("tests/golden/default_fastsam.json"), {"made_by": made_by, "model": args.model.name, "scoring": SCORING, "side": SIDE, "across": ACROSS, **figures, "cases": cases})
    about = {**export.spent(args.trained), "parameters": sum(parameter.numel() for parameter in network.parameters())}
    args.model.with_suffix(".card.md").write_text(card(about, args.model, figures))
    print(figures)


if __name__ == "__main__":
    main()
