"""A trained network as a checkpoint folder: the files and names that the real ones have on the hub, weights in half precision."""

import json
import shutil
from importlib.metadata import version
from pathlib import Path

import torch
from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerFast

LIMIT = 6_000_000  # bytes of a shipped default


def load_average(model: PreTrainedModel, trained: Path) -> dict:
    """Puts the averaged weights of `trained` into `model`; what was spent on them comes back."""
    kept = torch.load(trained / "average.pt", weights_only=True)
    model.load_state_dict(kept["weights"])
    return kept["about"]


def write(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, folder: Path, generation: dict | None = None) -> int:
    """Bytes of the folder, which is written anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if generation:
        model.generation_config = GenerationConfig(**generation)
    model.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    for unneeded in ("vocab.json", "merges.txt", "vocab.txt", "added_tokens.json"):
        (folder / unneeded).unlink(missing_ok=True)
    size = sum(file.stat().st_size for file in folder.iterdir())
    assert size <= LIMIT, f"{folder}: {size} bytes are more than {LIMIT}"
    print(f"{folder}: {size} bytes", *(f"  {file.name} {file.stat().st_size}" for file in sorted(folder.iterdir())), sep="\n")
    return size


def made_by(script: str) -> dict:
    return {"script": script, **{name: version(name).split("+")[0] for name in ("torch", "transformers", "tokenizers", "safetensors")}}


def write_json(to: Path, value: object) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")
