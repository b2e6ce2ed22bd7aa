"""Network and tokenizer of the model that chooses labels: the shape of clip-vit-base-patch32, small."""

import itertools
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import CLIPConfig, CLIPModel

from recipes.classify import world
from recipes.shapes.figures import COLOURS, KINDS
from recipes.shapes.words import counted, listed
from recipes.shared import tokens

VOCABULARY, WINDOW, PATCH = 631, 32, 12
WIDTH, TEXT_WIDTH = 128, 96
MEAN, STD = [0.5] * 3, [0.25] * 3


class Learner(nn.Module):
    """CLIP, and two heads that are only for learning: what each patch shows, and in which colour. The first of each is nothing."""

    def __init__(self) -> None:
        super().__init__()
        text = dict(hidden_size=TEXT_WIDTH, intermediate_size=4 * TEXT_WIDTH, num_attention_heads=3, num_hidden_layers=2, vocab_size=VOCABULARY, max_position_embeddings=WINDOW, bos_token_id=VOCABULARY - 2, eos_token_id=VOCABULARY - 1, pad_token_id=VOCABULARY - 1)
        vision = dict(hidden_size=WIDTH, intermediate_size=4 * WIDTH, num_attention_heads=4, num_hidden_layers=4, image_size=world.SIDE, patch_size=PATCH)
        self.clip = CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=WIDTH))
        self.kind_head, self.colour_head = nn.Linear(WIDTH, len(KINDS) + 1), nn.Linear(WIDTH, len(COLOURS) + 1)

    def pictures(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Points of pictures, of length one, and what is known of their patches: (b, width), (b, patches, width)."""
        seen = self.clip.vision_model(pixel_values=pixels)
        points = self.clip.visual_projection(seen.pooler_output)
        return nn.functional.normalize(points.float(), dim=-1), seen.last_hidden_state[:, 1:]

    def texts(self, ids: Tensor) -> Tensor:
        """Points of texts, of length one: (t, width). What follows the end of a text is not seen by it."""
        points = self.clip.text_projection(self.clip.text_model(input_ids=ids).pooler_output)
        return nn.functional.normalize(points.float(), dim=-1)

    def scale(self) -> Tensor:
        return self.clip.logit_scale.clamp(max=4.6052).exp()  # as the real one was trained: at most 100


def pixels(scenes: list[np.ndarray]) -> Tensor:
    """(b, side, side, 3) of 8 bits to what the network sees: (b, 3, side, side)."""
    rgb = torch.from_numpy(np.stack(scenes)).permute(0, 3, 1, 2).float() / 255
    return (rgb - MEAN[0]) / STD[0]


def _texts() -> list[str]:
    """Every number of every name, with every opening; of all kinds that there are, so that others can be learnt later."""
    names = [*(f"{colour} {kind}" for colour in COLOURS for kind in KINDS), *KINDS]
    named = itertools.product(world.OPENINGS, names, range(1, world.MOST_THINGS + 1))
    return [opening + listed([counted(name, count), counted("red circle", 1)]) for opening, name, count in named]


def tokenizer(folder: Path) -> Tokenizer:
    """Trained once and kept in `folder`."""
    file = folder / "tokenizer.json"
    if not file.exists():
        tokens.clip(_texts(), VOCABULARY).save(str(file))
    return Tokenizer.from_file(str(file))


@torch.no_grad()
def accuracy(model: Learner, pieces: Tokenizer, items: list[dict]) -> float:
    """The share of pictures whose true label is the likeliest."""
    right = 0
    for item in items:
        ids = [pieces.encode(label).ids for label in item["labels"]]
        point, _ = model.pictures(pixels([world.scene(item["seed"]).pixels]))
        right += int((model.texts(padded(ids)) @ point[0]).argmax()) == item["right"]
    return right / len(items)


def padded(rows: list[list[int]]) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([row + [VOCABULARY - 1] * (longest - len(row)) for row in rows])
