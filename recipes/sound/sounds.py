"""Makes each kind of sound of `world.py` from a seed. Run it to hear them: a file for each kind is written to FOLDER.

    python -m recipes.sound.sounds FOLDER
"""

import itertools
import random
import sys
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy.signal import fftconvolve, lfilter, resample_poly

from recipes.listen import speech, world as sentences
from recipes.sound.world import KINDS

RATE = 8000
ECHOES = 0.35  # of the sounds are heard in a room
BEYOND = 0.1  # of a range's width, in octaves: so far held-out sounds reach over either end


class Chance:
    """What is left to chance; held out, from ranges that are wider than those of the training."""

    def __init__(self, seed: list[int], held_out: bool):
        self.rng, self.beyond, self.held_out = np.random.default_rng(seed), BEYOND if held_out else 0.0, held_out

    def between(self, low: float, high: float) -> float:
        """Evenly by octaves; both are above 0."""
        return low * (high / low) ** self.rng.uniform(-self.beyond, 1 + self.beyond)

    def one(self, *choices: object) -> object:
        return choices[self.rng.integers(len(choices))]

    def noise(self, count: int) -> np.ndarray:
        return self.rng.standard_normal(count)


def seconds(count: int) -> np.ndarray:
    return np.arange(count) / RATE


def wave_of(chance: Chance, hz: np.ndarray, brightness: tuple[float, float] = (0.02, 0.5)) -> np.ndarray:
    """A tone whose pitch is `hz` at each sample, with overtones below half the rate."""
    phase, bright, total = 2 * np.pi * np.cumsum(hz) / RATE, chance.between(*brightness), 0
    for number in range(1, 7):
        total = total + bright ** (number - 1) * np.sin(number * phase) * (number * hz < 3900)
    return total


