"""A tiny seeded CLIP with the tokenizer of `text.py`, and what the reference answers for it.

Made with torch 2.15, transformers 4.57.6, safetensors 0.8.0, Pillow 13.0.0; run as `python tests/golden/classify.py`
after `text.py` and `picture.py`. In `encoder/clip-both/`: a checkpoint as the hub has it, but for `tokenizer.json`,
which lies in `text/`; `golden.safetensors` with inputs and answers in f32; and `cases.json`, what the pipeline
for zero-shot classification says of pictures in `picture.safetensors`.
"""

import json
from pathlib import Path

import numpy as np
import torch
import transformers as tf
from PIL import Image
from safetensors.numpy import load_file

from encoder import save, seeded

HERE = Path(__file__).parent
LABELS = [
    ["a red circle", "A  picture of TWO blue squares!", "Ünïcödé 你好 🧑🏽‍🚀", "don't", "x"],
    ["the tower is 324 metres tall", "the tower"],
    ["one alone"],
]
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]


@torch.no_grad()
def main():
    tokenizer = tf.CLIPTokenizerFast(tokenizer_file=str(HERE / "text/clip.json"))
    size, side = len(tokenizer), 24
    tower = dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4)
    config = tf.CLIPConfig(
        text_config=dict(tower, vocab_size=size, max_position_embeddings=40, bos_token_id=size - 2, eos_token_id=size - 1, pad_token_id=size - 1),
        vision_config=dict(tower, image_size=side, patch_size=8, hidden_act="gelu"), projection_dim=24)
    model = seeded(tf.CLIPModel, config, 4)
    model.logit_scale.fill_(2.5)
    golden = {"pixels": torch.randn(1, 3, side, side)}
    vision = model.vision_model(golden["pixels"])
    golden["picture"] = model.visual_projection(vision.pooler_output)
    texts = [tokenizer(text).input_ids for text in LABELS[0]]
    for i, ids in enumerate(texts):
        golden[f"ids_{i}"] = torch.tensor([ids])
        said = model.text_model(golden[f"ids_{i}"])
        golden[f"hidden_{i}"], golden[f"text_{i}"] = said.last_hidden_state, model.text_projection(said.pooler_output)
        golden[f"logit_{i}"] = model(input_ids=golden[f"ids_{i}"], pixel_values=golden["pixels"]).logits_per_image
    # Files from before 2023 say that 2 ends a text; the largest id is meant. Ids may come after it.
    model.text_model.eos_token_id = 2
    golden["old_ids"] = torch.tensor([[size - 2, 7, size - 1, 9, 2, 4]])
    golden["old_text"] = model.text_projection(model.text_model(golden["old_ids"]).pooler_output)
    model.text_model.eos_token_id = size - 1
    save("clip-both", model, config, {name: tensor[0] for name, tensor in golden.items()})
    processor = tf.CLIPImageProcessor(size={"shortest_edge": side}, crop_size={"height": side, "width": side}, image_mean=MEAN, image_std=STD)
    folder = HERE / "encoder/clip-both"
    processor.save_pretrained(folder)
    ask = tf.pipeline("zero-shot-image-classification", model=model, image_processor=processor, tokenizer=tokenizer)
    pictures, cases = load_file(HERE / "picture.safetensors"), []
    for picture in ["17x30", "61x44", "40x40"]:
        for labels in LABELS:
            image = Image.fromarray(np.ascontiguousarray(pictures[picture]))
            said = ask(image, candidate_labels=labels, hypothesis_template="{}")
            cases.append({"picture": picture, "labels": labels, "scores": [[one["label"], one["score"]] for one in said]})
    (folder / "cases.json").write_text("[\n" + ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
