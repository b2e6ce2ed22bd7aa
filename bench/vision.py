"""Networks for pictures of real shapes with seeded random weights, for the benchmark: one ONNX file in f32, one
in q8, and the same weights as safetensors with the checkpoint's own names.

Made with torch 2.15.0, transformers 4.57.6, onnx 1.23.2, onnxruntime 1.32.0; run as `python bench/vision.py FOLDER`.
Writes FOLDER/NAME/{onnx/model.onnx, onnx/model_quantized.onnx, model.safetensors, config.json} for detr, owlvit, depth
and slimsam. The graphs are exports of the reference's own modules, as optimum makes them for Transformers.js.
"""

import sys
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import (
    DepthAnythingConfig, DepthAnythingForDepthEstimation, DetrConfig, DetrForObjectDetection, Dinov2Config, OwlViTConfig,
    OwlViTForObjectDetection, SamConfig, SamModel, SamVisionConfig,
)

OPSET = 17


class Detr(torch.nn.Module):
    """A picture of any size without padding: logits and boxes."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        told = self.model(pixel_values, torch.ones_like(pixel_values[:, 0], dtype=torch.int64))
        return torch.cat([told.logits, told.pred_boxes], dim=-1)


class Boxes(torch.nn.Module):
    """The half of OWL-ViT that looks: boxes and what each place is like, to be held against words."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        places = self.model.image_embedder(pixel_values)[0]
        batch, rows, columns, size = places.shape
        places = places.reshape(batch, rows * columns, size)
        boxes = self.model.box_predictor(places, torch.zeros(batch, rows, columns, size))
        return torch.cat([self.model.class_head.dense0(places), boxes], dim=-1)


class Depth(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        return self.model(pixel_values).predicted_depth


class Look(torch.nn.Module):
    """What SAM does once for a picture."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        return self.model.get_image_embeddings(pixel_values)


def detr():
    """facebook/detr-resnet-50."""
    config = DetrConfig(use_timm_backbone=False, use_pretrained_backbone=False, backbone=None, num_labels=91,
                        backbone_config=dict(model_type="resnet", out_features=["stage4"]))
    return DetrForObjectDetection(config), Detr, (800, 800)


def owlvit():
    """google/owlvit-base-patch32."""
    return OwlViTForObjectDetection(OwlViTConfig()), Boxes, (768, 768)


def depth():
    """depth-anything/Depth-Anything-V2-Small-hf."""
    backbone = Dinov2Config(hidden_size=384, num_hidden_layers=12, num_attention_heads=6, image_size=518, patch_size=14,
                            out_indices=[3, 6, 9, 12], apply_layernorm=True, reshape_hidden_states=False)
    config = DepthAnythingConfig(backbone_config=backbone, reassemble_hidden_size=384, fusion_hidden_size=64,
                                 neck_hidden_sizes=[48, 96, 192, 384])
    return DepthAnythingForDepthEstimation(config), Depth, (518, 518)


def slimsam():
    """Zigeng/SlimSAM-uniform-77."""
    vision = SamVisionConfig(hidden_size=168, mlp_dim=696, num_attention_heads=12)
    return SamModel(SamConfig(vision_config=vision.to_dict())), Look, (1024, 1024)


def export(view, path, feeds, output):
    """A module as an ONNX file at `path` and, beside it, in q8; `feeds` are its inputs by name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(view, tuple(feeds.values()), path, opset_version=OPSET, input_names=list(feeds),
                      output_names=[output], do_constant_folding=True, dynamo=False)
    onnx.checker.check_model(path)
    quantize_dynamic(path, path.with_stem(f"{path.stem}_quantized"), weight_type=QuantType.QUInt8)


def told(place):
    for file in sorted(place.rglob("*.*")):
        print(f"{file.relative_to(place.parent)}: {file.stat().st_size / 1e6:.1f} MB")


def write(place, build):
    torch.manual_seed(20261126)
    model, view, (rows, columns) = build()
    model.eval()
    model.save_pretrained(place)
    pixels = torch.rand(1, 3, rows, columns) * 2 - 1
    export(view(model), place / "onnx/model.onnx", {"pixel_values": pixels}, "output")
    told(place)


if __name__ == "__main__":
    for build in (detr, owlvit, depth, slimsam):
        write(Path(sys.argv[1]) / build.__name__, build)
