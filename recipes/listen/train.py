"""Trains the listener. Its clips are made first, by `speech.py`, and kept in OUT.

    python -m recipes.listen.train --out target/wick-listen
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor

from recipes.listen import hearing, network, scores, speech, world
from recipes.listen.hearing import Window, Windows
from recipes.listen.network import BEFORE, END, IDS, LETTERS, NO_SPEECH, NO_TIMES, START, TRANSCRIBE, TRANSLATE, Learner
from recipes.listen.world import ENGLISH, LANGUAGES
from recipes.shared import muon, seq2seq, training

STEPS, CLIPS, LOOKED_AT = 2400, 7000, 64
SECONDS = 32  # of sound in a batch
WHOLE_FROM, WHOLE_ONLY = 0.4, 0.85  # of the training: from here on whole windows come in, from there on nothing else
LETTERS_WEIGHT, REMEMBERED = 1.0, 0.06


@dataclass(frozen=True)
class Batch:
    """Bands (b, 80, 2 n), letters (b, l) and how many of them (b); what two writers of each window have seen and have to say: (2 b, m)."""

    bands: Tensor
    letters: Tensor
    counts: Tensor
    seen: Tensor
    want: Tensor

    def __len__(self) -> int:
        return len(self.bands)


def spelled(pieces: Tokenizer, text: str) -> list[int]:
    return pieces.encode(f" {text}", add_special_tokens=False).ids


def told(pieces: Tokenizer, window: Window, translated: bool) -> list[int]:
    """What is written with times."""
    if window.language is None:
        return [network.time_id(0.0)]
    ids = []
    for segment in window.segments:
        text = segment.english if translated else segment.text
        ids += [network.time_id(segment.begin_s), *spelled(pieces, text), network.time_id(segment.end_s)]
    return ids if window.cut_s is None else [*ids, network.time_id(window.cut_s)]


def row(pieces: Tokenizer, rng: random.Random, window: Window, task: str, times: bool) -> tuple[list[int], list[int]]:
    """What a writer has seen, and what it has to say at each place; -100 where nobody asks."""
    language = IDS[f"<|{window.language or rng.choice(LANGUAGES)}|>"]
    translated = task == TRANSLATE
    if times:
        text = told(pieces, window, translated)
    elif window.language is None:
        text = []
    else:
        text = spelled(pieces, " ".join(one.english for one in window.segments) if translated else window.heard)
    steering = [IDS[START], language, IDS[task], *([] if times else [IDS[NO_TIMES]])]
    ids = [*steering, *text, IDS[END]]
    want = [IDS[NO_SPEECH] if window.language is None else language, *[-100] * (len(steering) - 2), *text, IDS[END]]
    if rng.random() < REMEMBERED:
        before = next(world.sentences(rng.randrange(1 << 30)))
        ids = [IDS[BEFORE], *spelled(pieces, before.said(window.language or ENGLISH)), *ids]
    seen = ids[:-1]
    return seen, [-100] * (len(seen) - len(want)) + want


def rows(pieces: Tokenizer, rng: random.Random, window: Window) -> list[tuple[list[int], list[int]]]:
    """One writes what is said; the other what it means, where it is German, or the same in the other way. One of both tells times."""
    times = rng.random() < 0.5
    meant = window.language != ENGLISH and all(segment.english for segment in window.segments)
    other = TRANSLATE if meant or window.language == ENGLISH and rng.random() < 0.15 else TRANSCRIBE
    # A sentence that is cut off is translated only where times leave it out.
    other_times = True if other == TRANSLATE and window.cut_s is not None else not times
    if other == TRANSLATE and not all(segment.english for segment in window.segments):
        other = TRANSCRIBE
    return [row(pieces, rng, window, TRANSCRIBE, times), row(pieces, rng, window, other, other_times)]


def batches(pieces: Tokenizer, clips: list[speech.Clip], seed: int, steps: int, first: float) -> Iterator[Batch]:
    windows, rng = Windows(clips, seed, SECONDS), random.Random(seed)
    step = 0
    while True:
        done = first + (1 - first) * step / steps
        share = (done - WHOLE_FROM) / (WHOLE_ONLY - WHOLE_FROM)
        some, bands = windows.batch(whole=rng.random() < share)
        spoken = [[LETTERS.index(letter) for letter in hearing.letters(window)] for window in some]
        pairs = [rows(pieces, rng, window) for window in some]
        turned = [pair[turn] for turn in range(2) for pair in pairs]
        yield Batch(bands, seq2seq.padded([one or [0] for one in spoken], 0), torch.tensor([len(one) for one in spoken]),
                    seq2seq.padded([seen for seen, _ in turned], IDS[END]), seq2seq.padded([want for _, want in turned], -100))
        step += 1


def loss_of(model: Learner, batch: Batch) -> Tensor:
    states = model.encode(batch.bands)
    letters = model.letters(states).float().log_softmax(-1).transpose(0, 1)
    lengths = torch.full((len(batch),), states.shape[1])
    spoken = F.ctc_loss(letters, batch.letters, lengths, batch.counts, zero_infinity=True)
    asked = batch.want >= 0
    said = model.whisper.proj_out(model.decode(states.repeat(2, 1, 1), batch.seen)[asked])
    return F.cross_entropy(said.float(), batch.want[asked]) + LETTERS_WEIGHT * spoken


@torch.no_grad()
def write(model: Learner, bands: Tensor, languages: list[str], task: str) -> list[list[int]]:
    """What is likeliest, token by token, without times."""
    states = model.encode(bands)
    ids = torch.tensor([[IDS[START], IDS[f"<|{language}|>"], IDS[task], IDS[NO_TIMES]] for language in languages])
    first = ids.shape[1]
    while ids.shape[1] < 30 and not (ids[:, first:] == IDS[END]).any(1).all():
        ids = torch.cat([ids, model.whisper.proj_out(model.decode(states, ids)[:, -1:]).argmax(-1)], 1)
    return [[one for one in said[: said.index(IDS[END])] if one < network.PIECES] if IDS[END] in said else said for said in ids[:, first:].tolist()]


@torch.no_grad()
def look(model: Learner, pieces: Tokenizer, clips: list[speech.Clip]) -> dict[str, float]:
    """Figures of sentences that training never saw."""
    figures, bands = {}, torch.stack([hearing.plain(clip) for clip in clips])
    heads = [model.whisper.proj_out(model.decode(model.encode(some), torch.full((len(some), 1), IDS[START]))[:, -1]) for some in bands.split(24)]
    codes = [IDS[f"<|{code}|>"] for code in LANGUAGES]
    guessed = torch.cat(heads)[:, codes].argmax(-1).tolist()
    figures["language"] = sum(LANGUAGES[guess] == clip.language for guess, clip in zip(guessed, clips)) / len(clips)
    for name, task, language in (("english", TRANSCRIBE, ENGLISH), ("german", TRANSCRIBE, "de"), ("translation", TRANSLATE, "de")):
        chosen = [at for at, clip in enumerate(clips) if clip.language == language]
        said = write(model, bands[chosen], [language] * len(chosen), task)
        pairs = [(pieces.decode(ids), clips[at].sentence.english if task == TRANSLATE else clips[at].text) for ids, at in zip(said, chosen)]
        figures[f"{name} exact"] = round(scores.exact(pairs), 3)
        figures[f"{name} word errors"] = round(scores.word_error_rate(pairs), 3)
    for said, wanted in pairs[:3]:
        print(f"    {wanted} | {said}")
    return figures


def main() -> None:
    args = training.read_arguments(__doc__, STEPS)
    model, pieces = Learner(), network.tokenizer(args.out)
    held_out = speech.clips(77, LOOKED_AT, held_out=True)
    if not (args.out / "clips").exists():
        speech.save(args.out / "clips", speech.clips(args.seed, CLIPS))
    stream = batches(pieces, speech.load(args.out / "clips"), args.seed, args.steps, muon.GO_ON_FROM if args.earlier else 0.0)
    training.train(model, stream, loss_of, lambda average: look(average, pieces, held_out), args)


if __name__ == "__main__":
    main()
