"""The training loop that the recipes share: a fixed number of steps, so that the same machine gives the same weights."""

import argparse
import copy
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

# Threads that wait must sleep, and torch reads this when it is imported: on a shared machine spinning more than halved the speed.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import torch
from torch import Tensor, nn

from recipes.shared import muon

MATRIX_RATE, OTHER_RATE, AVERAGE = 0.015, 2.5e-3, 0.99


def read_arguments(about: str, steps: int) -> argparse.Namespace:
    """What every `train.py` asks on its command line."""
    read = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--out", type=Path, required=True)
    read.add_argument("--steps", type=int, default=steps)
    read.add_argument("--seed", type=int, default=1)
    read.add_argument("--threads", type=int, default=1)
    read.add_argument("--bf16", action="store_true", help="bf16 matrix products, where the processor has them")
    read.add_argument("--from", dest="earlier", type=Path, help="the folder of an earlier run to go on from, with its tokenizer; the rate then only falls")
    args = read.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    if args.earlier and (args.earlier / "tokenizer.json").exists():
        shutil.copy(args.earlier / "tokenizer.json", args.out)
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    return args


def _begin(model: nn.Module, earlier: Path | None) -> dict:
    """What has been spent on `model` so far; it gets the weights of the earlier run, if there is one."""
    if earlier is None:
        return dict(steps=0, examples=0, minutes=0.0)
    kept = torch.load(earlier / "average.pt", weights_only=True)
    model.load_state_dict(kept["weights"])
    return kept["about"]


def train(model: nn.Module, batches: Iterator, loss_of: Callable[[nn.Module, object], Tensor], look: Callable[[nn.Module], dict],
          args: argparse.Namespace, other_rate: float = OTHER_RATE) -> nn.Module:
    """The averaged weights after `args.steps` steps; `look` is asked for figures now and then, and at the end. `other_rate` is that of all that is no matrix.

    `args.out` receives `average.pt` at each look and `log.jsonl`.
    """
    before = _begin(model, args.earlier)
    average = copy.deepcopy(model).eval()
    first = muon.GO_ON_FROM if args.earlier else 0.0
    matrices, others = muon.split(model)
    orthogonal, adam = muon.Muon(matrices), torch.optim.AdamW(others, lr=other_rate, betas=(0.9, 0.98), weight_decay=0.0)
    begun, seen, recent = time.process_time(), 0, []
    with (args.out / "log.jsonl").open("w") as log:
        for step in range(1, args.steps + 1):
            batch = next(batches)
            with torch.autocast("cpu", torch.bfloat16, enabled=args.bf16):
                loss = loss_of(model, batch)
            loss.backward()
            rate = muon.rate_at(first + (1 - first) * step / args.steps)
            adam.param_groups[0]["lr"] = other_rate * rate
            torch.nn.utils.clip_grad_norm_(others, 1.0)
            adam.step()
            with torch.autocast("cpu", torch.bfloat16, enabled=args.bf16):
                orthogonal.step(MATRIX_RATE * rate)
            model.zero_grad(set_to_none=True)
            with torch.no_grad():
                for kept, new in zip(average.parameters(), model.parameters()):
                    kept.lerp_(new, 1 - min(AVERAGE, step / (step + 10)))
            seen += len(batch)
            recent.append(loss.item())
            if step % 25 == 0:
                spent = time.process_time() - begun
                print(f"step {step} loss {sum(recent[-25:]) / len(recent[-25:]):.4f} examples {seen} {step / spent:.2f} steps/s {spent / 60:.1f} min", flush=True)
            if step % max(250, args.steps // 8) == 0 or step == args.steps:
                parameters = sum(p.numel() for p in {id(p): p for p in model.parameters()}.values())
                minutes = round(before["minutes"] + (time.process_time() - begun) / 60, 1)
                about = dict(steps=before["steps"] + step, examples=before["examples"] + seen, minutes=minutes, parameters=parameters)
                line = json.dumps({**about, "loss": sum(recent) / len(recent), **look(average)})
                print(line, flush=True)
                print(line, file=log, flush=True)
                torch.save({"weights": average.state_dict(), "about": about}, args.out / "average.pt.new")
                os.replace(args.out / "average.pt.new", args.out / "average.pt")
                recent = []
    return average
