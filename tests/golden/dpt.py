"""Tiny seeded DPT and Depth Anything checkpoints with what the reference makes of them, for `dpt/`.

Made with torch 2.15, transformers 4.57.6, Pillow 13.0; run as `python tests/golden/dpt.py`.

`hybrid` is Intel/dpt-hybrid-midas small, `plain` Intel/dpt-large, `anything` Depth-Anything-V2-Small. Weights are kept in F16, and
the reference has the same numbers in F32. `layout.json` has names and shapes of the real checkpoints, from the meta device.
`task.json` is the whole way of a picture, with some of the numbers of the depth at its own size.
"""

import json
from pathlib import Path

import numpy as np
import torch
import transformers as tf
from PIL import Image
from safetensors.torch import save_file
from transformers.models.bit.modeling_bit import BitConfig

HERE = Path(__file__).parent / "dpt"
VIT = dict(hidden_size=32, num_hidden_layers=4, num_attention_heads=4, intermediate_size=64, fusion_hidden_size=8, backbone_out_indices=[0, 1, 2, 3])
BIT = dict(global_padding="same", layer_type="bottleneck", embedding_size=8, hidden_sizes=[16, 32, 64], depths=[2, 1, 1], num_groups=4, out_features=["stage1", "stage2", "stage3"],
           embedding_dynamic_padding=True)
HYBRID = tf.DPTConfig(**VIT, is_hybrid=True, image_size=48, patch_size=16, backbone_config=BIT, backbone_featmap_shape=[1, 64, 3, 3], neck_hidden_sizes=[16, 32, 16, 24],
                      reassemble_factors=[1, 1, 1, 0.5], neck_ignore_stages=[0, 1])
PLAIN = tf.DPTConfig(**{**VIT, "num_hidden_layers": 3, "backbone_out_indices": [0, 1, 2]}, image_size=32, patch_size=8, neck_hidden_sizes=[8, 12, 16], reassemble_factors=[2, 1, 0.5])
ANYTHING = tf.DepthAnythingConfig(
    backbone_config=tf.Dinov2Config(hidden_size=32, num_hidden_layers=4, num_attention_heads=4, mlp_ratio=2, image_size=56, patch_size=14, out_features=["stage1", "stage2", "stage4"],
                                    reshape_hidden_states=False),
    patch_size=14, reassemble_hidden_size=32, neck_hidden_sizes=[8, 12, 16], reassemble_factors=[4, 1, 0.5], fusion_hidden_size=8, head_hidden_size=6)
SIZES = {"hybrid": [(48, 48)], "plain": [(32, 32), (40, 40)], "anything": [(56, 56), (42, 70)]}
HALVES = dict(image_mean=[0.5] * 3, image_std=[0.5] * 3)
IMAGENET = dict(image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225])
PREPROCESSORS = {"hybrid": dict(size={"height": 48, "width": 48}, resample=2, **HALVES), "anything": dict(size={"height": 56, "width": 56}, keep_aspect_ratio=True, ensure_multiple_of=14, **IMAGENET)}
REAL = {
    "hybrid": tf.DPTConfig(is_hybrid=True, neck_hidden_sizes=[256, 512, 768, 768], reassemble_factors=[1, 1, 1, 0.5], backbone_config=None),
    "large": tf.DPTConfig(hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096, backbone_out_indices=[5, 11, 17, 23], neck_hidden_sizes=[256, 512, 1024, 1024]),
    "anything": tf.DepthAnythingConfig(backbone_config=tf.Dinov2Config(hidden_size=384, num_attention_heads=6, image_size=518, patch_size=14, out_features=["stage3", "stage6", "stage9", "stage12"],
                                                                       reshape_hidden_states=False)),
}


