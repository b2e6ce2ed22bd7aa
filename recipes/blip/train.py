"""Trains all three models at once on the endless stream of pictures and what is said of them.

    python -m recipes.blip.train --out target/wick-blip
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor

from recipes.blip import network, scores, world
from recipes.blip.network import Learner
from recipes.classify import train as classify
from recipes.classify.train import Picture
from recipes.shapes.words import caption
from recipes.shared import training

STEPS, PICTURES, QUESTIONS = 3000, 48, 2
FRESH, POOL = 24, 4000  # pictures drawn anew for each batch, and how many are kept to be seen again, then perhaps mirrored
BEGIN_WITH = Path("www/models/wick-classify")
PATCHES, FAR = 0.5, 0.3  # how much it weighs to know what patches show, and to know texts and pictures that belong together without looking


@dataclass(frozen=True)
class Batch:
    """Pictures (b, 3, side, side), what their patches show, captions (b, n), questions (b * QUESTIONS, n) with answers, texts of which each second is false (2 b, n)."""

    pixels: Tensor
    kinds: Tensor
    colours: Tensor
    captions: Tensor
    questions: Tensor
    answers: Tensor
    texts: Tensor

    def __len__(self) -> int:
        return len(self.pixels)


def turned(picture: Picture) -> Picture:
    """The picture in the mirror; its things lie there, too."""
    side = world.SIDE
    things = [type(one)(one.kind, one.colour, (side - one.box[2], one.box[1], side - one.box[0], one.box[3]), one.near) for one in picture.things]
    mirrored = picture.mirrored()
    return Picture(mirrored.pixels, things, mirrored.kinds, mirrored.colours)


def pictures(rng: np.random.Generator, seed: int) -> Iterator[list[Picture]]:
    """Some new ones, and some that were seen before."""
    pool, at = [], (seed - 1) * 10_000_000
    while True:
        count = FRESH if len(pool) >= PICTURES else PICTURES
        fresh = [classify.picture(at + one) for one in range(count)]
        old = [pool[one] for one in rng.choice(len(pool), PICTURES - count, replace=False)]
        yield fresh + [turned(one) if rng.random() < 0.5 else one for one in old]
        pool = (pool + fresh)[-POOL:]
        at += count


def batches(pieces: Tokenizer, seed: int) -> Iterator[Batch]:
    rng = np.random.default_rng(seed)

    def told(texts: list[str]) -> Tensor:
        """Texts for a decoder: the first id is [DEC]."""
        return network.padded([[network.BEGIN, *pieces.encode(text).ids[1:]] for text in texts])

    for seen in pictures(rng, seed):
        asked = [both for one in seen for found in [world.questions(rng, one.things)] for both in (found * QUESTIONS)[:QUESTIONS]]
        pairs = [text for one in seen for text in world.pair(rng, one.things)]
        captions = [world.OPENINGS[rng.integers(len(world.OPENINGS))] + caption(rng, one.things) for one in seen]
        kinds, colours = (torch.from_numpy(np.stack(marks)) for marks in ([one.kinds for one in seen], [one.colours for one in seen]))
        yield Batch(network.pixels([one.pixels for one in seen]), kinds, colours, told(captions), network.padded([pieces.encode(question).ids for question, _ in asked]),
                    told([answer for _, answer in asked]), network.padded([pieces.encode(text).ids for text in pairs]))


def _read_all(model: Learner, batch: Batch, states: Tensor) -> tuple[Tensor, Tensor]:
    """What the reader makes of the questions, and of the first word of the texts, while it looks at their pictures."""
    longest = max(batch.questions.shape[1], batch.texts.shape[1])
    ids = torch.cat([F.pad(rows, (0, longest - rows.shape[1])) for rows in (batch.questions, batch.texts)])
    looked = torch.cat([states.repeat_interleave(QUESTIONS, 0), states.repeat_interleave(2, 0)])
    read = model.read(ids, looked)
    return read[: len(batch.questions), : batch.questions.shape[1]], read[len(batch.questions) :, 0]


def _far(model: Learner, batch: Batch, states: Tensor) -> Tensor:
    """How far the picture of each true text stays from being the nearest, and the text from being the nearest of its picture's."""
    seen = F.normalize(model.vision_proj(states[:, 0]).float(), dim=-1)
    said = F.normalize(model.text_proj(model.read(batch.texts, None)[:, 0]).float(), dim=-1)
    near = model.scale.clamp(max=4.6052).exp() * (seen @ said.T)
    own = torch.arange(len(seen))
    return F.cross_entropy(near, 2 * own) + F.cross_entropy(near[:, ::2].T, own)


def loss_of(model: Learner, batch: Batch) -> Tensor:
    states = model.vision(pixel_values=batch.pixels).last_hidden_state
    known = states[:, 1:]
    patches = classify.known_of(model.kind_head(known), batch.kinds) + classify.known_of(model.colour_head(known), batch.colours)
    questions, firsts = _read_all(model, batch, states)
    match = F.cross_entropy(model.itm_head(firsts).float(), torch.arange(len(firsts)) % 2 ^ 1)
    told = model.write(model.teller, batch.captions, states)
    answered = model.write(model.answerer, batch.answers, questions, (batch.questions != network.PAD).long())
    return told + answered + match + PATCHES * patches + FAR * _far(model, batch, states)


def main() -> None:
    args = training.read_arguments(__doc__, STEPS)
    model, pieces = Learner(), network.tokenizer(args.out)
    model.begin_with(BEGIN_WITH)
    items = world.held_out(100)
    training.train(model, batches(pieces, args.seed), loss_of, lambda average: scores.quick(average, pieces, items), args)


if __name__ == "__main__":
    main()
