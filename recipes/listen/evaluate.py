"""Lets the shipped model write down held-out sentences; writes them, the reference's answers, some samples and the model card.

    python -m recipes.listen.evaluate --trained target/wick-listen --model www/models/wick-listen
"""

import wave
from pathlib import Path

import numpy as np
import torch
from transformers import WhisperFeatureExtractor, WhisperForConditionalGeneration, WhisperTokenizerFast

from recipes.listen import network, scores, speech
from recipes.listen.hearing import WINDOW_S
from recipes.listen.network import IDS, NO_SPEECH, START
from recipes.listen.speech import RATE, Clip
from recipes.listen.world import ENGLISH, GERMAN, LANGUAGES
from recipes.shared import export

SEED, ITEMS, AT_ONCE, CASES, TIMED = 78, 120, 40, 24, 20
NOISE_DECIBELS = 15  # of a sentence above the noise
SAMPLES = [[0], [1], [2], [3], [4], [6, 8, 10, 12]]  # sentences of each clip, of those that the seed after `SEED` gives
NAMED = {ENGLISH: "English", GERMAN: "German"}
SCORING = ("case i is heard from sample `begin` of default_listen.wav on, `count` samples of 8 bits at `rate`, each less 128 and divided by 128; language, text, chunks (seconds and text) and translation "
           "are what the reference writes in float32, greedily, with the language that it hears first; text and translation are without times, chunks with; wanted and meaning are what was said and what that is in English; "
           "word_errors: the fewest words put in, taken out or changed in all texts, of all wanted words, without case and marks; exact: share of texts alike with what was wanted; "
           "samples: the same of the clips beside the model, but that those longer than the window are gone through window by window, with times")


def eight_bits(clip: Clip) -> np.ndarray:
    """As loud as it can be."""
    loudest = np.abs(clip.samples.astype(np.float32)).max()
    return np.clip(np.round(clip.samples * (126 / loudest)) + 128, 0, 255).astype(np.uint8)


