"""A trained network as a checkpoint folder: the files and names that the real ones have on the hub, weights in half precision."""

import argparse
import hashlib
import json
import shutil
from importlib.metadata import version
from pathlib import Path

import torch
from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerFast

LIMIT = 6_000_000  # bytes of a shipped default


def load_average(model: PreTrainedModel, trained: Path) -> PreTrainedModel:
    """`model` with the averaged weights of `trained`."""
    model.load_state_dict(torch.load(trained / "average.pt", weights_only=True)["weights"])
    return model


def write(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast | None, folder: Path, generation: dict | None = None, more: dict[str, object] | None = None) -> None:
    """Writes the folder anew, with `more` as JSON by name, and prints its files as the catalogue's row wants them."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if generation:
        model.generation_config = GenerationConfig(**generation)
    model.half().save_pretrained(folder)
    if tokenizer:
        tokenizer.save_pretrained(folder, save_jinja_files=False)
    for unneeded in ("vocab.json", "merges.txt", "vocab.txt", "added_tokens.json"):
        (folder / unneeded).unlink(missing_ok=True)
    for name, value in (more or {}).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(value, indent=2) + "\n")
    listed(folder)


def listed(folder: Path) -> None:
    """Prints the files of a folder as the catalogue's row wants them."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    size = sum(file.stat().st_size for file in files)
    assert size <= LIMIT, f"{folder}: {size} bytes are more than {LIMIT}"
    for file in files:
        file.chmod(0o644)
        print(f'file("{file.relative_to(folder.parent)}", {file.stat().st_size:_}, "{hashlib.sha256(file.read_bytes()).hexdigest()}"),')


def made_by(script: str) -> dict:
    return {"script": script, **{name: version(name).split("+")[0] for name in ("torch", "transformers", "tokenizers", "safetensors")}}


def write_json(to: Path, value: dict) -> None:
    """`value` with a line for each name, and in a list of cases one for each case."""
    def dump(part: object) -> str:
        return json.dumps(part, ensure_ascii=False)

    rows = []
    for name, part in value.items():
        cases = isinstance(part, list) and bool(part) and isinstance(part[0], dict)
        rows.append(f" {dump(name)}: " + ("[\n  " + ",\n  ".join(map(dump, part)) + "\n ]" if cases else dump(part)))
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text("{\n" + ",\n".join(rows) + "\n}\n")


def card(title: str, what: str, rows: dict[str, str], sections: dict[str, str]) -> str:
    """A model card: a sentence, a table of what it is, and sections."""
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    rest = "".join(f"\n## {name}\n{text}\n" for name, text in sections.items())
    return f"# {title}\n\n{what}\n\n| | |\n|---|---|\n{table}\n{rest}"


def rows_of(about: dict, folder: Path, architecture: str, tokenizer: str, recipe: str) -> dict[str, str]:
    """The table that every card opens with; `about` is what was spent on the training."""
    size, weights = (sum(file.stat().st_size for file in folder.rglob(name) if file.is_file()) for name in ("*", "model.safetensors"))
    return {
        "architecture": f"{architecture}, {about['parameters']:,} parameters",
        "tokenizer": tokenizer,
        "files": f"`{folder.name}/`, {size:,} bytes; weights F16, {weights:,} bytes",
        "data": f"synthetic, written by `recipes/{recipe}/world.py`; no text from anybody else",
        "training": f"{about['steps']:,} steps, {about['examples']:,} examples, {about['minutes']:.0f} minutes of one shared CPU core, with `recipes/{recipe}/train.py`",
        "licence": "MIT OR Apache-2.0, weights included",
    }


def arguments(about: str) -> argparse.Namespace:
    """What every `export.py` and `evaluate.py` asks on its command line."""
    read = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--trained", type=Path, required=True)
    read.add_argument("--model", type=Path, required=True)
    return read.parse_args()


def spent(trained: Path) -> dict:
    return torch.load(trained / "average.pt", weights_only=True)["about"]
