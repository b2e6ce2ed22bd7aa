"""Tiny seeded BLIPs of the three kinds with what the reference makes of them, for `blip/`.

Made with torch 2.15, transformers 4.57.6, tokenizers 0.22, safetensors 0.8.0, Pillow 13.0; run as `python tests/golden/blip.py`
after `picture.py`.

`caption`, `vqa` and `itm` are checkpoints as transformers writes them, which share `tokenizer.json` and `preprocessor_config.json`;
`golden.safetensors` beside each has inputs and answers in f32, and `cases.json` what the reference's processor and `generate` make of
pictures in `picture.safetensors`. `layout.json` has names and shapes of the real checkpoints, from the meta device.
"""

import json
import re
from pathlib import Path

import numpy as np
import torch
import transformers as tf
from PIL import Image
from safetensors.numpy import load_file
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

HERE = Path(__file__).parent / "blip"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz?,.'", *(f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"),
         "cat", "man", "holding", "picture", "of", "what", "is", "the", "there", "on", "##ing"]
SIDE, WINDOW = 18, 40
TOWER = dict(hidden_size=32, intermediate_size=32, num_attention_heads=4, num_hidden_layers=1)
TEXT = dict(TOWER, vocab_size=len(WORDS) + 2, max_position_embeddings=WINDOW, bos_token_id=len(WORDS), sep_token_id=3, num_attention_heads=2)
VISION = dict(TOWER, image_size=SIDE, patch_size=6)
KINDS = {"caption": tf.BlipForConditionalGeneration, "vqa": tf.BlipForQuestionAnswering, "itm": tf.BlipForImageTextRetrieval}
PICTURES = ["17x30", "61x44", "40x40"]
PREFIXES = [None, "a picture of", "The Man's cat,"]
QUESTIONS = ["what is the man holding?", "IS there a cat", "x"]
TEXTS = ["a cat holding a man", "a man holding a cat", "?", "zzz, what is there on the picture of a man"]
# The checkpoints' own configurations, as far as they shape the network.
REAL_TEXT = dict(bos_token_id=30522, eos_token_id=2, sep_token_id=102, pad_token_id=0, vocab_size=30524, hidden_size=768, encoder_hidden_size=768, intermediate_size=3072,
                 num_hidden_layers=12, num_attention_heads=12, max_position_embeddings=512, layer_norm_eps=1e-12, hidden_act="gelu", is_decoder=True)
REAL_VISION = dict(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, image_size=384, patch_size=16, layer_norm_eps=1e-5, hidden_act="gelu")
REAL = {"blip-image-captioning-base": "caption", "blip-vqa-base": "vqa", "blip-itm-base-coco": "itm"}


def tokenizer():
    """Lower-case WordPiece, as all of these have it, which does not know the last two of the model's ids."""
    made = Tokenizer(models.WordPiece({word: at for at, word in enumerate(WORDS)}, unk_token="[UNK]", max_input_chars_per_word=100))
    made.normalizer, made.pre_tokenizer, made.decoder = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer(), decoders.WordPiece()
    made.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return tf.BertTokenizerFast(tokenizer_object=made, do_lower_case=True)


def seeded(kind, seed):
    """A network whose attention is not flat, whose norms are not one and whose biases are not zero."""
    torch.manual_seed(seed)
    model = KINDS[kind](tf.BlipConfig(text_config=TEXT | {"num_hidden_layers": 2 if kind == "caption" else 1}, vision_config=VISION, image_text_hidden_size=16)).float().eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" in name.lower() and name.endswith("weight"):
                weight.uniform_(0.6, 1.4)
            elif weight.dim() == 1:
                weight.uniform_(-0.3, 0.3)
            elif "word_embeddings" in name:
                weight.normal_(0, 0.6)
            else:
                weight.normal_(0, 0.25)
    return model


