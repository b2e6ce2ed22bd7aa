"""Trains the chat model on the endless stream of `world.py`, for a given number of minutes.

    python -m recipes.chat.train --out OUT --minutes 38

OUT receives `tokenizer.json`, `config.json`, `model.pt` (the averaged weights, rewritten every few minutes) and `log.jsonl`.
The schedule follows the clock and not the steps, so a slower machine sees less text in the same time.
"""

import argparse
import copy
import itertools
import json
import os
import shutil
import time
from dataclasses import asdict
from pathlib import Path

# Threads that wait must sleep, and torch reads this when it is imported: on a shared machine spinning more than halved the speed.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import torch
import torch.nn.functional as F
from torch import Tensor

from recipes.chat import tokens, world
from recipes.chat.network import Config, Llama
from recipes.shared import muon

MATRIX_RATE, OTHER_RATE, AVERAGE = 0.02, 3e-3, 0.99


def collate(batch: list) -> tuple[Tensor, Tensor]:
    """Ids and the wanted next ids, -100 where nobody asks: (b, n) each."""
    longest = max(len(ids) for ids, _ in batch)
    ids, want = torch.zeros(len(batch), longest, dtype=torch.long), torch.full((len(batch), longest), -100)
    for row, (one, said) in enumerate(batch):
        ids[row, : len(one)] = torch.tensor(one)
        want[row, : len(one) - 1] = torch.where(torch.tensor(said[1:]), torch.tensor(one[1:]), -100)
    return ids, want


def loss_of(model: Llama, ids: Tensor, want: Tensor, *, bf16: bool) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        asked = want >= 0
        return F.cross_entropy(model.logits(model(ids)[asked]).float(), want[asked])


def last_turn(said: list[bool]) -> list[bool]:
    """`said` without the assistant's turns before the last one."""
    end = len(said) - said[::-1].index(True)
    start = end - (said[:end][::-1] + [False]).index(False)
    return [start <= at < end for at in range(len(said))]


@torch.no_grad()
def held_out_accuracy(model: Llama, tokenizer, items: list[dict]) -> dict[str, float]:
    """The share of items answered exactly: greedy decoding gives the answer just when each of its tokens is the likeliest."""
    rows = []
    for item in items:
        ids, said = tokens.encode(tokenizer, [*item["messages"], {"role": "assistant", "content": item["answer"]}])
        rows.append((item["family"], (ids, last_turn(said))))
    rows.sort(key=lambda row: len(row[1][0]))
    right: dict[str, list[bool]] = {}
    for at in range(0, len(rows), 24):
        ids, want = collate([pair for _, pair in rows[at : at + 24]])
        hits = (model.logits(model(ids)).argmax(-1) == want) | (want < 0)
        for (family, _), hit in zip(rows[at : at + 24], hits.all(dim=1).tolist()):
            right.setdefault(family, []).append(hit)
    return {"all": sum(map(sum, right.values())) / len(items), **{family: sum(right[family]) / len(right[family]) for family in world.NAMES}}


def prepare(out: Path, config: Config, seed: int):
    """The tokenizer, made once and kept in `out`, and the configuration beside it."""
    out.mkdir(parents=True, exist_ok=True)
    if not (out / "tokenizer.json").exists():
        texts = (m["content"] for c in itertools.islice(world.conversations(seed + 1), 20000) for m in c)
        tokens.train_tokenizer(itertools.chain(texts, ["user\n", "assistant\n", "system\n"] * 1000), config.vocab_size).save(str(out / "tokenizer.json"))
    (out / "config.json").write_text(json.dumps(asdict(config)))
    return tokens.open_tokenizer(out)


def save(out: Path, model: Llama, about: dict) -> None:
    torch.save({"weights": model.state_dict(), "about": about}, out / "model.pt.new")
    os.replace(out / "model.pt.new", out / "model.pt")


def start(out: Path, config: Config, earlier: Path | None, seed: int) -> tuple[Llama, dict]:
    """A fresh network, or that of an earlier run with its tokenizer, and what has been spent on it so far."""
    torch.manual_seed(seed)
    model = Llama(config)
    if earlier is None:
        return model, dict(minutes=0, steps=0, tokens=0)
    out.mkdir(parents=True, exist_ok=True)
    shutil.copy(earlier / "tokenizer.json", out)
    kept = torch.load(earlier / "model.pt", weights_only=True)
    model.load_state_dict(kept["weights"])
    return model, kept["about"]


def train(out: Path, config: Config, earlier: Path | None, *, minutes: float, batch_tokens: int, seed: int, bf16: bool) -> None:
    model, spent = start(out, config, earlier, seed)
    tokenizer = prepare(out, config, seed)
    average = copy.deepcopy(model)
    matrices, others = muon.split(model)
    orthogonal, adam = muon.Muon(matrices), torch.optim.AdamW(others, lr=OTHER_RATE, betas=(0.9, 0.98), weight_decay=0.0)
    items = world.held_out_items(seed=2, per_family=6)
    stream = tokens.batches(tokenizer, world.conversations(seed), tokens=batch_tokens, context=config.max_position_embeddings)
    begun, seen, next_look, recent = time.time(), 0, 120.0, []
    log = (out / "log.jsonl").open("w")
    for step, batch in enumerate(stream):
        passed = time.time() - begun
        done = passed / (60 * minutes)
        if passed > next_look or done >= 1:
            about = dict(minutes=round(spent["minutes"] + passed / 60, 1), steps=spent["steps"] + step, tokens=spent["tokens"] + seen, loss=sum(recent) / len(recent), parameters=sum(p.numel() for p in model.parameters()))
            save(out, average, about)
            line = json.dumps({**about, "held_out": held_out_accuracy(average, tokenizer, items)})
            print(line, file=log, flush=True)
            print(line, flush=True)
            next_look, recent = time.time() - begun + 270, []
        if done >= 1:
            return
        ids, want = collate(batch)
        loss = loss_of(model, ids, want, bf16=bf16)
        loss.backward()
        rate = muon.rate_at(done)
        adam.param_groups[0]["lr"] = OTHER_RATE * rate
        torch.nn.utils.clip_grad_norm_(others, 1.0)
        adam.step()
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            orthogonal.step(MATRIX_RATE * rate)
        model.zero_grad(set_to_none=True)
        with torch.no_grad():
            for kept, new in zip(average.parameters(), model.parameters()):
                kept.lerp_(new, 1 - min(AVERAGE, step / (step + 10)))
        seen += sum(len(one) for one, _ in batch)
        recent.append(loss.item())
        if step % 25 == 0:
            print(f"step {step} loss {loss.item():.3f} rate {rate:.2f} tokens {seen} {seen / (time.time() - begun):.0f}/s", flush=True)


def main() -> None:
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--out", type=Path, required=True)
    read.add_argument("--from", dest="earlier", type=Path, help="the folder of an earlier run to go on from")
    read.add_argument("--minutes", type=float, default=38)
    read.add_argument("--batch-tokens", type=int, default=4096)
    read.add_argument("--seed", type=int, default=1)
    read.add_argument("--threads", type=int, default=2)
    read.add_argument("--bf16", action="store_true", help="bf16 matrix products, where the processor has them")
    for field, value in asdict(Config()).items():
        read.add_argument("--" + field.replace("_", "-"), type=type(value), default=value)
    args = read.parse_args()
    torch.set_num_threads(args.threads)
    config = Config(**{field: getattr(args, field) for field in asdict(Config())})
    train(args.out, config, args.earlier, minutes=args.minutes, batch_tokens=args.batch_tokens, seed=args.seed, bf16=args.bf16)


if __name__ == "__main__":
    main()
