"""A tiny seeded SAM checkpoint with what the reference makes of it, for `sam/`.

Made with torch 2.15, transformers 4.57.6, Pillow 13.0; run as `python tests/golden/sam.py`.

Windows do not divide the picture, and the attention of one layer is global. `layout.json` has names and shapes of the real
checkpoints, from the meta device. `task.json` is the whole way of a picture, and `masks.json` what the reference does to
masks alone.
"""

import json
from pathlib import Path

import numpy as np
import torch
import transformers as tf
from PIL import Image
from safetensors.torch import save_file

HERE = Path(__file__).parent / "sam"
VISION = dict(hidden_size=32, output_channels=32, num_hidden_layers=3, num_attention_heads=2, image_size=64, patch_size=8, window_size=3, global_attn_indexes=[1], mlp_dim=48,
              num_pos_feats=16)
PROMPT = dict(hidden_size=32, image_size=64, patch_size=8, mask_input_channels=8)
DECODER = dict(hidden_size=32, mlp_dim=40, num_hidden_layers=2, num_attention_heads=2, num_multimask_outputs=3, iou_head_depth=3, iou_head_hidden_dim=24)
PREPROCESSOR = dict(size={"longest_edge": 64}, pad_size={"height": 64, "width": 64})
# What is asked: points, whether each is in the thing, and a box.
PROMPTS = {"point": ([[20.5, 31.0]], [1], None), "points": ([[12.0, 40.0], [50.0, 9.5], [3.0, 3.0]], [1, 0, 1], None), "box": (None, None, [8.0, 12.0, 50.5, 60.0]),
           "both": ([[30.0, 30.0]], [0], [4.0, 2.0, 33.0, 61.0])}


def seeded():
    """A network whose attention is not flat and whose norms are not one."""
    torch.manual_seed(11)
    model = tf.SamModel(tf.SamConfig(vision_config=VISION, prompt_encoder_config=PROMPT, mask_decoder_config=DECODER)).float().eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" in name and name.endswith("weight"):
                weight.uniform_(0.6, 1.4)
            elif weight.dim() == 1:
                weight.uniform_(-0.3, 0.3)
            elif weight.dim() == 4 and "pos_embed" not in name:
                weight.normal_(0, (1 / weight[0].numel()) ** 0.5)
            else:
                weight.normal_(0, 1 if "embed" in name or "token" in name and "attn" not in name else 0.5 if "rel_pos" in name else 0.25)
        model.shared_image_embedding.positional_embedding.normal_(0, 1)
    return model


def asked(name, scale=1.0):
    points, kinds, box = PROMPTS[name]
    told = {}
    if points:
        told |= dict(input_points=torch.tensor([[points]]) * scale, input_labels=torch.tensor([[kinds]]))
    if box:
        told |= dict(input_boxes=torch.tensor([[box]]) * scale)
    return told


def golden(model):
    pixels = torch.randn(1, 3, 64, 64)
    found = {"pixels": pixels[0], "embedding": model.get_image_embeddings(pixels)[0].flatten(1).T}
    for name in PROMPTS:
        out = model(pixel_values=pixels, multimask_output=True, **asked(name))
        found |= {f"masks_{name}": out.pred_masks[0, 0], f"scores_{name}": out.iou_scores[0, 0]}
    return found


def picture(rng, height, width):
    ramp = np.linspace(0, 255, width)[None, :, None] * np.array([1, 0.5, 0]) + np.linspace(0, 120, height)[:, None, None] * np.array([0, 1, 1])
    return np.clip(ramp + rng.normal(0, 12, (height, width, 3)), 0, 255).astype(np.uint8)


def runs(mask):
    """Lengths along rows, alternately outside and inside, the first outside."""
    flat = np.asarray(mask, dtype=bool).ravel()
    lengths = np.diff([0, *(np.flatnonzero(flat[1:] != flat[:-1]) + 1), len(flat)]).tolist()
    return [0, *lengths] if flat[0] else lengths


