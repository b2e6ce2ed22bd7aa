"""A tiny seeded OWL-ViT with the tokenizer of `text.py`, and what the reference makes of it, for `owlvit/`.

Made with torch 2.15, transformers 4.57.6, safetensors 0.8.0, Pillow 13.0.0; run as `python tests/golden/owlvit.py`
after `text.py` and `picture.py`. A checkpoint as the hub has it, but for `tokenizer.json`, which lies in `text/`;
`golden.safetensors` with inputs and answers in f32; `task.json`, the whole way of pictures in `picture.safetensors`;
`post.json`, the last step alone, on numbers made up; and `layout.json` with names and shapes of real checkpoints.
"""

import json
from pathlib import Path

import numpy as np
import torch
import transformers as tf
from PIL import Image
from safetensors.numpy import load_file
from safetensors.torch import save_file

from encoder import seeded

HERE = Path(__file__).parent
FOLDER = HERE / "owlvit"
LABELS = [["a red circle", "A  picture of TWO squares!", "don't", "x"], ["the tower is 324 metres tall", "the tower"], ["one alone"]]
LOWEST = 0.01  # what the task tells at all


def padded(tokenizer, labels):
    rows = [tokenizer(label).input_ids for label in labels]
    return torch.tensor([row + [0] * (max(map(len, rows)) - len(row)) for row in rows])


def found(processor, outputs, size, labels, threshold):
    result = processor.post_process_object_detection(outputs, threshold=threshold, target_sizes=[size])[0]
    rows = zip(result["labels"].tolist(), result["scores"].tolist(), result["boxes"].tolist())
    return [{"label": labels[label], "score": score, "box": box} for label, score, box in sorted(rows, key=lambda row: -row[1])]


def golden(model, tokenizer, side):
    made = {"pixels": torch.randn(1, 3, side, side)}
    features, vision = model.image_embedder(made["pixels"])
    flat = features.flatten(1, 2)
    made |= {"hidden": vision.last_hidden_state, "features": flat, "boxes": model.box_predictor(flat, features)}
    texts = model.owlvit.get_text_features(padded(tokenizer, LABELS[0]))
    made |= {"texts": texts[None], "logits": model(padded(tokenizer, LABELS[0]), made["pixels"]).logits}
    made |= {f"ids_{at}": torch.tensor([tokenizer(label).input_ids]) for at, label in enumerate(LABELS[0])}
    return {name: tensor[0].contiguous() for name, tensor in made.items()}


def tasks(model, processor, tokenizer):
    pictures, cases = load_file(HERE / "picture.safetensors"), []
    for name in ["17x30", "61x44", "40x40"]:
        image = Image.fromarray(np.ascontiguousarray(pictures[name]))
        for labels in LABELS:
            outputs = model(padded(tokenizer, labels), processor(image, return_tensors="pt").pixel_values)
            cases.append({"picture": name, "labels": labels, "found": found(processor, outputs, (image.height, image.width), labels, LOWEST)})
    (FOLDER / "task.json").write_text("[\n" + ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]\n")


def post(processor):
    """Recorded logits and boxes of 9 places, and what the reference reads in them at three thresholds."""
    torch.manual_seed(9)
    labels, size = ["cat", "remote", "potted plant"], (480, 640)
    outputs = type("Outputs", (), {"logits": torch.randn(1, 9, len(labels)) * 3 - 3, "pred_boxes": torch.rand(1, 9, 4)})()
    cases = {"height": size[0], "width": size[1], "labels": labels, "logits": outputs.logits[0].tolist(), "boxes": outputs.pred_boxes[0].tolist(),
             "found": {str(threshold): found(processor, outputs, size, labels, threshold) for threshold in (LOWEST, 0.1, 0.5)}}
    (FOLDER / "post.json").write_text(json.dumps(cases) + "\n")


def layout(patch):
    config = tf.OwlViTConfig(vision_config=dict(patch_size=patch))
    with torch.device("meta"):
        model = tf.OwlViTForObjectDetection(config)
    shapes = {name: list(tensor.shape) for name, tensor in model.state_dict().items()}
    # Saved by the versions that the hub's files come from.
    shapes |= {"owlvit.text_model.embeddings.position_ids": [1, 16], "owlvit.vision_model.embeddings.position_ids": [1, (768 // patch) ** 2 + 1]}
    return {"config": config.to_diff_dict(), "tensors": shapes}


@torch.no_grad()
def main():
    FOLDER.mkdir(exist_ok=True)
    tokenizer = tf.CLIPTokenizerFast(tokenizer_file=str(HERE / "text/clip.json"))
    size, side = len(tokenizer), 40
    tower = dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4)
    config = tf.OwlViTConfig(
        text_config=dict(tower, hidden_size=24, vocab_size=size, max_position_embeddings=30, bos_token_id=size - 2, eos_token_id=size - 1),
        vision_config=dict(tower, image_size=side, patch_size=8, hidden_act="gelu"), projection_dim=24)
    model = seeded(tf.OwlViTForObjectDetection, config, 6)
    model.class_head.logit_scale.bias.fill_(0.5)
    model.class_head.logit_shift.bias.fill_(-1)
    save_file({name: tensor.contiguous().clone() for name, tensor in model.state_dict().items()}, FOLDER / "model.safetensors")
    (FOLDER / "config.json").write_text(json.dumps(config.to_dict(), indent=1, sort_keys=True) + "\n")
    save_file(golden(model, tokenizer, side), FOLDER / "golden.safetensors")
    processor = tf.OwlViTImageProcessor(size={"height": side, "width": side})
    processor.save_pretrained(FOLDER)
    tasks(model, processor, tokenizer)
    post(processor)
    layouts = {f"owlvit-base-patch{patch}": layout(patch) for patch in (32, 16)}
    (FOLDER / "layout.json").write_text(json.dumps(layouts, default=str) + "\n")
    for file in FOLDER.iterdir():
        file.chmod(0o644)


if __name__ == "__main__":
    main()