def faded(samples: np.ndarray, fade_s: float = 0.008) -> np.ndarray:
    count = min(int(fade_s * RATE), len(samples) // 2)
    ramp = np.linspace(0, 1, count, endpoint=False)
    samples[:count] *= ramp
    samples[len(samples) - count :] *= ramp[::-1]
    return samples


def ringing(chance: Chance, count: int, hz: float, decay_s: float) -> np.ndarray:
    """A tone that dies away."""
    at = seconds(count)
    return np.sin(2 * np.pi * hz * at + chance.rng.uniform(0, 6.28)) * np.exp(-at / decay_s)


def resonant(samples: np.ndarray, hz: float, width_hz: float) -> np.ndarray:
    radius = np.exp(-np.pi * width_hz / RATE)
    return lfilter([1 - radius], [1, -2 * radius * np.cos(2 * np.pi * hz / RATE), radius**2], samples)


def placed(count: int, parts: Iterator[tuple[float, np.ndarray]]) -> np.ndarray:
    """Sounds that begin at some seconds, until there is no more room; `parts` may be endless."""
    total = np.zeros(count)
    for begin_s, part in parts:
        at = int(begin_s * RATE)
        if at >= count:
            return total
        part = part[: count - at]
        total[at : at + len(part)] += part
    return total


def tone(chance: Chance, count: int, low: float, high: float) -> np.ndarray:
    return faded(wave_of(chance, np.full(count, chance.between(low, high))))


def rising(chance: Chance, count: int) -> np.ndarray:
    """Once or again and again."""
    low, ratio = chance.between(180, 600), chance.between(2.5, 6)
    length = min(count, int(chance.between(0.4, 2) * RATE))
    at = np.linspace(0, 1, length)
    hz = low * ratio**at if chance.rng.random() < 0.5 else low * (1 + (ratio - 1) * at)
    one = faded(wave_of(chance, np.minimum(hz, 3800)))
    return np.tile(one, -(-count // length))[:count]


def falling(chance: Chance, count: int) -> np.ndarray:
    return rising(chance, count)[::-1].copy()


def siren(chance: Chance, count: int) -> np.ndarray:
    """Wails up and down, or two tones that take turns; at least a turn."""
    low, ratio = chance.between(450, 800), chance.between(1.7, 2.4)
    turns = max(chance.between(0.7, 4.5), 1.3 * RATE / count) * seconds(count) + chance.rng.random()
    if chance.rng.random() < 0.3:
        hz = np.where(turns % 1 < 0.5, low, low * chance.between(1.25, 1.5))
    else:
        hz = low * ratio ** (0.5 - 0.5 * np.cos(2 * np.pi * turns))
    return faded(wave_of(chance, hz, (0.1, 0.7)))


def clock(chance: Chance, count: int) -> np.ndarray:
    every, hz, decay = chance.between(0.16, 0.45), chance.between(1300, 3000), chance.between(0.002, 0.007)
    tock, noisy, length = chance.between(0.7, 1.0), chance.between(0.1, 0.6), int(0.05 * RATE)

    def tick(number: int) -> tuple[float, np.ndarray]:
        body = ringing(chance, length, hz * (tock if number % 2 else 1), decay)
        return (number + 0.2) * every, body + noisy * chance.noise(length) * np.exp(-seconds(length) / decay)

    return placed(count, map(tick, itertools.count()))


def engine(chance: Chance, count: int) -> np.ndarray:
    """Strokes that are never alike, through a body with two resonances."""
    drift = 1 + 0.12 * np.sin(2 * np.pi * chance.between(0.1, 0.6) * seconds(count) + chance.rng.uniform(0, 6.28))
    strokes = np.cumsum(chance.between(16, 60) * drift / RATE)
    beaten = np.zeros(count)
    starts = np.flatnonzero(np.diff(np.floor(strokes), prepend=0) > 0)
    beaten[starts] = chance.rng.uniform(0.6, 1.4, len(starts)) * np.resize([1, chance.between(0.5, 1.0)], len(starts))
    rough = chance.noise(count) * np.exp(-4 * (strokes % 1)) * chance.between(0.05, 0.3)
    source = beaten + 0.3 * rough
    body = resonant(source, chance.between(90, 200), 80) * 3 + resonant(source, chance.between(400, 1100), 400)
    return body + 0.15 * rough * np.abs(body).max()


def rain(chance: Chance, count: int) -> np.ndarray:
    """Drops of all sizes over a rush."""
    drops, length = int(chance.between(60, 260) * count / RATE), int(0.03 * RATE)
    falls = sorted(chance.rng.uniform(0, count / RATE, drops))
    sizes = np.exp(chance.rng.normal(0, 0.8, drops))
    each = ((fall, size * ringing(chance, length, chance.between(700, 3000), chance.between(0.001, 0.006))) for fall, size in zip(falls, sizes))
    rush = lfilter([1], [1, -chance.between(0.2, 0.7)], chance.noise(count))
    return placed(count, each) + chance.between(0.04, 0.25) * rush


def hiss(chance: Chance, count: int) -> np.ndarray:
    tilt = chance.between(0.05, 0.5) * chance.one(-1, 1)
    return lfilter([1], [1, -tilt], chance.noise(count))


def bell(chance: Chance, count: int) -> np.ndarray:
    hz, decay = chance.between(260, 800), chance.between(0.35, 1.6)
    partials = [(ratio, np.exp(chance.rng.normal(0, 0.5)) / ratio**0.5) for ratio in (0.5, 1, 1.19, 1.5, 2, 2.51, 2.66, 3.01, 4.17) if ratio * hz < 3900]
    length = min(count, int(4 * decay * RATE))

    def stroke(number: int) -> tuple[float, np.ndarray]:
        one = sum(loud * ringing(chance, length, ratio * hz, decay / ratio**0.6) for ratio, loud in partials)
        return begin + number * every, one

    begin, every = chance.between(0.01, 0.15), chance.between(0.35, 1.6)
    return placed(count, map(stroke, itertools.count()))


def dog(chance: Chance, count: int) -> np.ndarray:
    """Bursts of a voice that begins high and falls, through a mouth that opens."""
    hz, first, second = chance.between(220, 520), chance.between(500, 1000), chance.between(1200, 2100)
    length, pause, rough = chance.between(0.09, 0.22), chance.between(0.12, 0.4), chance.between(0.15, 0.5)

    def bark(number: int) -> tuple[float, np.ndarray]:
        at = np.linspace(0, 1, int(length * RATE))
        pitch = hz * chance.rng.uniform(0.93, 1.07) * (0.75 + 0.45 * np.sin(np.pi * np.sqrt(at)))
        source = wave_of(chance, pitch, (0.75, 0.92)) + rough * chance.noise(len(at))
        shaped = resonant(source, first, 220) + 0.7 * resonant(source, second, 350)
        return 0.03 + number * (length + pause), shaped * np.sin(np.pi * at**0.45) ** 1.3

    return placed(count, map(bark, itertools.count()))


def bird(chance: Chance, count: int) -> np.ndarray:
    """Chirps that follow each other fast, in groups."""
    hz, swing, length = chance.between(2000, 3000), chance.between(1.1, 1.3), chance.between(0.035, 0.11)
    gap, group, pause, shape = chance.between(0.02, 0.08), int(chance.rng.integers(2, 9)), chance.between(0.08, 0.35), chance.one("up", "down", "both", "trill")

    def chirp(number: int) -> tuple[float, np.ndarray]:
        at = np.linspace(0, 1, int(length * RATE))
        bend = {"up": 2 * at - 1, "down": 1 - 2 * at, "both": np.sin(2 * np.pi * at), "trill": np.sin(2 * np.pi * 3 * at)}[shape]
        one = wave_of(chance, np.minimum(hz * chance.rng.uniform(0.95, 1.05) * swing**bend, 3850), (0.01, 0.1))
        return 0.02 + number * (length + gap) + number // group * pause, one * np.sin(np.pi * at)

    return placed(count, map(chirp, itertools.count()))


def hum(chance: Chance, count: int) -> np.ndarray:
    """50 or 60 Hz and what is above them, steady."""
    hz, fall = chance.one(50, 60), chance.between(0.6, 1.6)
    total = np.zeros(count)
    for number in range(1, 11):
        loud = number**-fall * np.exp(chance.rng.normal(0, 0.5)) * (1 if number % 2 == 0 or number == 1 else 0.5)
        total += loud * np.sin(2 * np.pi * hz * number * seconds(count) + chance.rng.uniform(0, 6.28))
    return total


def knock(chance: Chance, count: int) -> np.ndarray:
    hz, decay, wood = chance.between(110, 330), chance.between(0.015, 0.05), chance.between(2.2, 3.8)
    every, group, pause, length = chance.between(0.13, 0.3), int(chance.rng.integers(2, 6)), chance.between(0.2, 0.6), int(0.2 * RATE)

    def hit(number: int) -> tuple[float, np.ndarray]:
        body = ringing(chance, length, hz, decay) + 0.5 * ringing(chance, length, hz * wood, decay * 0.6)
        one = body + 0.5 * chance.noise(length) * np.exp(-seconds(length) / 0.004)
        return 0.03 + number * every * chance.rng.uniform(0.97, 1.03) + number // group * pause, one * chance.rng.uniform(0.7, 1.0)

    return placed(count, map(hit, itertools.count()))


def alarm(chance: Chance, count: int) -> np.ndarray:
    """Beeps, alone or in groups, all of one pitch."""
    hz, every, share = chance.between(800, 2600), chance.between(0.12, 0.5), chance.between(0.4, 0.65)
    group, pause, length = int(chance.rng.integers(2, 6)), float(chance.one(0.0, 0.0, chance.between(0.2, 0.5))), int(every * share * RATE)
    beep = faded(wave_of(chance, np.full(length, hz), (0.05, 0.6)), 0.004)
    return placed(count, ((0.02 + number * every + number // group * pause, beep) for number in itertools.count()))


class Voices:
    """Sentences of `listen`, said by espeak-ng; held out, by voices that training never hears."""

    def __init__(self) -> None:
        self.speaker = None

    def __call__(self, chance: Chance, count: int) -> np.ndarray:
        self.speaker = self.speaker or speech.Speaker()
        seed = int(chance.rng.integers(1 << 30))
        rng, language = random.Random(seed), str(chance.one(*sentences.LANGUAGES))
        how = speech.manner(rng, language, speech.UNHEARD if chance.held_out else speech.VARIANTS)
        total = np.zeros(0)
        for sentence in sentences.sentences(seed, chance.held_out):
            samples, _ = self.speaker.say(sentence.said(language), how)
            total = np.concatenate([total, np.zeros(RATE // 10), resample_poly(samples.astype(np.float64), RATE, speech.RATE)])
            if len(total) > count:
                first = int(chance.rng.integers(min(RATE // 2, len(total) - count) + 1))
                return total[first : first + count]


MAKERS: dict[str, Callable[[Chance, int], np.ndarray]] = {
    "low": lambda chance, count: tone(chance, count, 130, 380), "high": lambda chance, count: tone(chance, count, 1300, 3200), "rising": rising, "falling": falling, "siren": siren, "clock": clock,
    "engine": engine, "rain": rain, "hiss": hiss, "bell": bell, "dog": dog, "bird": bird, "speech": Voices(), "hum": hum, "knock": knock, "alarm": alarm}


def background(chance: Chance, count: int) -> np.ndarray:
    """Noise between white and brown."""
    return lfilter([1], [1, chance.between(0.02, 0.9) - 1], chance.noise(count))


def in_a_room(chance: Chance, samples: np.ndarray) -> np.ndarray:
    """With an echo that dies away."""
    tail_s, loud = chance.between(0.03, 0.2), chance.between(0.1, 0.6)
    count = int(2 * tail_s * RATE)
    tail = chance.noise(count) * np.exp(-seconds(count) / tail_s)
    return samples + loud * fftconvolve(samples, tail / np.sqrt((tail**2).sum()))[: len(samples)]


def clip(seed: int, name: str, held_out: bool, shortest_s: float, longest_s: float, above_db: tuple[float, float] = (10, 50)) -> np.ndarray:
    """A sound of that kind between -1 and 1, so many decibels above the noise around it: 32 bits."""
    chance = Chance([int(held_out), seed, [kind.name for kind in KINDS].index(name)], held_out)
    count = int(chance.rng.uniform(shortest_s, longest_s) * RATE)
    made = MAKERS[name](chance, count)
    if chance.rng.random() < ECHOES:
        made = in_a_room(chance, made)
    around = background(chance, count)
    made = made / np.sqrt((made**2).mean()) + around / around.std() * 10 ** (-chance.rng.uniform(*above_db) / 20)
    return (made * (chance.between(0.08, 0.9) / np.abs(made).max())).astype(np.float32)


def write_wav(to: Path, samples: np.ndarray) -> None:
    """8 or 16 bits, as the samples are."""
    with wave.open(str(to), "wb") as file:
        file.setparams((1, samples.itemsize, RATE, 0, "NONE", ""))
        file.writeframes(samples.tobytes())


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        heard = np.concatenate([clip(seed, kind.name, False, 1.0, 2.0) for seed in range(5)])
        write_wav(folder / f"{kind.name}.wav", np.round(heard * 32767).astype(np.int16))
