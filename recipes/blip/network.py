"""Network and tokenizer of the three models that tell of pictures: the shape of blip-image-captioning-base and its sisters, small."""

from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BlipTextConfig, BlipVisionConfig, CLIPModel
from transformers.models.blip.modeling_blip import BlipVisionModel
from transformers.models.blip.modeling_blip_text import BlipTextLMHeadModel, BlipTextModel

from recipes.blip import world
from recipes.classify import network as classify
from recipes.shapes.figures import COLOURS, KINDS
from recipes.shared import tokens

PIECES, WINDOW, PATCH, WIDTH, SHARED = 260, 40, classify.PATCH, classify.WIDTH, 64
MEAN, STD, PAD, SEP = classify.MEAN, classify.STD, 0, 3
BEGIN = PIECES  # two ids that the tokenizer has no words for: where decoders begin, and [ENC], as in the real one
TEXT = dict(vocab_size=PIECES + 2, hidden_size=WIDTH, encoder_hidden_size=WIDTH, intermediate_size=4 * WIDTH, projection_dim=WIDTH, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=WINDOW,
            bos_token_id=BEGIN, eos_token_id=2, pad_token_id=PAD, sep_token_id=SEP, is_decoder=True)
VISION = dict(hidden_size=WIDTH, intermediate_size=4 * WIDTH, projection_dim=WIDTH, num_hidden_layers=4, num_attention_heads=4, image_size=world.SIDE, patch_size=PATCH)


class Learner(nn.Module):
    """The parts of all three models, which share what sees pictures and what reads texts, and two heads only for learning, of what each patch shows."""

    def __init__(self) -> None:
        super().__init__()
        text = BlipTextConfig(**TEXT)
        self.vision = BlipVisionModel(BlipVisionConfig(**VISION, initializer_range=0.02))
        self.reader = BlipTextModel(text, add_pooling_layer=False)
        self.teller, self.answerer = BlipTextLMHeadModel(text), BlipTextLMHeadModel(text)
        for decoder in (self.teller, self.answerer):  # one table of words in all of them, written out with each
            decoder.bert.embeddings.word_embeddings = self.reader.embeddings.word_embeddings
            decoder.cls.predictions.decoder.weight = self.reader.embeddings.word_embeddings.weight
        self.vision_proj, self.text_proj, self.itm_head = nn.Linear(WIDTH, SHARED), nn.Linear(WIDTH, SHARED), nn.Linear(WIDTH, 2)
        self.scale = nn.Parameter(torch.tensor(2.6592))
        self.kind_head, self.colour_head = nn.Linear(WIDTH, len(KINDS) + 1), nn.Linear(WIDTH, len(COLOURS) + 1)

    def read(self, ids: Tensor, states: Tensor | None) -> Tensor:
        """(t, n) of words and (t, p, width) of pictures, or none, to (t, n, width)."""
        return self.reader(input_ids=ids, attention_mask=(ids != PAD).long(), encoder_hidden_states=states).last_hidden_state

    def write(self, decoder: BlipTextLMHeadModel, ids: Tensor, states: Tensor, mask: Tensor | None = None) -> Tensor:
        """How well the decoder foretells each word of `ids`, which begin with [DEC]."""
        logits = decoder(input_ids=ids[:, :-1], encoder_hidden_states=states, encoder_attention_mask=mask, use_cache=False).logits
        return nn.functional.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten(), ignore_index=PAD)

    @torch.no_grad()
    def begin_with(self, folder: Path) -> None:
        """What sees pictures begins as that of the chooser of labels, which was trained on the same ones."""
        clip = CLIPModel.from_pretrained(folder, dtype=torch.float32).vision_model
        mine, theirs = self.vision.embeddings, clip.embeddings
        table = clip.pre_layrnorm  # not in BLIP: its mean effect goes into the embeddings
        whole = theirs.position_embedding.weight.clone()
        whole[0] += theirs.class_embedding
        spread = 1 / whole.std(dim=1).mean()
        mine.class_embedding.zero_()
        mine.position_embedding.copy_((whole - whole.mean(dim=1, keepdim=True)) * spread * table.weight + table.bias)
        weight = theirs.patch_embedding.weight
        mine.patch_embedding.weight.copy_((weight - weight.mean(dim=0)) * spread * table.weight[:, None, None, None])
        mine.patch_embedding.bias.zero_()
        for layer, other in zip(self.vision.encoder.layers, clip.encoder.layers):
            parts = [getattr(other.self_attn, name) for name in ("q_proj", "k_proj", "v_proj")]
            layer.self_attn.qkv.weight.copy_(torch.cat([part.weight for part in parts]))
            layer.self_attn.qkv.bias.copy_(torch.cat([part.bias for part in parts]))
            layer.self_attn.projection.load_state_dict(other.self_attn.out_proj.state_dict())
            for name in ("layer_norm1", "layer_norm2", "mlp"):
                getattr(layer, name).load_state_dict(getattr(other, name).state_dict())
        self.vision.post_layernorm.load_state_dict(clip.post_layernorm.state_dict())


def pixels(scenes: list[np.ndarray]) -> Tensor:
    return classify.pixels(scenes)


def tokenizer(folder: Path) -> Tokenizer:
    """Trained once and kept in `folder`."""
    file = folder / "tokenizer.json"
    if not file.exists():
        tokens.word_pieces(world.all_words(), PIECES).save(str(file))
    return Tokenizer.from_file(str(file))


def padded(rows: list[list[int]]) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])
