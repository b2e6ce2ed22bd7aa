"""A tiny seeded YOLOv8-seg checkpoint with what an independent network makes of them, for `fastsam/`.

Made with torch 2.15, torchvision, numpy, Pillow 13.0; run as `python -m tests.golden.fastsam` from the top of the repository.

The family's own library may not be used here (its licence), and transformers 4.57.6 has no such network. So the reference is
`recipes/fastsam/network.py`: plain PyTorch, by the same hand as the Rust and from the same facts about the family (rows of its yaml,
names of its tensors), neither of its libraries being opened. That proves that two programs agree, not that the facts are right.
The same holds of `layout.json`: names and shapes of FastSAM-s, FastSAM-x and YOLOv8m-seg as these facts give them, on the meta
device, not read from the files; that FastSAM has distances of 26 steps is what its paper says, and is one of them.
`task.json` is the whole way of a picture, `post.json` the last step alone, on numbers made up: numpy, and torchvision's `nms`.
"""

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

from recipes.fastsam import scores
from recipes.fastsam.network import SEEN, Network, Shape

HERE = Path(__file__).parent / "fastsam"
# Widths that are rounded up, a width that is capped, two kinds of things. Its weights are saved in half precision, which they fit.
TINY = Shape(depth_multiple=0.33, width_multiple=0.03, max_channels=512, nc=2, reg_max=6, imgsz=64)
REAL = {
    "FastSAM-s": Shape(depth_multiple=0.33, width_multiple=0.5, max_channels=1024, reg_max=26, imgsz=1024),
    "FastSAM-x": Shape(depth_multiple=1.0, width_multiple=1.25, max_channels=512, reg_max=26, imgsz=1024),
    "yolov8m-seg": Shape(depth_multiple=0.67, width_multiple=0.75, max_channels=768, nc=80, imgsz=640),
}
SIZES = [(64, 32), (32, 32)]


def seeded(shape: Shape, seed: int) -> Network:
    """A network whose norms are not one."""
    torch.manual_seed(seed)
    network = Network(shape).float().eval()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.weight.uniform_(0.6, 1.4)
            module.bias.uniform_(-0.3, 0.5)
            module.running_mean.uniform_(-0.3, 0.3)
            module.running_var.uniform_(0.3, 1.5)
        elif isinstance(module, (torch.nn.Conv2d, torch.nn.ConvTranspose2d)) and module.weight.requires_grad:
            module.weight.normal_(0, (1 / module.weight[0].numel()) ** 0.5)
            if module.bias is not None:
                module.bias.uniform_(-0.3, 0.3)
    for kind in network.model[-1].cv3:
        kind[-1].weight.mul_(2)
    return network.half().float()


def golden(network: Network) -> dict[str, torch.Tensor]:
    found = {}
    for at, (height, width) in enumerate(SIZES):
        pixels = torch.rand(1, 3, height, width)
        kept, said = network.rows(pixels), network(pixels)
        found[f"pixels_{at}"] = pixels[0]
        found |= {f"level_{level}_{at}": kept[row][0] for level, row in enumerate(SEEN)}
        found |= {f"{name}_{at}": getattr(said, name)[0] for name in ("distances", "logits", "coefficients", "protos")}
        found[f"boxes_{at}"] = network.boxes(said)[0].T
    return found


def letterbox(picture: np.ndarray, longest: int) -> tuple[torch.Tensor, float, tuple[int, int]]:
    """The picture with its longer side `longest`, in the middle of grey up to multiples of 32: (1, 3, height, width), the scale, left and top of it."""
    height, width = picture.shape[:2]
    scale = min(longest / height, longest / width)
    size = round(width * scale), round(height * scale)
    small = np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR))
    more = [(longest - side) % 32 / 2 for side in size]
    left, top = (round(side - 0.1) for side in more)
    right, bottom = (round(side + 0.1) for side in more)
    padded = np.pad(small, ((top, bottom), (left, right), (0, 0)), constant_values=114)
    return torch.from_numpy(padded.astype(np.float32) / 255).permute(2, 0, 1)[None], scale, (left, top)


def runs(mask: np.ndarray) -> list[int]:
    """Lengths of runs, row by row, the first outside."""
    flat = np.concatenate([[False], mask.ravel()])
    changes = np.flatnonzero(flat[1:] != flat[:-1])
    return np.diff(np.concatenate([[0], changes, [mask.size]])).tolist()


def told(found: scores.Found) -> list[dict]:
    return [{"score": float(score), "box": box.tolist(), "runs": runs(mask)} for score, box, mask in zip(found.scores, found.boxes, found.masks)]


def task(network: Network) -> None:
    """Pictures through the letterbox, the network and its post-processing."""
    rng, pictures = np.random.default_rng(5), []
    for height, width in [(33, 41), (60, 24), (64, 64), (13, 80)]:
        ramp = np.linspace(0, 255, width)[None, :, None] * np.array([1, 0.5, 0]) + np.linspace(0, 120, height)[:, None, None] * np.array([0, 1, 1])
        picture = np.clip(ramp + rng.normal(0, 12, (height, width, 3)), 0, 255).astype(np.uint8)
        pixels, scale, pad = letterbox(picture, TINY.imgsz)
        said = network(pixels)
        confidence = said.logits[0].amax(0).sigmoid().sort().values[-11:-9].mean().item()  # so that the seeded network finds a few
        pictures.append({"width": width, "height": height, "rgb": picture.flatten().tolist(), "looked_at": list(pixels.shape[:1:-1]), "pad": list(pad), "first": pixels[0, :, 0].flatten().tolist(),
                         "middle": pixels[0, 1, pixels.shape[2] // 2].tolist(), "confidence": confidence, "found": told(scores.found(network, said, 0, (height, width), scale, pad, confidence))})
    (HERE / "task.json").write_text("[\n" + ",\n".join(map(json.dumps, pictures)) + "\n]\n")


def post() -> None:
    """Boxes that overlap in all degrees through torchvision's `nms`; what is kept of them, by the most they may share."""
    torch.manual_seed(9)
    corner, size, kinds = torch.rand(60, 2) * 40, torch.rand(60, 2) * 30 + 5, torch.randint(0, 2, (60,))
    boxes, sure = torch.cat([corner, corner + size], 1), torch.rand(60)
    kept = {str(share): scores.nms(boxes + kinds[:, None] * 7680.0, sure, share).tolist() for share in (0.2, 0.5, 0.7)}
    (HERE / "post.json").write_text(json.dumps({"boxes": boxes.tolist(), "scores": sure.tolist(), "kinds": kinds.tolist(), "kept": kept}) + "\n")


def layout(shape: Shape) -> dict:
    with torch.device("meta"):
        network = Network(shape)
    return {"config": shape.config(), "tensors": {name: list(tensor.shape) for name, tensor in network.state_dict().items()}}


@torch.no_grad()
def main() -> None:
    network = seeded(TINY, 1)
    HERE.mkdir(exist_ok=True)
    save_file({key: tensor.half().contiguous() if tensor.is_floating_point() else tensor for key, tensor in network.state_dict().items()}, HERE / "model.safetensors")
    (HERE / "config.json").write_text(json.dumps(TINY.config(), indent=1) + "\n")
    save_file({key: tensor.contiguous() for key, tensor in golden(network).items()}, HERE / "golden.safetensors")
    task(network)
    post()
    (HERE / "layout.json").write_text("{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(layout(shape))}" for name, shape in REAL.items()) + "\n}\n")
    for file in HERE.iterdir():
        file.chmod(0o644)


if __name__ == "__main__":
    main()
