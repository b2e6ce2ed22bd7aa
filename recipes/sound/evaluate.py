"""Asks the shipped model about held-out sounds; writes them, the reference's answers, some samples and the model card.

    python -m recipes.sound.evaluate --trained target/wick-sound --model www/models/wick-sound
"""

from collections import Counter
from pathlib import Path

import numpy as np
import torch
from transformers import ClapFeatureExtractor, ClapModel, RobertaTokenizerFast

from recipes.shared import export
from recipes.sound import network, sounds, world
from recipes.sound.network import WINDOW_S
from recipes.sound.sounds import BEYOND, RATE
from recipes.sound.world import KINDS, LABELS, TEMPLATE

SEED, EACH, SHORTEST_S, LONGEST_S = 700_000_000, 7, 0.65, 1.2  # of the sheet: so many sounds of each kind
MORE, MORE_SHORTEST_S = 25, 0.5  # sounds of each kind for the table
NOISE_DB = (3.0, 8.0)  # of a sound above the noise, in one line of the table
SAMPLES = ["siren", "dog", "bell", "clock", "speech", "bird"]
SCORING = ("case i is heard from sample `begin` of default_sound.wav on, `count` samples of 8 bits at `rate`, each less 128 and divided by 128; asked are all labels in the template; logits are logits_per_audio of transformers in float32, "
           "in the order of labels; accuracy: share of cases whose label has the largest")


def eight_bits(samples: np.ndarray) -> np.ndarray:
    return np.clip(np.round(samples * 128) + 128, 0, 255).astype(np.uint8)


def read(bytes8: np.ndarray) -> np.ndarray:
    return (bytes8.astype(np.float32) - 128) / 128


class Reference:
    """transformers' own reading of the folder."""

    def __init__(self, folder: Path):
        self.model = ClapModel.from_pretrained(folder, dtype=torch.float32).eval()
        self.tokenizer, self.features = RobertaTokenizerFast.from_pretrained(folder), ClapFeatureExtractor.from_pretrained(folder)

    @torch.no_grad()
    def logits(self, heard: list[np.ndarray], labels: list[str]) -> np.ndarray:
        """A row for each sound, in the order of the labels."""
        texts = self.tokenizer([TEMPLATE.replace("{}", label) for label in labels], padding=True, return_tensors="pt")
        rows = [self.model(**texts, input_features=self.features(one, sampling_rate=RATE, return_tensors="pt").input_features).logits_per_audio[0].numpy() for one in heard]
        return np.stack(rows)


def accuracy(rows: np.ndarray, truth: list[int]) -> float:
    return float((rows.argmax(axis=1) == truth).mean())


def golden(reference: Reference) -> list[dict]:
    """Writes the sheet of the tests."""
    made = [(kind, eight_bits(sounds.clip(SEED + at, kind.name, True, SHORTEST_S, LONGEST_S))) for at in range(EACH) for kind in KINDS]
    sounds.write_wav(Path("tests/golden/default_sound.wav"), np.concatenate([samples for _, samples in made]))
    rows = reference.logits([read(samples) for _, samples in made], LABELS)
    begins = np.cumsum([0, *(len(samples) for _, samples in made)]).tolist()
    return [{"begin": begin, "count": len(samples), "label": kind.label, "logits": [round(float(one), 4) for one in row]} for begin, (kind, samples), row in zip(begins, made, rows)]


def samples_of(reference: Reference, folder: Path) -> list[str]:
    """Writes the sounds that a visitor can try: rows of a table."""
    folder.mkdir(exist_ok=True)
    lines = []
    for number, name in enumerate(SAMPLES, 1):
        kind = next(one for one in KINDS if one.name == name)
        samples = np.round(sounds.clip(SEED - number, name, True, 1.8, 1.95, (25, 40)) * 32767).astype(np.int16)
        sounds.write_wav(folder / f"{number}.wav", samples)
        row = torch.from_numpy(reference.logits([samples.astype(np.float32) / 32768], LABELS)[0]).softmax(-1)
        best = [f"{LABELS[at]} ({row[at]:.0%})" for at in row.topk(3).indices.tolist()]
        lines.append(f"| {number}.wav | {kind.label} | {', '.join(best)} |")
    return lines


