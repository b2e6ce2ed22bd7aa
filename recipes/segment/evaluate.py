"""Asks the shipped segmenter about held-out pictures; writes them, the reference's answers, some samples and the model card.

    python -m recipes.segment.evaluate --trained target/wick-segment --model www/models/wick-segment
"""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from scipy import ndimage
from transformers import SamImageProcessor, SamModel, SamProcessor, pipeline

from recipes.segment import network
from recipes.segment.train import asked_of
from recipes.shapes import world
from recipes.shared import export

ITEMS, ACROSS, SAMPLES, MOST, WHOLE, FOUND = 40, 8, 6, 6, 6, 0.75
LIMITS = dict(stability_score_offset=1, **network.EVERYTHING)
SCORING = (f"picture i is the square at column i mod `across` and row i div `across` of default_segment.png, `side` pixels wide; `runs` are lengths along rows, alternately beside the thing and in it; a case is "
           f"a thing, asked for by the point in it that is farthest from its edge, and by its box; points and boxes: mean intersection over union of the true mask and the one of three that the network scores "
           f"highest, in float32; met: share of things of which both masks share at least {FOUND}; everything: for the first {WHOLE} pictures the masks of the reference's pipeline with `limits`, surest first; found: share of their things that one of these masks covers with at "
           f"least {FOUND}; own: share of these masks that cover a thing or the ground so")


def runs(mask: np.ndarray) -> list[int]:
    flat = mask.ravel().astype(bool)
    lengths = np.diff([0, *(np.flatnonzero(flat[1:] != flat[:-1]) + 1), len(flat)]).tolist()
    return [0, *lengths] if flat[0] else lengths


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / max((one | other).sum(), 1))


def inmost(mask: np.ndarray) -> tuple[float, float]:
    """The middle of the pixel that is farthest from the edge of the mask."""
    deep = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    row, column = np.unravel_index(deep.argmax(), deep.shape)
    return column + 0.5, row + 0.5


@torch.no_grad()
def best(model: SamModel, processor: SamProcessor, picture: Image.Image, **prompt) -> tuple[float, np.ndarray]:
    """The score and the mask that the network holds for its best."""
    inputs = processor(picture, return_tensors="pt", **prompt)
    sizes = inputs.pop("original_sizes"), inputs.pop("reshaped_input_sizes")
    told = model(**{name: value.float() if value.is_floating_point() else value for name, value in inputs.items()}, multimask_output=True)
    masks = processor.image_processor.post_process_masks(told.pred_masks, *sizes)[0][0].numpy()
    at = int(told.iou_scores[0, 0].argmax())
    return float(told.iou_scores[0, 0, at]), masks[at]


def card(about: dict, folder: Path, figures: dict[str, float]) -> str:
    rows = export.rows_of(about, folder, f"SAM (as sam-vit-base): a ViT of 4 layers of width 128, 4 heads, windows of 6 and two global layers, patches of {network.PATCH}; mask decoder of width {network.WIDTH}; "
                          f"pictures of {network.SIDE} × {network.SIDE} pixels", "none", "segment")
    rows = {name: value.replace("`recipes/segment/world.py`; no text", "`recipes/shapes/world.py`; no picture") for name, value in rows.items() if name != "tokenizer"}
    return export.card(
        "Wick Segment", "A very small model that draws the outline of what is pointed at in a drawn picture, for the first visit.", rows,
        {"What it is": f"""A demonstration. It knows drawn pictures of up to {MOST} things on a soft background, and tells the pixels of a thing from the rest when it is shown a point in it, points in it and beside it, or
a box around it. Each question has three answers, with what the model thinks of each.""",
         "What it is not": """A model of the world. What it outlines in a photo means little.""",
         "How well it does": f"""Measured by `recipes/segment/evaluate.py` on these very files, on what `tests/golden/default_segment.json` holds: {figures['things']} things in {ITEMS} pictures from seeds that training never
saw, of the same generator, so this says nothing about other pictures.

| | |
|---|---|
| mean intersection over union, asked by one point in the thing | {figures['points']:.3f} |
| the same, asked by its box | {figures['boxes']:.3f} |
| things of which both share at least {FOUND} | {figures['met']:.0%} |
| everything in {WHOLE} pictures (a grid of {LIMITS['points_per_crop']} × {LIMITS['points_per_crop']} points, score {LIMITS['pred_iou_thresh']}, stability {LIMITS['stability_score_thresh']}): things that are found | {figures['found']:.0%} |
| masks among them that are of a thing or the ground | {figures['own']:.0%} |""",
         "Try": f"""The pictures in `{folder.name}.samples/`: point at anything."""})


