"""A tiny seeded MobileSAM checkpoint with what the reference makes of it, for `mobilesam/`.

Made with torch 2.15, timm 1.0.31, transformers 4.57.6, Pillow 13.0; run as `python tests/golden/mobilesam.py`.

The encoder is timm's TinyViT, which is MobileSAM's but for the stride of its last merging; neck, prompts and masks are those
of a SamModel. All are saved by the names of MobileSAM's repository. Windows do not divide the first and the
last stage that has them, and one window is all of the stage between. `layout.json` has names and shapes of the real checkpoint,
and of sam_vit_b by the names of segment-anything, from the meta device. `task.json` is the whole way of a picture. Weights are
saved in 16 bits, to which they are rounded before anything is asked.
"""

import json
import re
from pathlib import Path

import numpy as np
import torch
import transformers as tf
from PIL import Image
from safetensors.torch import save_file
from timm.models.tiny_vit import TinyVit
from transformers.models.sam.modeling_sam import SamVisionNeck

from sam import PROMPTS, picture, runs

HERE = Path(__file__).parent / "mobilesam"
SIDE = 64
TINY = dict(embed_dims=(16, 16, 24, 32), depths=(1, 1, 2, 1), num_heads=(1, 2, 2, 4), window_sizes=(3, 3, 4, 3))
REAL = dict(embed_dims=(64, 128, 160, 320), depths=(2, 2, 6, 2), num_heads=(2, 4, 5, 10), window_sizes=(7, 7, 14, 7))
# Norms of the transformer have PyTorch's eps in segment-anything.
DECODER = dict(hidden_size=32, mlp_dim=40, num_hidden_layers=2, num_attention_heads=2, num_multimask_outputs=3, iou_head_depth=3, iou_head_hidden_dim=24)
EPS = dict(layer_norm_eps=1e-5)

# timm's and transformers' names, and MobileSAM's; the first that fits counts.
ENCODER = [(r"^patch_embed\.conv1\.", "patch_embed.seq.0."), (r"^patch_embed\.conv2\.", "patch_embed.seq.2."), (r"^head\.norm\.", "norm_head."), (r"^head\.fc\.", "head."),
           (r"^stages\.(\d)\.downsample\.", lambda found: f"layers.{int(found[1]) - 1}.downsample."), (r"^stages\.", "layers.")]
SAM = [(r"^shared_image_embedding\.positional_embedding", "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"), (r"^vision_encoder\.patch_embed\.projection\.", "image_encoder.patch_embed.proj."),
       (r"^vision_encoder\.layers\.(\d+)\.layer_norm", r"image_encoder.blocks.\1.norm"), (r"^vision_encoder\.layers\.", "image_encoder.blocks."), (r"^vision_encoder\.", "image_encoder."),
       (r"\.point_embed\.", ".point_embeddings."), (r"\.mask_embed\.conv1\.", ".mask_downscaling.0."), (r"\.mask_embed\.layer_norm1\.", ".mask_downscaling.1."),
       (r"\.mask_embed\.conv2\.", ".mask_downscaling.3."), (r"\.mask_embed\.layer_norm2\.", ".mask_downscaling.4."), (r"\.mask_embed\.conv3\.", ".mask_downscaling.6."),
       (r"\.upscale_conv1\.", ".output_upscaling.0."), (r"\.upscale_layer_norm\.", ".output_upscaling.1."), (r"\.upscale_conv2\.", ".output_upscaling.3."),
       (r"(mlps\.\d|prediction_head)\.layers\.0\.", r"\1.layers.1."), (r"(mlps\.\d|prediction_head)\.proj_in\.", r"\1.layers.0."), (r"(mlps\.\d|prediction_head)\.proj_out\.", r"\1.layers.2."),
       (r"\.layer_norm", ".norm")]
NECK = {"conv1": "0", "layer_norm1": "1", "conv2": "2", "layer_norm2": "3"}