def seeded(config, seed):
    """A network whose attention is not flat, whose norms and scales are not one and whose biases are not zero."""
    torch.manual_seed(seed)
    made = tf.DPTForDepthEstimation if config.model_type == "dpt" else tf.DepthAnythingForDepthEstimation
    model = made(config).float().eval()
    for name, weight in model.named_parameters():
        if ("norm" in name and name.endswith("weight")) or "lambda" in name:
            weight.uniform_(0.6, 1.4)
        elif weight.dim() == 1:
            weight.uniform_(-0.3, 0.3)
        elif weight.dim() == 4:
            weight.normal_(0, (2 / weight[0].numel()) ** 0.5)
        else:
            weight.normal_(0, 0.3 if "query" in name or "key" in name or "position" in name else 0.15)
    last = model.head.head[4] if config.model_type == "dpt" else model.head.conv3
    size = 56 if config.model_type == "depth_anything" else config.image_size
    last.bias.fill_(100.0)  # nothing is cut off
    depth = model(torch.randn(1, 3, size, size)).predicted_depth
    last.bias.sub_(depth.quantile(0.1))  # and now a tenth of it
    return model.half().float()


def golden(model, sizes):
    found, kept = {}, {}
    model.neck.register_forward_hook(lambda module, given, out: kept.update(seen=given[0], fused=out[-1]))
    for at, (height, width) in enumerate(sizes):
        pixels = torch.randn(1, 3, height, width)
        depth = model(pixels).predicted_depth[0]
        assert 0.3 < (depth > 0).float().mean() < 1, "some of the depth is cut off at zero, and not all"
        found |= {f"pixels_{at}": pixels[0], f"fused_{at}": kept["fused"][0], f"depth_{at}": depth}
        found |= {f"seen_{at}_{i}": seen[0] for i, seen in enumerate(kept["seen"])}
    return found


def save(name, model, config):
    folder = HERE / name
    folder.mkdir(parents=True, exist_ok=True)
    save_file({key: tensor.half().contiguous().clone() for key, tensor in model.state_dict().items()}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config.to_dict(), indent=1, sort_keys=True) + "\n")
    save_file({key: tensor.contiguous().clone() for key, tensor in golden(model, SIZES[name]).items()}, folder / "golden.safetensors")
    for file in folder.iterdir():
        file.chmod(0o644)


def pictures():
    rng = np.random.default_rng(5)
    for height, width in [(33, 41), (60, 24), (9, 70), (56, 56)]:
        ramp = np.linspace(0, 255, width)[None, :, None] * np.array([1, 0.5, 0]) + np.linspace(0, 120, height)[:, None, None] * np.array([0, 1, 1])
        yield np.clip(ramp + rng.normal(0, 12, (height, width, 3)), 0, 255).astype(np.uint8)


def task(models):
    """Pictures through the processor, the network and its post-processing."""
    cases = []
    for name, settings in PREPROCESSORS.items():
        processor = tf.DPTImageProcessor(**settings)
        (HERE / name / "preprocessor_config.json").write_text(processor.to_json_string())
        for at, picture in enumerate(pictures()):
            inputs = processor(Image.fromarray(picture), return_tensors="pt")
            outputs = models[name](**inputs)
            depth = processor.post_process_depth_estimation(outputs, target_sizes=[picture.shape[:2]])[0]["predicted_depth"]
            grey = (depth * 255 / depth.max()).clamp(min=0).numpy().astype(np.uint8)
            cases.append({"model": name, "picture": at, "looked_at": list(inputs["pixel_values"].shape[:1:-1]),
                          "most": float(depth.max()), "stride": 7, "depth": [round(value, 6) for value in depth.flatten()[::7].tolist()], "grey": grey.flatten()[::7].tolist()})
    shown = [{"width": picture.shape[1], "height": picture.shape[0], "rgb": picture.flatten().tolist()} for picture in pictures()]
    (HERE / "task.json").write_text(json.dumps({"pictures": shown, "cases": cases}) + "\n")


def layout(config):
    with torch.device("meta"):
        model = (tf.DPTForDepthEstimation if config.model_type == "dpt" else tf.DepthAnythingForDepthEstimation)(config)
    return {"config": config.to_dict(), "tensors": {name: list(tensor.shape) for name, tensor in model.state_dict().items()}}


@torch.no_grad()
def main():
    models = {}
    for seed, (name, config) in enumerate({"hybrid": HYBRID, "plain": PLAIN, "anything": ANYTHING}.items()):
        models[name] = seeded(config, seed)
        save(name, models[name], config)
    task(models)
    (HERE / "layout.json").write_text(json.dumps({name: layout(config) for name, config in REAL.items()}) + "\n")


if __name__ == "__main__":
    main()
