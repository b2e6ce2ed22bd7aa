"""Lets the shipped model say held-out sentences; writes the reference's answers, what Wick Listen makes of them, and the model card.

    python -m recipes.speak.evaluate --trained target/wick-speak --model www/models/wick-speak
"""

import itertools
from pathlib import Path

import numpy as np
import torch
from transformers import VitsModel, VitsTokenizer

from recipes.shared import export
from recipes.speak import network, scores, speech
from recipes.speak.scores import Listener
from recipes.speak.speech import RATE, Reading

SEED, ITEMS, CASES, BLOCK, SHOWN = 79, 60, 12, 1024, 64
SCORING = ("phonemes is what espeak-ng writes of the text, lower case, between its marks; ids are VitsTokenizer's of the phonemes; durations (frames of each token), count (samples at `rate`), levels and middle are of what VitsModel says "
           f"in float32 with both noise scales 0: levels are the root mean squares of blocks of {BLOCK} samples, the last one shorter, and middle the first {SHOWN} samples from sample count // 2 on; "
           "heard: what wick-listen writes down of that, as English, greedily, without times; heard_of_espeak: of espeak-ng's own sound; word_errors: the fewest words put in, taken out or changed in all texts, of all wanted words, without case and marks")


def case(model: VitsModel, tokenizer: VitsTokenizer, reading: Reading) -> dict:
    """What the reference says of one text."""
    ids = tokenizer(reading.phonemes).input_ids
    assert ids == network.ids(reading.phonemes)
    sound = scores.say(model, reading.phonemes)
    levels = [float(np.sqrt((sound[at : at + BLOCK].astype(np.float64) ** 2).mean())) for at in range(0, len(sound), BLOCK)]
    middle = sound[len(sound) // 2 :][:SHOWN]
    durations = scores.durations(model, reading.phonemes)
    assert len(sound) == sum(durations) * speech.HOP
    return {"text": reading.text, "phonemes": reading.phonemes, "ids": ids, "durations": durations, "count": len(sound),
            "levels": [round(one, 5) for one in levels], "middle": [round(float(one), 6) for one in middle]}


def noisy_errors(model: VitsModel, readings: list[Reading], listener: Listener) -> float:
    """With the noise that the folder asks for."""
    torch.manual_seed(SEED)
    model.noise_scale, model.noise_scale_duration = model.config.noise_scale, model.config.noise_scale_duration
    sounds = [scores.say(model, one.phonemes) for one in readings]
    scores.plainly(model)
    return listener.word_errors(sounds, [one.text for one in readings])


def card(about: dict, folder: Path, model: VitsModel, known: dict[str, float], own: dict[str, float], noisy: float, heard: list[dict]) -> str:
    config = model.config
    rows = export.rows_of(about, folder, f"VITS (as kakao-enterprise/vits-ljs): {config.num_hidden_layers} layers, width {config.hidden_size}, {config.num_attention_heads} heads, feed-forward {config.ffn_dim}; {config.prior_encoder_num_flows} flows, "
                          f"stochastic durations; HiFi-GAN from {config.upsample_initial_channel} channels by {' × '.join(map(str, config.upsample_rates))} samples; {RATE:,} samples a second",
                          f"letters of espeak-ng's phonemes (en-us, with stress), {config.vocab_size} symbols, a blank between any two, in the manner of VitsTokenizer", "speak")
    rows["data"] = "synthetic: sentences written by `recipes/speak/world.py`, said by one voice of espeak-ng (`speech.py`); no recording or text from anybody else"
    tries = "\n".join(f"| {one['text']} | {one['phonemes']} | {one['heard'].strip()} |" for one in heard[:6])
    return export.card(
        "Wick Speak", "A very small model that says English aloud, in one voice, for the first visit.", rows,
        {"What it is": """A demonstration. It reads phonemes, as espeak-ng writes them for American English, and says them in a voice of espeak-ng, from which it learnt: a plain, deep, robotic one that stays on one pitch. Its sentences were those that
Wick Listen knows, what is counted or seen in pictures, everyday talk, numbers, and rows of words that have nothing to do with each other, so that most sounds come after most others. The file leaves out VITS's posterior encoder, which only training needs.""",
         "What it is not": """A voice of a person: nobody was recorded, and it sounds like the synthesizer that it heard, less clearly. It has no melody: a question sounds like a statement. One period of its voice is one frame of the network, which is why so small a decoder learnt it
so soon, from spectra alone, without a discriminator. It knows English sounds only, and sentences of one breath: long texts are best said sentence by sentence. Marks that it never heard (quotes, dashes) are said like a space or a comma, and a single word is said worse and shorter than one in a sentence, the more so without a mark at its end.""",
         "How well it does": f"""Measured by `recipes/speak/evaluate.py` on these very files without noise: {ITEMS} sentences of Wick Listen's English world that neither model was trained on. What Wick Listen writes down of them has {known['word_errors']:.1%} of its words wrong;
of espeak-ng's own sound in this voice it has {known['word_errors_of_espeak']:.1%} wrong, and with espeak-ng's durations given to the model {known['word_errors_in_espeaks_time']:.1%}. With the noise that `config.json` asks for: {noisy:.1%}.

| | bands apart from espeak-ng's, its durations given | louder | longer | durations wrong by, of each token |
|---|---|---|---|---|
| those sentences | {known['apart_db']:.2f} dB | {known['louder_db']:+.1f} dB | {known['longer']:+.1%} | {known['durations_off']:.2f} frames |
| held-out sentences of `recipes/speak/world.py` | {own['apart_db']:.2f} dB | {own['louder_db']:+.1f} dB | {own['longer']:+.1%} | {own['durations_off']:.2f} frames |

`tests/golden/default_speak.json` holds what transformers says of {CASES} of them, and all of them with what was heard.""",
         "Try": f"The first of the sentences, their phonemes, and what Wick Listen heard:\n\n| text | phonemes | heard |\n|---|---|---|\n{tries}"})


def main() -> None:
    args = export.arguments(__doc__)
    torch.set_num_threads(1)
    model = scores.plainly(VitsModel.from_pretrained(args.model, dtype=torch.float32).eval())
    tokenizer = VitsTokenizer.from_pretrained(args.model, phonemize=False, normalize=False)
    readings, own, listener = list(itertools.islice(speech.heard(SEED), ITEMS)), speech.readings(SEED, ITEMS, held_out=True), Listener()
    known, others = scores.figures(model, readings, listener), scores.measures(model, own)
    noisy = noisy_errors(model, readings, listener)
    said = listener.texts([scores.say(model, one.phonemes) for one in readings])
    real = listener.texts([scores.sound_of(one) for one in readings])
    heard = [{"text": one.text, "phonemes": one.phonemes, "heard": mine, "heard_of_espeak": its} for one, mine, its in zip(readings, said, real)]
    cases = [case(model, tokenizer, one) for one in [*readings[: CASES * 2 // 3], *own[: CASES // 3]]]
    export.write_json(Path("tests/golden/default_speak.json"), {
        "made_by": export.made_by("recipes/speak/evaluate.py"), "model": args.model.name, "scoring": SCORING, "rate": RATE, "figures": {**known, "word_errors_with_noise": noisy, "own": others}, "cases": cases, "heard": heard})
    about = {**export.spent(args.trained), "parameters": sum(p.numel() for name, p in model.named_parameters() if not name.startswith("posterior_encoder"))}
    args.model.with_suffix(".card.md").write_text(card(about, args.model, model, known, others, noisy, heard))
    for one in heard:
        print(one["text"], one["heard"], one["heard_of_espeak"], sep=" | ")
    print(known, others, noisy, sep="\n")


if __name__ == "__main__":
    main()
