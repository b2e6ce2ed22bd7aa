"""Windows of sound as they may come from a microphone, and what is said in them."""

import random
from dataclasses import dataclass, field

import numpy as np
import torch
from scipy.signal import fftconvolve
from torch import Tensor
from transformers import WhisperFeatureExtractor

from recipes.listen import world
from recipes.listen.speech import RATE, Clip

WINDOW_S, HOP, FRAME = 5, 160, 400
BINS = FRAME // 2 + 1
LEAD_S = 1.0  # longest silence before the first sentence


@dataclass(frozen=True)
class Segment:
    """A sentence that is heard whole."""

    begin_s: float
    end_s: float
    text: str
    english: str | None  # what it means; nothing of a sentence whose beginning is cut off


@dataclass
class Window:
    """Some seconds of sound, 32 bits, and the truth about it."""

    samples: np.ndarray
    language: str | None = None  # `None`: nothing is said
    segments: list[Segment] = field(default_factory=list)
    cut_s: float | None = None  # where a sentence begins that the end cuts off
    heard: str = ""  # all words that are heard whole
    ends_s: float = 0.0  # where the last sentence ends

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE


def place(window: Window, clip: Clip, at: int) -> None:
    """Puts a sentence into a window, or as much of it as there is room for. Its words have to be known if there is not enough."""
    room = len(window.samples) - at
    sound = clip.samples[:room].astype(np.float32) / 32768
    window.samples[at : at + len(sound)] += sound
    window.ends_s = (at + len(sound)) / RATE
    text = clip.text
    if len(clip.samples) <= room:
        window.segments.append(Segment(at / RATE, window.ends_s, text, clip.sentence.english))
    else:
        ends = [*clip.begins[1:], len(clip.samples)]
        text = " ".join(word for word, end in zip(text.split(), ends) if end <= room)
        window.cut_s = at / RATE
    window.language, window.heard = clip.language, f"{window.heard} {text}".strip()


def single(rng: random.Random, clip: Clip, samples: int) -> Window:
    window = Window(np.zeros(samples, np.float32))
    place(window, clip, rng.randint(0, max(0, min(int(LEAD_S * RATE), samples - len(clip.samples)))))
    return window