def figures(reference: Reference) -> tuple[dict[str, float], dict[str, float], list[tuple[str, str, int]]]:
    """Shares of right answers by how it is asked, those of each kind, and what is taken for what most often."""
    truth = [at for at in range(len(KINDS)) for _ in range(MORE)]

    def heard(held_out: bool, **how: object) -> list[np.ndarray]:
        return [sounds.clip(SEED + 1000 + at, kind.name, held_out, MORE_SHORTEST_S, WINDOW_S, **how) for kind in KINDS for at in range(MORE)]

    known = heard(True)
    rows = reference.logits(known, LABELS)
    told = rows.argmax(axis=1)
    table = {"held-out sounds": accuracy(rows, truth),
             "the same, all labels in wordings that were never read, of words that were": accuracy(reference.logits(known, [kind.unread for kind in KINDS]), truth),
             f"the same, only {NOISE_DB[0]:.0f} to {NOISE_DB[1]:.0f} dB above the noise": accuracy(reference.logits(heard(True, above_db=NOISE_DB), LABELS), truth),
             "other seeds, within the ranges and voices of the training": accuracy(reference.logits(heard(False), LABELS), truth)}
    by_kind = {kind.label: float((told[at * MORE : (at + 1) * MORE] == at).mean()) for at, kind in enumerate(KINDS)}
    wrong = Counter((LABELS[want], LABELS[got]) for want, got in zip(truth, told.tolist()) if want != got)
    return table, by_kind, [(*pair, count) for pair, count in wrong.most_common(6)]


def card(about: dict, folder: Path, share: float, table: dict[str, float], by_kind: dict[str, float], wrong: list[tuple[str, str, int]], samples: list[str]) -> str:
    shape = network.config().audio_config
    rows = export.rows_of(about, folder, f"CLAP (as clap-htsat-unfused): {WINDOW_S} seconds at {RATE} Hz, {network.BANDS} bands, a square of {network.SIDE}; stages of {', '.join(map(str, shape.depths))} layers and widths from {network.WIDTH} to {shape.hidden_size}; texts of up to {network.WINDOW} tokens, 2 layers of width {network.TEXT_WIDTH}, 3 heads; {network.PROJECTION} numbers to a point",
                          f"byte-level BPE, {network.VOCABULARY} pieces, case kept", "sound")
    rows["data"] = "synthetic: sounds made by `recipes/sound/sounds.py`, words of `world.py`; voices are those of espeak-ng; no recording or text from anybody else"
    lines, kinds = ("\n".join(f"| {name} | {value:.1%} |" for name, value in one.items()) for one in (table, by_kind))
    mistaken = "; ".join(f"{want} for {got} ({count})" for want, got, count in wrong) or "none"
    tries = "\n".join(samples)
    return export.card(
        "Wick Sound", "A very small model that tells which of some labels says what is heard, for the first visit.", rows,
        {"What it is": f"""A demonstration. It knows {len(KINDS)} kinds of sounds, each made by a few lines of arithmetic: {', '.join(LABELS)}. Labels may say them in other words that it read while it learnt ("a police siren wailing", "someone talking", "church bells"); the template is "{TEMPLATE}".""",
         "What it is not": f"""A listener to the world. It never heard a real dog, bell or rain: what a microphone brings may be taken for any of its kinds, with no sign of doubt. Words that it did not read mean nothing to it, and every sound gets a label, silence and music too.
It hears no more than {WINDOW_S} seconds and nothing above {RATE // 2} Hz.""",
         "How well it does": f"""Measured by `recipes/sound/evaluate.py` on these very files: the true label has to stand above the {len(KINDS) - 1} others. Held out means: made from seeds that training never saw, by pitches, paces, lengths of strokes, loudnesses and noises out of ranges that reach over
both ends of the training's by {BEYOND:.0%} of their width (in octaves), and, where somebody speaks, by voices and in sentences that training never heard. Guessing gives {1 / len(KINDS):.1%}.

| {MORE * len(KINDS)} sounds of {MORE_SHORTEST_S} to {WINDOW_S} s each | right |
|---|---|
{lines}

| of the first line | right |
|---|---|
{kinds}

Taken for something else most often: {mistaken}. `tests/golden/default_sound.json` holds {EACH * len(KINDS)} other held-out sounds of {SHORTEST_S} to {LONGEST_S} s, with 8 bits a sample, and transformers' answers: {share:.1%} of them are right.""",
         "Try": f"The sounds in `{folder.name}.samples/`, all held out:\n\n| | made as | the three likeliest of {len(KINDS)} |\n|---|---|---|\n{tries}"})


def main() -> None:
    args = export.arguments(__doc__)
    torch.set_num_threads(1)
    reference = Reference(args.model)
    cases = golden(reference)
    share = accuracy(np.array([case["logits"] for case in cases]), [LABELS.index(case["label"]) for case in cases])
    samples = samples_of(reference, args.model.with_suffix(".samples"))
    table, by_kind, wrong = figures(reference)
    export.write_json(Path("tests/golden/default_sound.json"), {
        "made_by": export.made_by("recipes/sound/evaluate.py"), "model": args.model.name, "scoring": SCORING, "rate": RATE, "template": TEMPLATE, "labels": LABELS, "figures": table, "accuracy": share, "cases": cases})
    about = {**export.spent(args.trained), "parameters": reference.model.num_parameters()}
    args.model.with_suffix(".card.md").write_text(card(about, args.model, share, table, by_kind, wrong, samples))
    print(share, table, by_kind, wrong, *samples, sep="\n")


if __name__ == "__main__":
    main()