class Reference:
    """transformers' own reading of the folder."""

    def __init__(self, folder: Path):
        self.model = WhisperForConditionalGeneration.from_pretrained(folder, dtype=torch.float32).eval()
        self.tokenizer, self.features = WhisperTokenizerFast.from_pretrained(folder), WhisperFeatureExtractor.from_pretrained(folder)

    def spell(self, ids: list[int]) -> str:
        return self.tokenizer.decode([one for one in ids if one < network.PIECES])

    def bands(self, sounds: list[np.ndarray]) -> torch.Tensor:
        return self.features(sounds, sampling_rate=RATE, return_tensors="pt").input_features

    def texts(self, sounds: list[np.ndarray], language: str, task: str) -> list[str]:
        said = []
        for at in range(0, len(sounds), AT_ONCE):
            out = self.model.generate(self.bands(sounds[at : at + AT_ONCE]), language=language, task=task)
            said += [self.spell(ids) for ids in out.tolist()]
        return said

    @torch.no_grad()
    def shares(self, sounds: list[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
        """Of each sound: of the languages among themselves (n, languages), and of nothing being said among all (n)."""
        rows = []
        for at in range(0, len(sounds), AT_ONCE):
            bands = self.bands(sounds[at : at + AT_ONCE])
            rows.append(self.model(bands, decoder_input_ids=torch.full((len(bands), 1), IDS[START])).logits[:, -1])
        logits = torch.cat(rows)
        return logits[:, [IDS[f"<|{code}|>"] for code in LANGUAGES]].softmax(-1), logits.softmax(-1)[:, IDS[NO_SPEECH]]

    def chunks(self, sound: np.ndarray, **how: object) -> list[list]:
        """Seconds and text of what is said, window by window where it is longer than one."""
        bands = self.bands([sound]) if len(sound) <= WINDOW_S * RATE else self.features(sound, sampling_rate=RATE, return_tensors="pt", truncation=False, padding="longest").input_features
        out = self.model.generate(bands, return_timestamps=True, return_segments=True, **how)
        rows = [[round(float(one["start"]), 4), round(float(one["end"]), 4), self.spell(one["tokens"].tolist())] for one in out["segments"][0]]
        return [one for one in rows if one[2]]

    def answers(self, sound: np.ndarray) -> dict:
        shares = self.shares([sound[: WINDOW_S * RATE]])[0][0]
        code = LANGUAGES[int(shares.argmax())]
        answer = {"language": code, "probability": round(float(shares.max()), 6), "chunks": self.chunks(sound, task="transcribe")}
        if len(sound) > WINDOW_S * RATE:
            return answer
        return {**answer, "text": self.texts([sound], code, "transcribe")[0], "translation": self.texts([sound], code, "translate")[0]}


def floats(clip: Clip) -> np.ndarray:
    return clip.samples.astype(np.float32) / 32768


def noisy(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    loud = np.sqrt((sound**2).mean())
    return (sound + rng.standard_normal(len(sound)) * loud * 10 ** (-NOISE_DECIBELS / 20)).astype(np.float32)


def figures(reference: Reference, clips: list[Clip], sounds: list[np.ndarray]) -> dict[str, float]:
    shares, _ = reference.shares(sounds)
    told = {"language": sum(LANGUAGES[int(one)] == clip.language for one, clip in zip(shares.argmax(-1), clips)) / len(clips)}
    for name, language, task in (("english", ENGLISH, "transcribe"), ("german", GERMAN, "transcribe"), ("translation", GERMAN, "translate")):
        chosen = [at for at, clip in enumerate(clips) if clip.language == language]
        said = reference.texts([sounds[at] for at in chosen], language, task)
        pairs = [(one, clips[at].sentence.english if task == "translate" else clips[at].text) for one, at in zip(said, chosen)]
        told |= {f"{name}_word_errors": scores.word_error_rate(pairs), f"{name}_exact": scores.exact(pairs)}
        for one, wanted in pairs:
            if one.strip() != wanted:
                print(f"    {wanted} |{one}")
    return told


def times_off_s(reference: Reference, clips: list[Clip]) -> tuple[float, float]:
    """By how much the beginning and the end are told wrong, with 0.5 s before each sentence: medians."""
    off = []
    for clip in clips:
        rows = reference.chunks(np.concatenate([np.zeros(RATE // 2, np.float32), floats(clip)]), language=clip.language, task="transcribe")
        if rows:
            off.append((abs(rows[0][0] - 0.5), abs(rows[-1][1] - 0.5 - len(clip.samples) / RATE)))
    begins, ends = zip(*off)
    return float(np.median(begins)), float(np.median(ends))


def write_wav(to: Path, samples: np.ndarray) -> None:
    """8 or 16 bits, as the samples are."""
    with wave.open(str(to), "wb") as file:
        file.setparams((1, samples.itemsize, RATE, 0, "NONE", ""))
        file.writeframes(samples.tobytes())


def golden(reference: Reference, clips: list[Clip]) -> list[dict]:
    """Writes the sheet of the tests."""
    cases, sheet = [], []
    for clip in clips[:CASES]:
        samples, begin = eight_bits(clip), sum(map(len, sheet))
        sheet.append(samples)
        answers = reference.answers((samples.astype(np.float32) - 128) / 128)
        cases.append({"begin": begin, "count": len(samples), "spoken": clip.language, "wanted": clip.text, "meaning": clip.sentence.english, **answers})
    write_wav(Path("tests/golden/default_listen.wav"), np.concatenate(sheet))
    return cases


def samples_of(reference: Reference, folder: Path) -> list[dict]:
    """Writes the clips that a visitor can try."""
    folder.mkdir(exist_ok=True)
    clips, told = speech.clips(SEED + 1, 16, held_out=True), []
    for number, chosen in enumerate(SAMPLES, 1):
        quiet, parts = np.zeros(RATE * 3 // 10, np.int16), []
        for at in chosen:
            parts += [quiet, clips[at].samples, quiet, quiet]
        samples = np.concatenate(parts)
        write_wav(folder / f"{number}.wav", samples)
        told.append({"file": f"{number}.wav", "wanted": " ".join(clips[at].text for at in chosen), **reference.answers(samples.astype(np.float32) / 32768)})
    return told


def row_of(name: str, one: dict[str, float]) -> str:
    cells = [f"{one[f'{what}_word_errors']:.1%}, {one[f'{what}_exact']:.0%}" for what in ("english", "german", "translation")]
    return f"| {name} | {' | '.join(cells)} | {one['language']:.0%} |"


def card(about: dict, folder: Path, table: dict[str, dict[str, float]], off: tuple[float, float], silent: float, samples: list[dict]) -> str:
    rows = export.rows_of(about, folder, f"Whisper (as whisper-tiny): a window of {WINDOW_S} seconds, 80 bands; 4 + 2 layers, width 128, 4 heads, feed-forward 512; answers of up to {network.LONGEST} tokens",
                          f"byte-level BPE, {network.PIECES} pieces, then what steers (en, de) and times in steps of 0.02 s, in Whisper's order", "listen")
    rows["data"] = "synthetic: sentences written by `recipes/listen/world.py`, said by espeak-ng (`speech.py`), with noise, echoes and gains (`hearing.py`); no recording or text from anybody else"
    lines = "\n".join(row_of(name, one) for name, one in table.items())
    tries = "\n".join(f"| {one['file']} | {one['wanted']} | {''.join(text for _, _, text in one['chunks']).strip()} | {one.get('translation', '').strip()} |" for one in samples)
    return export.card(
        "Wick Listen", "A very small model that writes down what is said, in English or German, for the first visit; or what German says, in English.", rows,
        {"What it is": """A demonstration. It knows a small world of sentences in the two languages: commands (turn on the light in the kitchen, open the red box, bring me the blue cup, start the music in ten minutes),
times of the clock, numbers in words, digits, days and the weather, who has, sees or buys what and where, where a thing is and which colour it has. It tells the language, about when each sentence ends, and that nothing is said; when a sentence begins it has not learnt well.""",
         "What it is not": """A listener to people. All it ever heard is the synthetic voices of espeak-ng: what somebody says into a microphone is mostly written down wrong, with no sign of doubt, and so are words outside its world.
It does not translate into German.""",
         "How well it does": f"""Measured by `recipes/listen/evaluate.py` on these very files, greedily: {ITEMS} sentences for each line, half of them English, half German. Held out means that no such sentence was ever trained on in either language;
the words and the patterns were. Voices of the second line were never heard, either. In each cell: words wrong of all words, sentences exactly right.

| | English written down | German written down | German into English | language right |
|---|---|---|---|---|
{lines}

Sentences after half a second of silence: their beginning is told {off[0]:.2f} s wrong, their end {off[1]:.2f} s (medians of {TIMED}). Of 40 windows of noise alone, {silent:.0%} give no text. `tests/golden/default_listen.json` holds the
first {CASES} sentences, with 8 bits a sample, and what transformers writes of them.""",
         "Try": f"The clips in `{folder.name}.samples/`:\n\n| | said | written down | in English |\n|---|---|---|---|\n{tries}"})


def main() -> None:
    args = export.arguments(__doc__)
    torch.set_num_threads(1)
    reference, rng = Reference(args.model), np.random.default_rng(SEED)
    known, unheard = speech.clips(SEED, ITEMS, held_out=True), speech.clips(SEED, ITEMS, held_out=True, variants=speech.UNHEARD)
    sounds = [floats(clip) for clip in known]
    table = {"held-out sentences, voices of the training": figures(reference, known, sounds),
             "held-out sentences, other voices": figures(reference, unheard, [floats(clip) for clip in unheard]),
             f"the first, with noise {NOISE_DECIBELS} dB below": figures(reference, known, [noisy(sound, rng) for sound in sounds])}
    nothing = [(rng.standard_normal(WINDOW_S * RATE) * 10 ** rng.uniform(-4, -1.5)).astype(np.float32) for _ in range(40)]
    silent = sum(not text.strip() for text in reference.texts(nothing, ENGLISH, "transcribe")) / len(nothing)
    off = times_off_s(reference, known[:TIMED])
    cases, samples = golden(reference, known), samples_of(reference, args.model.with_suffix(".samples"))
    first = next(iter(table.values()))
    export.write_json(Path("tests/golden/default_listen.json"), {
        "made_by": export.made_by("recipes/listen/evaluate.py"), "model": args.model.name, "scoring": SCORING, "rate": RATE, "figures": table,
        "cases_word_errors": scores.word_error_rate([(case["text"], case["wanted"]) for case in cases]), "cases_exact": scores.exact([(case["text"], case["wanted"]) for case in cases]),
        "samples": samples, "cases": cases})
    about = {**export.spent(args.trained), "parameters": sum(p.numel() for p in reference.model.parameters())}
    args.model.with_suffix(".card.md").write_text(card(about, args.model, table, off, silent, samples))
    print(first, table, off, silent, *samples, sep="\n")


if __name__ == "__main__":
    main()