def double(rng: random.Random, clips: list[Clip], samples: int) -> Window:
    """Sentences one after the other, the last of which may be cut off by the end."""
    window, at = Window(np.zeros(samples, np.float32)), rng.randint(0, RATE // 2)
    for clip in clips:
        if at + RATE // 10 > samples or at + len(clip.samples) > samples and (not clip.begins or not window.segments):
            break
        place(window, clip, at)
        at += len(clip.samples) + int(rng.uniform(0.2, 1.0) * RATE)
    return window


def late(rng: random.Random, clip: Clip, samples: int) -> Window:
    """A sentence whose beginning is not in the window."""
    window, word = Window(np.zeros(samples, np.float32)), rng.randrange(1, len(clip.begins))
    first = max(0, clip.begins[word] - rng.randint(0, RATE // 20))
    sound = clip.samples[first : first + samples].astype(np.float32) / 32768
    window.samples[: len(sound)] = sound
    window.language, window.heard, window.ends_s = clip.language, " ".join(clip.text.split()[word:]), len(sound) / RATE
    window.segments.append(Segment(0.0, window.ends_s, window.heard, None))
    return window


class Room:
    """What a sound meets on its way: echoes, noise, and how loud it is."""

    def __init__(self, seed: int):
        rng = self.rng = np.random.default_rng(seed)
        count = 1 << 20
        white = rng.standard_normal(count)
        spectrum, at = np.fft.rfft(white), np.maximum(np.fft.rfftfreq(count), 1e-4)
        coloured = [np.fft.irfft(spectrum / at**power) for power in (0.0, 0.5, 1.0)]
        hum = sum(np.sin(2 * np.pi * 50 * k * np.arange(count) / RATE) / k for k in range(1, 12)) + 0.1 * white
        self.noises = [(noise / noise.std()).astype(np.float32) for noise in (*coloured, hum)]

    def noise(self, count: int) -> np.ndarray:
        noise = self.noises[self.rng.integers(len(self.noises))]
        at = self.rng.integers(len(noise) - count)
        return noise[at : at + count]

    def change(self, window: Window) -> None:
        rng, samples = self.rng, window.samples
        if window.language is None:
            window.samples = self.noise(len(samples)) * (0.0 if rng.random() < 0.2 else 10 ** rng.uniform(-4.5, -1.5))
            return
        if rng.random() < 0.3:
            length = int(rng.uniform(0.05, 0.25) * RATE)
            echo = rng.standard_normal(length).astype(np.float32) * np.exp(-6 * np.arange(length, dtype=np.float32) / length)
            echo *= rng.uniform(0.1, 0.5) / np.sqrt((echo**2).sum())
            echo[0] = 1.0
            samples = fftconvolve(samples, echo)[: len(samples)].astype(np.float32)
        loud = np.sqrt((samples**2).sum() / max(1, (np.abs(samples) > 1e-4).sum()))
        if rng.random() < 0.75:
            samples = samples + self.noise(len(samples)) * loud * 10 ** (-rng.uniform(8, 50) / 20)
        window.samples = samples * (rng.uniform(0.05, 1.0) / np.abs(samples).max())


FILTERS = torch.from_numpy(WhisperFeatureExtractor().mel_filters).float()  # (BINS, 80)
HANN = torch.hann_window(FRAME)


def mel(samples: Tensor, gains: Tensor | None = None, louder: Tensor | None = None) -> Tensor:
    """What `WhisperFeatureExtractor` makes of (b, n): (b, 80, n / HOP). `gains` (b, BINS) of powers; `louder` (b) is how much louder, in powers of ten, a moment outside the window is."""
    spectrum = torch.stft(samples, FRAME, HOP, window=HANN, return_complex=True)[..., :-1].abs() ** 2
    if gains is not None:
        spectrum = spectrum * gains[:, :, None]
    logs = (FILTERS.T @ spectrum).clamp(min=1e-10).log10()
    most = logs.amax(dim=(1, 2), keepdim=True)
    if louder is not None:
        most = most + louder[:, None, None]
    return (torch.maximum(logs, most - 8.0) + 4.0) / 4.0


def uneven(rng: np.random.Generator, windows: list[Window]) -> Tensor:
    """The bands of sounds, as different microphones hear them, with small gaps from which nothing can be learnt by heart."""
    count = len(windows)
    at = np.linspace(-1, 1, BINS)
    decibels = rng.uniform(-8, 8, (count, 1)) * at + rng.uniform(-5, 5, (count, 1)) * np.cos(np.pi * rng.uniform(0.5, 3, (count, 1)) * at + rng.uniform(0, 6, (count, 1)))
    decibels *= rng.random((count, 1)) < 0.6
    gains = 10 ** (decibels / 10)
    for row in np.flatnonzero(rng.random(count) < 0.15):
        gains[row, int(BINS * rng.uniform(0.42, 0.8)) :] *= 1e-5  # a narrow line
    louder = rng.uniform(0, 1.5, count) * (rng.random(count) < 0.15)
    bands = mel(torch.from_numpy(np.stack([window.samples for window in windows])).float(), torch.from_numpy(gains).float(), torch.from_numpy(louder).float())
    frames = bands.shape[2]
    for row, window in enumerate(windows):
        end = int(window.ends_s * 100) + 8
        if rng.random() < 0.15 and end < frames:
            bands[row, :, end:] = 0.0  # beyond the end of a long recording
        if rng.random() < 0.4:
            first, band, wide, long = rng.integers(frames - 16), rng.integers(70), rng.integers(1, 10), rng.integers(1, 14)
            bands[row, band : band + wide] = bands[row].mean()
            bands[row, :, first : first + long] = bands[row].mean()
    return bands


class Windows:
    """Endless batches of windows: short ones that are quickly learnt from, and whole ones with all that can be in them."""

    def __init__(self, clips: list[Clip], seed: int, seconds: float):
        self.rng, self.room, self.seconds = random.Random(seed), Room(seed), seconds
        self.clips = [clip for clip in clips if len(clip.samples) < (WINDOW_S - 0.2) * RATE]
        self.alike: dict[tuple[str, str], list[Clip]] = {}
        for clip in self.clips:
            self.alike.setdefault((clip.language, clip.voice), []).append(clip)
        self.short = self._short()

    def _short(self):
        while True:
            some = sorted(self.rng.sample(self.clips, 1024), key=lambda clip: len(clip.samples))
            batches, batch = [], []
            for clip in some:
                if batch and (len(batch) + 1) * len(clip.samples) > self.seconds * 0.85 * RATE:
                    batches.append(batch)
                    batch = []
                batch.append(clip)
            self.rng.shuffle(batches)
            yield from batches

    def _whole(self) -> Window:
        rng, samples = self.rng, WINDOW_S * RATE
        clip, kind = rng.choice(self.clips), rng.random()
        if kind < 0.05:
            return Window(np.zeros(samples, np.float32))
        if kind < 0.13 and len(clip.begins) > 2:
            return late(rng, clip, samples)
        if kind < 0.65:
            others = self.alike[clip.language, clip.voice]
            return double(rng, [clip, *rng.choices(others, k=3)], samples)
        return single(rng, clip, samples)

    def batch(self, whole: bool) -> tuple[list[Window], Tensor]:
        """Windows, all equally long, and their bands (b, 80, frames)."""
        if whole:
            windows = [self._whole() for _ in range(int(self.seconds / WINDOW_S))]
        else:
            clips = next(self.short)
            longest = len(clips[-1].samples) / RATE + self.rng.uniform(0.06, 0.4)
            samples = min(WINDOW_S * 50, int(longest * 50) + 1) * RATE // 50
            windows = [single(self.rng, clip, samples) for clip in clips]
        for window in windows:
            self.room.change(window)
        return windows, uneven(self.room.rng, windows)


def letters(window: Window) -> str:
    return world.letters(window.heard)


def plain(clip: Clip) -> Tensor:
    """A sentence by itself at the beginning of a whole window: (80, 500)."""
    samples = np.zeros(WINDOW_S * RATE, np.float32)
    samples[: len(clip.samples)] = clip.samples / 32768
    return mel(torch.from_numpy(samples)[None])[0]
