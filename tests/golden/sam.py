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
    """Lengths along rows, alternately outside and inside."""
    flat = np.concatenate([[0], np.asarray(mask, dtype=np.int8).ravel(), [2]])
    edges = np.flatnonzero(np.diff(flat)) if flat[1] == 0 else np.concatenate([[0], np.flatnonzero(np.diff(flat))])
    return np.diff(np.concatenate([[0], edges])).tolist() if flat[1] == 0 else [0, *np.diff(edges).tolist()]


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


def everything(model):
    """The reference's pipeline for everything there is, on one picture, with limits that leave something."""
    processor = tf.SamImageProcessor(**PREPROCESSOR)
    shown = picture(np.random.default_rng(6), 50, 64)
    made = tf.pipeline("mask-generation", model=model, image_processor=processor)
    limits = dict(points_per_crop=6, pred_iou_thresh=-0.4, stability_score_thresh=0.3, stability_score_offset=1, crops_nms_thresh=0.7)
    told = made(Image.fromarray(shown), points_per_batch=9, **limits)
    order = np.argsort(-np.array(told["scores"]), kind="stable")
    case = {"width": 64, "height": 50, "rgb": shown.flatten().tolist(), "limits": limits, "scores": [float(told["scores"][at]) for at in order],
            "runs": [runs(told["masks"][at]) for at in order]}
    (HERE / "everything.json").write_text(json.dumps(case) + "\n")
    print(len(order), "masks")


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
    everything(model)
    # facebook/sam-vit-base and Zigeng/SlimSAM-uniform-77.
    layouts = {"sam-vit-base": layout({}), "SlimSAM-uniform-77": layout(dict(hidden_size=168, mlp_dim=696))}
    (HERE / "layout.json").write_text(json.dumps(layouts) + "\n")


if __name__ == "__main__":
    main()
