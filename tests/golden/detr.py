"""Tiny seeded DETR checkpoints with what the reference makes of them, for `detr/`.

Made with torch 2.15, transformers 4.57.6, timm 1.0.31, Pillow 13.0; run as `python tests/golden/detr.py`.

`timm` has the backbone in timm's names, as facebook/detr-resnet-50 has it on the hub, and `basic` in those of
transformers. `layout.json` has names and shapes of the real checkpoint in both, from the meta device. `task.json` is
the whole way of a picture, and `post.json` the last step alone, on numbers made up.
"""

import json
from pathlib import Path

import numpy as np
import torch
import transformers as tf
from PIL import Image
from safetensors.torch import save_file
from transformers.models.detr.modeling_detr import DetrFrozenBatchNorm2d

HERE = Path(__file__).parent / "detr"
LABELS = ["N/A", "cat", "remote", "potted plant"]
TINY = dict(d_model=32, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4, decoder_attention_heads=2, encoder_ffn_dim=64, decoder_ffn_dim=96, num_queries=7,
            id2label=dict(enumerate(LABELS)), label2id={label: at for at, label in enumerate(LABELS)}, use_pretrained_backbone=False)
# What timm builds with these widths and depths, in the words of transformers.
WIDTHS, DEPTHS = (8, 16, 16, 32), (2, 1, 1, 1)
BOTTLENECK = tf.ResNetConfig(embedding_size=64, hidden_sizes=[4 * width for width in WIDTHS], depths=list(DEPTHS), layer_type="bottleneck", out_features=["stage4"])
BASIC = tf.ResNetConfig(embedding_size=32, hidden_sizes=[32, 32], depths=[1, 2], layer_type="basic", out_features=["stage2"])
SIZES = [(75, 52), (40, 97)]
PREPROCESSOR = dict(size={"shortest_edge": 64, "longest_edge": 100}, image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225])


def seeded(config, seed):
    """A network whose attention is not flat, whose norms are not one and whose biases are not zero."""
    torch.manual_seed(seed)
    model = tf.DetrForObjectDetection(config).float().eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" in name and name.endswith("weight"):
                weight.uniform_(0.6, 1.4)
            elif weight.dim() == 1:
                weight.uniform_(-0.3, 0.3)
            elif weight.dim() == 4:
                weight.normal_(0, (1 / weight[0].numel()) ** 0.5)
            else:
                weight.normal_(0, 2 if "query" in name else 0.15 if "q_proj" in name or "k_proj" in name else 0.5 if "decoder" in name or "class" in name else 0.25)
        for norm in model.modules():
            if isinstance(norm, DetrFrozenBatchNorm2d):
                norm.weight.uniform_(0.6, 1.4)
                norm.bias.uniform_(-0.3, 0.3)
                norm.running_mean.uniform_(-0.5, 0.5)
                norm.running_var.uniform_(0.5, 2)
    return model


def golden(model):
    found = {}
    for at, (height, width) in enumerate(SIZES):
        pixels = torch.randn(1, 3, height, width)
        out = model(pixels)
        found |= {f"pixels_{at}": pixels[0], f"features_{at}": model.model.backbone.conv_encoder.model(pixels)[-1][0] if model.config.use_timm_backbone
                  else model.model.backbone.conv_encoder.model(pixels).feature_maps[-1][0], f"encoded_{at}": out.encoder_last_hidden_state[0],
                  f"logits_{at}": out.logits[0], f"boxes_{at}": out.pred_boxes[0]}
    return found


def save(name, model, config):
    folder = HERE / name
    folder.mkdir(parents=True, exist_ok=True)
    save_file({key: tensor.contiguous().clone() for key, tensor in model.state_dict().items()}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config.to_dict(), indent=1, sort_keys=True) + "\n")
    save_file({key: tensor.contiguous() for key, tensor in golden(model).items()}, folder / "golden.safetensors")
    for file in folder.iterdir():
        file.chmod(0o644)


def found(processor, outputs, size, threshold):
    results = processor.post_process_object_detection(outputs, threshold=threshold, target_sizes=[size])[0]
    rows = zip(results["labels"].tolist(), results["scores"].tolist(), results["boxes"].tolist())
    return [{"label": LABELS[label], "score": score, "box": box} for label, score, box in sorted(rows, key=lambda row: -row[1])]


def task(model):
    """A picture through the slow processor, the network and its post-processing."""
    processor = tf.DetrImageProcessor(**PREPROCESSOR)
    (HERE / "basic/preprocessor_config.json").write_text(processor.to_json_string())
    rng, pictures = np.random.default_rng(5), []
    for height, width in [(33, 41), (60, 24), (9, 70)]:
        ramp = np.linspace(0, 255, width)[None, :, None] * np.array([1, 0.5, 0]) + np.linspace(0, 120, height)[:, None, None] * np.array([0, 1, 1])
        picture = np.clip(ramp + rng.normal(0, 12, (height, width, 3)), 0, 255).astype(np.uint8)
        inputs = processor(Image.fromarray(picture), return_tensors="pt")
        outputs = model(pixel_values=inputs["pixel_values"], pixel_mask=inputs["pixel_mask"])
        pictures.append({"width": width, "height": height, "rgb": picture.flatten().tolist(), "found": found(processor, outputs, (height, width), 0.0)})
    (HERE / "task.json").write_text("[\n" + ",\n".join(map(json.dumps, pictures)) + "\n]\n")


def post():
    """Recorded logits and boxes of 7 queries, and what the reference reads in them at three thresholds."""
    torch.manual_seed(9)
    processor = tf.DetrImageProcessor()
    logits, boxes = torch.randn(1, 7, len(LABELS) + 1) * 4, torch.rand(1, 7, 4)
    outputs = type("Outputs", (), {"logits": logits, "pred_boxes": boxes})()
    size = (480, 640)
    cases = {"height": size[0], "width": size[1], "labels": LABELS, "logits": logits[0].tolist(), "boxes": boxes[0].tolist(),
             "found": {str(threshold): found(processor, outputs, size, threshold) for threshold in (0.0, 0.5, 0.9)}}
    (HERE / "post.json").write_text(json.dumps(cases) + "\n")


def layout(config):
    with torch.device("meta"):
        model = tf.DetrForObjectDetection(config)
    return {"config": config.to_dict(), "tensors": {name: list(tensor.shape) for name, tensor in model.state_dict().items()}}


@torch.no_grad()
def main():
    kwargs = dict(out_indices=[1, 2, 3, 4], channels=WIDTHS, layers=DEPTHS)
    timm = tf.DetrConfig(**TINY, use_timm_backbone=True, backbone="resnet50", backbone_kwargs=kwargs)
    save("timm", seeded(timm, 1), tf.DetrConfig(**TINY, use_timm_backbone=False, backbone=None, backbone_config=BOTTLENECK))
    basic = tf.DetrConfig(**TINY, use_timm_backbone=False, backbone=None, backbone_config=BASIC)
    model = seeded(basic, 3)
    save("basic", model, basic)
    task(model)
    post()
    labels = {at: f"LABEL_{at}" for at in range(91)}
    real = dict(id2label=labels, label2id={label: at for at, label in labels.items()}, use_pretrained_backbone=False)
    layouts = {"timm": layout(tf.DetrConfig(**real)), "transformers": layout(tf.DetrConfig(**real, use_timm_backbone=False, backbone=None, backbone_config=tf.ResNetConfig(out_features=["stage4"])))}
    (HERE / "layout.json").write_text(json.dumps(layouts) + "\n")


if __name__ == "__main__":
    main()