def main() -> None:
    args = export.arguments(__doc__)
    torch.set_num_threads(1)
    model, image_processor = SamModel.from_pretrained(args.model, dtype=torch.float32).eval(), SamImageProcessor.from_pretrained(args.model)
    processor, side = SamProcessor(image_processor), network.SIDE
    made_of = pipeline("mask-generation", model=model, image_processor=image_processor)
    sheet = Image.new("RGB", (ACROSS * side, -(-ITEMS // ACROSS) * side))
    cases, everything, found, own = [], [], [], []
    for at in range(ITEMS):
        made = world.scene(world.HELD_OUT + at, side, most=MOST)
        sheet.paste(made.image(), (at % ACROSS * side, at // ACROSS * side))
        things = [thing for thing in asked_of(made.owner) if thing >= 0]
        for thing in things:
            mask = made.mask(thing)
            point, box = inmost(mask), list(made.things[thing].box)
            told = {"point": best(model, processor, made.image(), input_points=[[list(point)]], input_labels=[[1]]), "box": best(model, processor, made.image(), input_boxes=[[box]])}
            cases.append({"picture": at, "point": point, "box": box, "runs": runs(mask), **{f"{name}_score": round(score, 5) for name, (score, _) in told.items()},
                          **{f"{name}_overlap": round(overlap(mask, said), 5) for name, (_, said) in told.items()}})
        if at < WHOLE:
            said = made_of(made.image(), points_per_batch=16, **LIMITS)
            order = np.argsort(-said["scores"].numpy(), kind="stable")
            masks = [np.asarray(said["masks"][one]) for one in order]
            everything.append({"picture": at, "scores": [round(float(said["scores"][one]), 5) for one in order], "pixels": [int(mask.sum()) for mask in masks]})
            truth = [made.mask(thing) for thing in range(-1, len(made.things))]
            found += [any(overlap(made.mask(thing), mask) >= FOUND for mask in masks) for thing in things]
            own += [any(overlap(one, mask) >= FOUND for one in truth) for mask in masks]
    sheet.save("tests/golden/default_segment.png", optimize=True)
    figures = {"things": len(cases), **{f"{name}s" if name == "point" else f"{name}es": float(np.mean([case[f"{name}_overlap"] for case in cases])) for name in ("point", "box")},
               "met": float(np.mean([min(case["point_overlap"], case["box_overlap"]) >= FOUND for case in cases])), "found": float(np.mean(found)), "own": float(np.mean(own))}
    export.write_json(Path("tests/golden/default_segment.json"), {
        "made_by": export.made_by("recipes/segment/evaluate.py"), "model": args.model.name, "scoring": SCORING, "side": side, "across": ACROSS, "limits": LIMITS, **figures, "everything": everything, "cases": cases})
    folder = args.model.with_suffix(".samples")
    folder.mkdir(exist_ok=True)
    for at in range(SAMPLES):
        world.scene(world.HELD_OUT + 6_000_000 + at, side * 2, fewest=2, most=MOST).image().save(folder / f"{at + 1}.png", optimize=True)
    about = {**export.spent(args.trained), "parameters": sum(tensor.numel() for tensor in model.state_dict().values())}
    args.model.with_suffix(".card.md").write_text(card(about, args.model, figures))
    print(figures)


if __name__ == "__main__":
    main()
