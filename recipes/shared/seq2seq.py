"""Pairs of texts as batches for the encoder-decoder networks of transformers, and what such a network answers."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Batch:
    """Ids of the sources, of what the decoder has seen and of what it has to say next: (b, n), (b, m), (b, m). -100 where nobody asks."""

    source: Tensor
    seen: Tensor
    want: Tensor
    pad: int

    def __len__(self) -> int:
        return len(self.source)


def padded(rows: list[list[int]], fill: int) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([row + [fill] * (longest - len(row)) for row in rows])


def collate(pairs: list[tuple[list[int], list[int]]], start: int, pad: int, forced: int) -> Batch:
    """`pairs` of source ids and target ids, both ended; the decoder begins with `start`, and is not asked for the first `forced` ids."""
    return Batch(padded([source for source, _ in pairs], pad), padded([[start, *target[:-1]] for _, target in pairs], pad),
                 padded([[-100] * forced + target[forced:] for _, target in pairs], -100), pad)


def batches(pairs: Iterator[tuple[list[int], list[int]]], *, tokens: int, start: int, pad: int, forced: int = 0, pool: int = 3000) -> Iterator[Batch]:
    """Batches of pairs of similar length, about `tokens` source and target tokens each with padding, in random order."""
    rng = random.Random(0)
    while True:
        ready, batch, longest = [], [], 0
        for pair in sorted(itertools.islice(pairs, pool), key=lambda pair: (len(pair[1]), len(pair[0]))):
            longest = max(longest, len(pair[0]))
            if batch and (len(batch) + 1) * (longest + len(pair[1])) > tokens:
                ready.append(collate(batch, start, pad, forced))
                batch, longest = [], len(pair[0])
            batch.append(pair)
        rng.shuffle(ready)
        yield from ready


def logits(model: nn.Module, batch: Batch) -> tuple[Tensor, Tensor]:
    """Logits only where something is wanted, and the wanted ids: (k, vocabulary), (k)."""
    out = model.model(input_ids=batch.source, attention_mask=(batch.source != batch.pad).long(), decoder_input_ids=batch.seen, use_cache=False)
    asked = batch.want >= 0
    return model.lm_head(out.last_hidden_state[asked]), batch.want[asked]


def loss_of(model: nn.Module, batch: Batch) -> Tensor:
    said, want = logits(model, batch)
    return F.cross_entropy(said.float(), want)


@torch.no_grad()
def exact(model: nn.Module, pairs: list[tuple[list[int], list[int]]], start: int, pad: int, forced: int = 0) -> list[bool]:
    """For each pair, whether greedy decoding says all of the target: it does just when each of its tokens is the likeliest."""
    order, right = sorted(range(len(pairs)), key=lambda at: len(pairs[at][1])), [False] * len(pairs)
    for at in range(0, len(order), 32):
        chosen = order[at : at + 32]
        batch = collate([pairs[one] for one in chosen], start, pad, forced)
        out = model.model(input_ids=batch.source, attention_mask=(batch.source != pad).long(), decoder_input_ids=batch.seen, use_cache=False)
        hits = ((model.lm_head(out.last_hidden_state).argmax(-1) == batch.want) | (batch.want < 0)).all(dim=1)
        for one, hit in zip(chosen, hits.tolist()):
            right[one] = hit
    return right


@torch.no_grad()
def generate(model: nn.Module, source: list[int], **how: object) -> list[int]:
    """What `model.generate` makes of one source under the generation settings it carries; `how` adds to these."""
    ids = torch.tensor([source])
    return model.generate(ids, attention_mask=torch.ones_like(ids), **how)[0].tolist()
