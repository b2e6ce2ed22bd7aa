"""Network and tokenizer of the model that finds things by words: the shape of owlvit-base-patch32, small."""

from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import OwlViTConfig, OwlViTForObjectDetection

from recipes.find import world
from recipes.shapes.figures import COLOURS
from recipes.shared import tokens

VOCABULARY, WINDOW, PATCH = 607, 16, 12
WIDTH, TEXT_WIDTH = 128, 96
CELLS = world.SIDE // PATCH  # a picture is cut into (CELLS, CELLS) patches
MEAN, STD = [0.5] * 3, [0.25] * 3
SCALE = 12.0  # what logits are multiplied by at first


class Learner(nn.Module):
    """OWL-ViT, and two heads that are only for learning: what each patch shows, and in which colour. The first of each is nothing."""

    def __init__(self) -> None:
        super().__init__()
        text = dict(hidden_size=TEXT_WIDTH, intermediate_size=4 * TEXT_WIDTH, num_attention_heads=3, num_hidden_layers=2, vocab_size=VOCABULARY, max_position_embeddings=WINDOW, bos_token_id=VOCABULARY - 2, eos_token_id=VOCABULARY - 1, pad_token_id=0)
        vision = dict(hidden_size=WIDTH, intermediate_size=4 * WIDTH, num_attention_heads=4, num_hidden_layers=4, image_size=world.SIDE, patch_size=PATCH)
        self.owl = OwlViTForObjectDetection(OwlViTConfig(text_config=text, vision_config=vision, projection_dim=TEXT_WIDTH))
        self.kind_head, self.colour_head = nn.Linear(WIDTH, len(world.KINDS) + 1), nn.Linear(WIDTH, len(COLOURS) + 1)
        self._begin()

    @torch.no_grad()
    def _begin(self) -> None:
        """The heads begin with nothing found, and every place with a box of its own patch."""
        for name, parameter in self.owl.named_parameters():
            if parameter.ndim == 2 and "embed" not in name:
                nn.init.orthogonal_(parameter, 0.5 if "out_proj" in name or "fc2" in name else 1.0)
        heads = self.owl.class_head
        for unasked in (self.owl.owlvit.visual_projection.weight, self.owl.owlvit.logit_scale):
            unasked.zero_().requires_grad_(False)
        for zero in (heads.logit_scale.weight, heads.logit_shift.weight, self.owl.box_head.dense2.weight):
            zero.zero_()
        heads.logit_scale.bias.fill_(SCALE - 1)
        heads.logit_shift.bias.fill_(-6.0 / SCALE)

    def texts(self, ids: Tensor) -> Tensor:
        """Points of texts: (t, n) to (t, text width). What follows the end of a text is not seen by it."""
        return self.owl.owlvit.get_text_features(ids)

    def forward(self, pixels: Tensor, texts: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of each patch: logits of the texts (b, patches, t), a box as centre and size (b, patches, 4), and what is known of it (b, patches, width)."""
        seen, vision = self.owl.image_embedder(pixel_values=pixels)
        flat = seen.flatten(1, 2)
        boxes = self.owl.box_predictor(flat, seen)
        with torch.autocast("cpu", enabled=False):
            logits, _ = self.owl.class_predictor(flat.float(), texts.float().expand(len(pixels), -1, -1))
        return logits, boxes.float(), vision[0][:, 1:]


def pixels(scenes: list[np.ndarray]) -> Tensor:
    """(b, side, side, 3) of 8 bits to what the network sees: (b, 3, side, side)."""
    rgb = torch.from_numpy(np.stack(scenes)).permute(0, 3, 1, 2).float() / 255
    return (rgb - MEAN[0]) / STD[0]


def tokenizer(folder: Path) -> Tokenizer:
    """Trained once and kept in `folder`."""
    file = folder / "tokenizer.json"
    if not file.exists():
        tokens.clip([text for name in world.NAMES for text in world.phrases(name)], VOCABULARY).save(str(file))
    return Tokenizer.from_file(str(file))


def padded(rows: list[list[int]]) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([row + [0] * (longest - len(row)) for row in rows])
