"""The network and tokenizer of the sentence model: the shape of all-MiniLM-L6-v2, small."""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor
from transformers import BertConfig, BertModel

from recipes.embed import world
from recipes.shared import tokens

VOCABULARY, PAD, WINDOW = 1280, 0, 64
SHAPE = dict(hidden_size=128, num_hidden_layers=4, num_attention_heads=4, intermediate_size=512)


def model() -> BertModel:
    config = BertConfig(**SHAPE, vocab_size=VOCABULARY, max_position_embeddings=WINDOW, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, pad_token_id=PAD)
    return BertModel(config, add_pooling_layer=False)


def _texts(seed: int) -> Iterator[str]:
    rng = random.Random(seed)
    while True:
        yield world.say(rng, world.meaning(rng, False))


def tokenizer(folder: Path) -> Tokenizer:
    """Trained once and kept in `folder`."""
    file = folder / "tokenizer.json"
    if not file.exists():
        tokens.word_pieces(itertools.islice(_texts(5), 40000), VOCABULARY).save(str(file))
    return Tokenizer.from_file(str(file))


def embed(model: BertModel, ids: Tensor) -> Tensor:
    """The mean over the tokens of each text, of length one: (b, n) -> (b, width)."""
    real = (ids != PAD).long()
    out = model(input_ids=ids, attention_mask=real).last_hidden_state  # (b, n) -> (b, n, width)
    return F.normalize((out * real.unsqueeze(-1)).sum(1) / real.sum(1, keepdim=True), dim=-1)


@torch.no_grad()
def embed_texts(model: BertModel, pieces: Tokenizer, texts: list[str]) -> Tensor:
    """Each text by itself, so that padding plays no part: (texts, width)."""
    return torch.cat([embed(model, torch.tensor([pieces.encode(text).ids])) for text in texts])


def ranks(values: Tensor) -> Tensor:
    """Ranks from 0; equal values share the mean of theirs."""
    _, group, count = values.unique(return_inverse=True, return_counts=True)
    first = count.cumsum(0) - count
    return (first + (count - 1) / 2)[group].double()


def spearman(one: Tensor, other: Tensor) -> float:
    return torch.corrcoef(torch.stack([ranks(one), ranks(other)]))[0, 1].item()


def figures(model: BertModel, pieces: Tokenizer, search: list[dict], pairs: list[dict]) -> dict[str, float]:
    """The share of questions whose own text is the nearest, and the rank correlation with how alike two texts are."""
    asked, found = (embed_texts(model, pieces, [item[name] for item in search]) for name in ("query", "text"))
    nearest = (asked @ found.T).argmax(dim=1)
    one, other = (embed_texts(model, pieces, [pair[name] for pair in pairs]) for name in ("one", "other"))
    return {"accuracy": (nearest == torch.arange(len(search))).double().mean().item(),
            "spearman": spearman((one * other).sum(1), torch.tensor([pair["alike"] for pair in pairs]))}