def task(model):
    """Pictures through the slow processor, the network and its post-processing; prompts in pixels of the picture."""
    processor = tf.SamImageProcessor(**PREPROCESSOR)
    (HERE / "preprocessor_config.json").write_text(processor.to_json_string())
    full, rng, cases = tf.SamProcessor(processor), np.random.default_rng(5), []
    for height, width in [(48, 90), (70, 41), (64, 64)]:
        shown = picture(rng, height, width)
        told = {}
        for name, (points, kinds, box) in PROMPTS.items():
            prompt = dict(input_points=[[[[x / 64 * width, y / 64 * height] for x, y in points]]], input_labels=[[kinds]]) if points else {}
            if box:
                prompt["input_boxes"] = [[[side / 64 * (width, height)[at % 2] for at, side in enumerate(box)]]]
            inputs = full(Image.fromarray(shown), return_tensors="pt", **prompt)
            sizes = inputs.pop("original_sizes"), inputs.pop("reshaped_input_sizes")
            inputs = {key: value.float() if value.dtype == torch.float64 else value for key, value in inputs.items()}
            out = model(**inputs, multimask_output=True)
            masks = processor.post_process_masks(out.pred_masks, *sizes)[0][0]
            told[name] = {"points": prompt.get("input_points", [[[]]])[0][0], "inside": kinds or [], "box": prompt.get("input_boxes", [[None]])[0][0],
                          "scores": out.iou_scores[0, 0].tolist(), "runs": [runs(mask) for mask in masks.numpy()]}
        cases.append({"width": width, "height": height, "rgb": shown.flatten().tolist(), "asked": told})
    (HERE / "task.json").write_text("[\n" + ",\n".join(map(json.dumps, cases)) + "\n]\n")


def masks():
    """Smooth numbers made up, on pictures that are wide, high, small and large, through the reference's own functions."""
    from transformers.models.sam.image_processing_sam import _batched_mask_to_box, _compute_stability_score_pt

    torch.manual_seed(4)
    processor, cases = tf.SamImageProcessor(**PREPROCESSOR), []
    for height, width in [(30, 52), (90, 41), (64, 64), (5, 9)]:
        shown = processor._get_preprocess_shape((height, width), 64)
        numbers = torch.round(torch.nn.functional.interpolate(torch.randn(1, 1, 5, 5) * 4, (16, 16), mode="bicubic"), decimals=4)
        full = processor.post_process_masks([numbers], [[height, width]], [list(shown)], binarize=False)[0][0]
        mask = full > 0
        cases.append({"square": 64, "shown": [shown[1], shown[0]], "size": [width, height], "side": 16, "numbers": [round(x, 4) for x in numbers.flatten().tolist()],
                      "runs": runs(mask[0].numpy()), "stability": _compute_stability_score_pt(full, 0.0, 1).item(), "area": _batched_mask_to_box(mask)[0].tolist(), "pixels": int(mask.sum())})
    (HERE / "masks.json").write_text("[\n" + ",\n".join(map(json.dumps, cases)) + "\n]\n")


def layout(vision):
    config = tf.SamConfig(vision_config=vision)
    with torch.device("meta"):
        model = tf.SamModel(config)
    return {"config": config.to_dict(), "tensors": {name: list(tensor.shape) for name, tensor in model.state_dict().items()}}


@torch.no_grad()
def main():
    HERE.mkdir(parents=True, exist_ok=True)
    model = seeded()
    save_file({name: tensor.contiguous().clone() for name, tensor in model.state_dict().items()}, HERE / "model.safetensors")
    (HERE / "config.json").write_text(json.dumps(model.config.to_dict(), indent=1, sort_keys=True) + "\n")
    save_file({name: tensor.contiguous() for name, tensor in golden(model).items()}, HERE / "golden.safetensors")
    task(model)
    masks()
    # facebook/sam-vit-base and Zigeng/SlimSAM-uniform-77.
    layouts = {"sam-vit-base": layout({}), "SlimSAM-uniform-77": layout(dict(hidden_size=168, mlp_dim=696))}
    (HERE / "layout.json").write_text(json.dumps(layouts) + "\n")


if __name__ == "__main__":
    main()