def golden(kind, model, ids):
    pixels = torch.randn(1, 3, SIDE, SIDE)
    seen = model.vision_model(pixels).last_hidden_state
    found = {"pixels": pixels[0], "seen": seen[0], "ids": ids[0]}
    if kind == "caption":
        found["logits"] = model.text_decoder(input_ids=ids, encoder_hidden_states=seen).logits[0]
    else:
        found["read"] = model.text_encoder(input_ids=ids, encoder_hidden_states=seen).last_hidden_state[0]
    if kind == "vqa":
        answer = torch.tensor([[TEXT["bos_token_id"], 60, 7, 64, 3]])
        found |= {"answer": answer[0], "logits": model.text_decoder(input_ids=answer, encoder_hidden_states=found["read"][None]).logits[0]}
    if kind == "itm":
        found |= {"alone": model.text_encoder(input_ids=ids).last_hidden_state[0], "verdict": model(ids, pixels).itm_score[0], "cosine": model(ids, pixels, use_itm_head=False).itm_score[0]}
    return found


def cases(kind, model, processor):
    """Every picture with every text, through the reference's processor and its `generate`."""
    pictures, found = load_file(HERE.parent / "picture.safetensors"), []
    for picture in PICTURES:
        image = Image.fromarray(np.ascontiguousarray(pictures[picture]))
        for text in {"caption": PREFIXES, "vqa": QUESTIONS, "itm": TEXTS}[kind]:
            inputs = processor(image, text, return_tensors="pt") if text else processor(image, return_tensors="pt")
            case = {"picture": picture, "text": text}
            if kind == "itm":
                logits = model(**inputs).itm_score[0]
                found.append(case | {"logits": logits.tolist(), "probability": logits.softmax(0)[1].item(), "cosine": model(**inputs, use_itm_head=False).itm_score.item()})
            else:
                for most in (None, 6):
                    ids = model.generate(**inputs, **({"max_new_tokens": most} if most else {}))[0]
                    found.append(case | {"most": most, "ids": ids.tolist(), "answer": processor.decode(ids, skip_special_tokens=True)})
    return found


def layout(kind):
    config = tf.BlipConfig(text_config=REAL_TEXT, vision_config=REAL_VISION, image_text_hidden_size=256)
    with torch.device("meta"):
        model = KINDS[kind](config)
    shapes = {name: list(tensor.shape) for name, tensor in model.state_dict().items()}
    # Saved by the versions that the hub's files come from.
    shapes |= {name.replace("word_embeddings.weight", "position_ids"): [1, 512] for name in shapes if name.endswith("word_embeddings.weight")}
    return {"config": config.to_dict(), "tensors": folded(shapes)}


def folded(shapes):
    """Layers, of which there are 12 that look alike, as one entry with `*` for their number."""
    alike = {}
    for name, shape in shapes.items():
        assert alike.setdefault(re.sub(r"layers?\.\d+", lambda found: found[0].split(".")[0] + ".*", name), shape) == shape, name
    assert sum(12 if "*" in name else 1 for name in alike) == len(shapes)
    return alike


@torch.no_grad()
def main():
    pieces = tokenizer()
    processor = tf.BlipProcessor(tf.BlipImageProcessor(size={"height": SIDE, "width": SIDE}), pieces)
    for seed, kind in enumerate(KINDS, 1):
        folder = HERE / kind
        folder.mkdir(parents=True, exist_ok=True)
        model = seeded(kind, seed)
        model.save_pretrained(folder)
        (folder / "generation_config.json").unlink(missing_ok=True)
        ids = pieces("a man holding a cat?" if kind != "caption" else "a picture of the man", return_tensors="pt").input_ids
        if kind == "caption":
            ids[:, 0] = TEXT["bos_token_id"]
        save_file({name: tensor.contiguous() for name, tensor in golden(kind, model, ids).items()}, folder / "golden.safetensors")
        found = cases(kind, model, processor)
        (folder / "cases.json").write_text("[\n" + ",\n".join(map(json.dumps, found)) + "\n]\n")
        print(kind, *(case.get("answer", case.get("probability")) for case in found), sep="\n  ")
    pieces.backend_tokenizer.save(str(HERE / "tokenizer.json"))
    (HERE / "preprocessor_config.json").write_text(processor.image_processor.to_json_string())
    (HERE / "layout.json").write_text(json.dumps({name: layout(kind) for name, kind in REAL.items()}, default=str) + "\n")
    for file in HERE.rglob("*.*"):
        file.chmod(0o644)


if __name__ == "__main__":
    main()