def renamed(name, table):
    for theirs, ours in table:
        if re.search(theirs, name):
            return re.sub(theirs, ours, name)
    return name


def original(name):
    """A SamModel's name for a tensor to segment-anything's; `None` if it is there twice."""
    if name == "prompt_encoder.shared_embedding.positional_embedding":
        return None
    part = name.split(".")
    if name.startswith("vision_encoder.neck."):
        return ".".join(["image_encoder.neck", NECK[part[2]], part[3]])
    return renamed(name, SAM)


class MobileSam(torch.nn.Module):
    """MobileSAM of parts that two libraries have."""

    def __init__(self, tiny, decoder, side, classes):
        super().__init__()
        width = decoder.get("hidden_size", 256)
        self.encoder = TinyVit(num_classes=classes, **tiny)
        merging = self.encoder.stages[-1].downsample.conv2
        (getattr(merging, "conv", None) or merging.c).stride = (1, 1)
        vision = tf.SamVisionConfig(hidden_size=tiny["embed_dims"][-1], output_channels=width, num_hidden_layers=0, image_size=side, patch_size=16, num_pos_feats=width // 2)
        prompt = tf.SamPromptEncoderConfig(hidden_size=width, image_size=side, patch_size=16, mask_input_channels=8 if width < 256 else 16)
        # Its own encoder has no layers; the neck is of TinyViT's width.
        self.sam = tf.SamModel(tf.SamConfig(vision_config=vision.to_dict(), prompt_encoder_config=prompt.to_dict(), mask_decoder_config={**decoder, **EPS}))
        self.sam.vision_encoder.neck = SamVisionNeck(vision)

    def levels(self, pixels):
        """What each stage makes of a picture."""
        xs, found = self.encoder.patch_embed(pixels), []
        for stage in self.encoder.stages:
            xs = stage(xs)
            found.append(xs)
        return found

    def look(self, pixels):
        return self.sam.vision_encoder.neck(self.levels(pixels)[-1].permute(0, 2, 3, 1))

    def tensors(self):
        """By the names of the original."""
        named = {f"image_encoder.{renamed(name, ENCODER).replace('.conv.', '.c.')}": tensor for name, tensor in self.encoder.state_dict().items()}
        kept = lambda name: not name.startswith("vision_encoder.") or name.startswith("vision_encoder.neck.")
        return named | {original(name): tensor for name, tensor in self.sam.state_dict().items() if kept(name) and original(name)}


def seeded():
    """A network whose attention is not flat and whose norms are not one."""
    torch.manual_seed(17)
    model = MobileSam(TINY, DECODER, SIDE, classes=5).float().eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith("bn.weight") or "norm" in name and name.endswith("weight"):
                weight.uniform_(0.6, 1.4)
            elif "attention_biases" in name:
                weight.normal_(0, 1.5)
            elif weight.dim() == 1:
                weight.uniform_(-0.3, 0.3)
            elif weight.dim() == 4:
                weight.normal_(0, (1.5 / weight[0].numel()) ** 0.5)
            else:
                weight.normal_(0, 1 if "embed" in name or "token" in name and "attn" not in name else 0.18)
        for name, weight in model.named_buffers():
            if name.endswith("running_mean"):
                weight.normal_(0, 0.3)
            elif name.endswith("running_var"):
                weight.uniform_(0.4, 1.6)
        model.sam.shared_image_embedding.positional_embedding.normal_(0, 1)
        for weight in [*model.parameters(), *model.buffers()]:
            if weight.is_floating_point():
                weight.copy_(weight.half().float())
    return model


def asked(name):
    points, kinds, box = PROMPTS[name]
    told = {}
    if points:
        told |= dict(input_points=torch.tensor([[points]]), input_labels=torch.tensor([[kinds]]))
    if box:
        told |= dict(input_boxes=torch.tensor([[box]]))
    return told


def answered(model, embedding, told):
    """Several masks with their scores, and the one with its own."""
    several, one = (model.sam(image_embeddings=embedding, multimask_output=several, **told) for several in (True, False))
    return [(out.pred_masks[0, 0], out.iou_scores[0, 0]) for out in (several, one)]


def golden(model):
    pixels = torch.randn(1, 3, SIDE, SIDE)
    embedding = model.look(pixels)
    found = {"pixels": pixels[0], "embedding": embedding[0].flatten(1).T}
    found |= {f"level_{at}": level[0].flatten(1).T for at, level in enumerate(model.levels(pixels))}
    for name in PROMPTS:
        for kind, (masks, scores) in zip(("several", "one"), answered(model, embedding, asked(name))):
            found |= {f"{kind}_masks_{name}": masks, f"{kind}_scores_{name}": scores}
    return found


def task(model):
    """Pictures as the original's predictor prepares them, which is as transformers' slow processor does."""
    processor = tf.SamImageProcessor(size={"longest_edge": SIDE}, pad_size={"height": SIDE, "width": SIDE})
    full, rng, cases = tf.SamProcessor(processor), np.random.default_rng(6), []
    for height, width in [(25, 61), (42, 30)]:
        shown, asked = picture(rng, height, width), {}
        for name, (points, kinds, box) in PROMPTS.items():
            prompt = dict(input_points=[[[[x / SIDE * width, y / SIDE * height] for x, y in points]]], input_labels=[[kinds]]) if points else {}
            if box:
                prompt["input_boxes"] = [[[side / SIDE * (width, height)[at % 2] for at, side in enumerate(box)]]]
            inputs = full(Image.fromarray(shown), return_tensors="pt", **prompt)
            sizes = inputs.pop("original_sizes"), inputs.pop("reshaped_input_sizes")
            inputs = {key: value.float() if value.dtype == torch.float64 else value for key, value in inputs.items()}
            embedding = model.look(inputs.pop("pixel_values"))
            # As the original advises: several masks for a single point, which may mean a thing or its part, and else one.
            masks, scores = answered(model, embedding, inputs)[0 if name == "point" else 1]
            full_masks = processor.post_process_masks([masks[None]], *sizes)[0][0]
            asked[name] = {"points": prompt.get("input_points", [[[]]])[0][0], "inside": kinds or [], "box": prompt.get("input_boxes", [[None]])[0][0],
                           "scores": scores.tolist(), "runs": [runs(mask) for mask in full_masks.numpy()]}
        cases.append({"width": width, "height": height, "rgb": shown.flatten().tolist(), "asked": asked})
    (HERE / "task.json").write_text("[\n" + ",\n".join(map(json.dumps, cases)) + "\n]\n")


def save(tensors, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous().clone() for name, tensor in tensors.items()}, path)


def layouts():
    """Names and shapes of MobileSAM, and of sam_vit_b by the names of segment-anything."""
    with torch.device("meta"):
        mobile, vit = MobileSam(REAL, {}, 1024, classes=1000), tf.SamModel(tf.SamConfig())
    named = {original(name): tensor for name, tensor in vit.state_dict().items() if original(name)}
    shapes = lambda tensors: {name: list(tensor.shape) for name, tensor in tensors.items()}
    return {"mobile_sam": {"config": {"model_type": "mobile_sam"}, "tensors": shapes(mobile.tensors())}, "sam_vit_b": {"config": {"model_type": "sam"}, "tensors": shapes(named)}}


@torch.no_grad()
def main():
    HERE.mkdir(parents=True, exist_ok=True)
    model = seeded()
    save({name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in model.tensors().items()}, HERE / "model.safetensors")
    config = {"model_type": "mobile_sam", "vision_config": {"image_size": SIDE, **TINY}, "mask_decoder_config": DECODER}
    (HERE / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    save(golden(model), HERE / "golden.safetensors")
    task(model)
    (HERE / "layout.json").write_text(json.dumps(layouts(), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
