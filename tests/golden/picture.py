"""What Pillow and the image processors of transformers make of generated pictures.

Made with Pillow 13.0.0, transformers 4.57.6, numpy 2.4.6, safetensors 0.8.0; run as
`python tests/golden/picture.py [PHOTO]`.

In `picture.safetensors`: pictures `(height, width, 3)`, and `FILTER/FROM/WIDTHxHEIGHT`, which is one of them in
another size. In `preprocess.json`, for each `preprocessor_config.json`, old forms and new ones: the shape of
what the processor gives for each picture, and some of its numbers, each `stride` after the other. With a PHOTO, a file
of any kind, its values are added: the test that looks at them wants it as a PPM, which this writes beside it.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
import transformers as tf
from PIL import Image
from safetensors.numpy import save_file

HERE = Path(__file__).parent
FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}
SIZES = [(1, 1), (2, 3), (13, 9), (29, 64), (64, 29), (90, 7)]
CLIP = {"image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]}
IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
PROCESSORS = {
    "clip": tf.CLIPImageProcessor, "detr": tf.DetrImageProcessor, "sam": tf.SamImageProcessor,
    "blip": tf.BlipImageProcessor, "owlvit": tf.OwlViTImageProcessor, "vit": tf.ViTImageProcessor, "dpt": tf.DPTImageProcessor,
}
# Files as the hub has them, as far as they change a picture; some smaller, so that pictures grow past them.
FILES = {
    "clip old": {"feature_extractor_type": "CLIPFeatureExtractor", "crop_size": 224, "do_center_crop": True,
                 "do_normalize": True, "do_resize": True, "resample": 3, "size": 224, **CLIP},
    "clip new": {"image_processor_type": "CLIPImageProcessor", "crop_size": {"height": 33, "width": 33},
                 "do_center_crop": True, "do_convert_rgb": True, "do_normalize": True, "do_rescale": True,
                 "do_resize": True, "resample": 3, "rescale_factor": 1 / 255, "size": {"shortest_edge": 33}, **CLIP},
    "clip wide": {"image_processor_type": "CLIPImageProcessor", "crop_size": {"height": 51, "width": 40},
                  "size": {"shortest_edge": 32}, "do_rescale": True, "rescale_factor": 0.01, **CLIP},
    "clip uncut": {"image_processor_type": "CLIPImageProcessor", "do_center_crop": False, "do_normalize": False,
                   "size": {"height": 20, "width": 31}, "resample": 1, **CLIP},
    "detr old": {"feature_extractor_type": "DetrFeatureExtractor", "do_normalize": True, "do_resize": True,
                 "format": "coco_detection", "max_size": 1333, "size": 800, **IMAGENET},
    "detr new": {"image_processor_type": "DetrImageProcessor", "do_pad": True,
                 "size": {"shortest_edge": 80, "longest_edge": 133}, **IMAGENET},
    "sam": {"image_processor_type": "SamImageProcessor", "do_pad": True, "pad_size": {"height": 128, "width": 128},
            "resample": 2, "size": {"longest_edge": 128}, "do_rescale": True, **IMAGENET},
    "blip": {"image_processor_type": "BlipImageProcessor", "resample": 3, "size": {"height": 384, "width": 384},
             "do_rescale": True, **CLIP},
    "owlvit old": {"feature_extractor_type": "OwlViTFeatureExtractor", "crop_size": 768, "do_center_crop": False,
                   "resample": 3, "size": [768, 768], **CLIP},
    "owlvit new": {"image_processor_type": "OwlViTImageProcessor", "crop_size": {"height": 76, "width": 76},
                   "do_center_crop": True, "size": {"height": 90, "width": 84}, **CLIP},
    "dpt old": {"feature_extractor_type": "DPTFeatureExtractor", "do_normalize": True, "do_resize": True, "ensure_multiple_of": 1, "image_mean": [0.5] * 3,
                "image_std": [0.5] * 3, "keep_aspect_ratio": False, "resample": 2, "size": 384},
    "dpt new": {"image_processor_type": "DPTImageProcessor", "do_pad": False, "ensure_multiple_of": 14, "keep_aspect_ratio": True, "resample": 3,
                "size": {"height": 56, "width": 56}, "size_divisor": None, **IMAGENET},
    "dpt odd": {"image_processor_type": "DPTImageProcessor", "ensure_multiple_of": 8, "size": {"height": 36, "width": 52}, **IMAGENET},
    "vit": {"image_processor_type": "ViTImageProcessor", "size": {"height": 30, "width": 50},
            "image_mean": [0.5] * 3, "image_std": [0.5] * 3},
}


def pictures():
    """Noise has edges of all kinds, and its bytes reach both ends of their range."""
    random = np.random.default_rng(7)
    made = {f"{w}x{h}": random.integers(0, 256, (h, w, 3), dtype=np.uint8)
            for w, h in [(1, 1), (1, 9), (5, 4), (17, 30), (61, 44), (100, 13)]}
    # Hard edges, where the cubic and the sine reach past black and white.
    made["40x40"] = np.kron(random.integers(0, 2, (8, 8, 3), dtype=np.uint8) * 255, np.ones((5, 5, 1), np.uint8))
    return made


def said(file, picture):
    name = next(name for name in PROCESSORS if file["name"].startswith(name))
    processor = PROCESSORS[name].from_dict({k: v for k, v in file["json"].items()})
    out = processor.preprocess(picture, return_tensors="np", input_data_format="channels_last")
    pixels = out["pixel_values"][0].astype(np.float32)
    # About a hundred, from all columns.
    stride = pixels.size // 100 + 1
    while math.gcd(stride, pixels.shape[2]) > 1:
        stride += 1
    # Written as floats of 32 bits, which are shorter.
    return {"shape": list(pixels.shape), "stride": stride, "numbers": [float(str(x)) for x in pixels.ravel()[::stride]]}


def main():
    made = pictures()
    tensors = dict(made)
    for of, picture in made.items():
        for name, number in FILTERS.items():
            for w, h in SIZES:
                resized = Image.fromarray(picture).resize((w, h), number)
                tensors[f"{name}/{of}/{w}x{h}"] = np.ascontiguousarray(resized)
    save_file(tensors, HERE / "picture.safetensors")
    # A picture of one row is as good as none to a processor that guesses where channels are.
    shown = {of: picture for of, picture in made.items() if min(picture.shape[:2]) > 3}
    if len(sys.argv) > 1:
        photo = Image.open(sys.argv[1]).convert("RGB")
        photo.save(Path(sys.argv[1]).with_suffix(".ppm"))
        shown["photo"] = np.array(photo)
    files = [{"name": name, "json": json} for name, json in FILES.items()]
    for file in files:
        file["pictures"] = {of: said(file, picture) for of, picture in shown.items()}
    (HERE / "preprocess.json").write_text(json.dumps(files) + "\n")


if __name__ == "__main__":
    main()
