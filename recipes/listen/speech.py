"""Lets espeak-ng (its library, version 1.51) say sentences of `world.py`, in many voices."""

import ctypes
import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from recipes.listen import world
from recipes.listen.world import ENGLISH, LANGUAGES, Sentence

RATE = 16_000
ACCENTS = {ENGLISH: ["en-us", "en-gb-x-rp"], "de": ["de"]}
VARIANTS = ["", "+m1", "+m2", "+m3", "+m4", "+m6", "+m7", "+f1", "+f2", "+f3", "+f5"]
UNHEARD = ["+f4", "+m5"]  # variants that training never hears
WORDS_A_MINUTE, PITCH, RANGE = (130, 200), (30, 70), (35, 65)
QUIET = 0.002  # of the loudest sample: softer samples before and after a sentence are cut off


class Event(ctypes.Structure):
    """`espeak_EVENT` of espeak-ng's speak_lib.h."""

    _fields_ = [("kind", ctypes.c_int), ("identifier", ctypes.c_uint), ("text_position", ctypes.c_int), ("length", ctypes.c_int),
                ("audio_ms", ctypes.c_int), ("sample", ctypes.c_int), ("user", ctypes.c_void_p), ("of", ctypes.c_char * 8)]


END, WORD = 0, 1  # kinds of events
SYNCHRONOUS = 2  # samples are given to the callback, and all of them before a call returns
RATE_PARAMETER, PITCH_PARAMETER, RANGE_PARAMETER, UTF8 = 1, 3, 4, 1
Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))


def loud_part(raw: np.ndarray) -> tuple[int, int]:
    """Where the silence before ends, and where the one after begins."""
    loud = np.flatnonzero(np.abs(raw) > QUIET * np.abs(raw).max())
    return loud[0], loud[-1] + 1


@dataclass(frozen=True)
class Manner:
    """How a sentence is said."""

    voice: str
    words_a_minute: int = 165
    pitch: int = 50
    range: int = 50


class Speaker:
    """espeak-ng, which is one for the whole process; `options` say which further events it tells."""

    def __init__(self, options: int = 0) -> None:
        self.library = ctypes.CDLL("libespeak-ng.so.1")
        self.rate = self.library.espeak_Initialize(SYNCHRONOUS, 200, None, options)
        self.samples, self.words, self.voice = [], {}, None
        self.callback = Callback(self._take)
        self.library.espeak_SetSynthCallback(self.callback)

    def _take(self, samples, count: int, events) -> int:
        if samples and count:
            self.samples.append(np.ctypeslib.as_array(samples, (count,)).copy())
        at = 0
        while events[at].kind != END:
            if events[at].kind == WORD:
                self.words[events[at].text_position - 1] = events[at].audio_ms
            at += 1
        return 0

    def use(self, manner: Manner) -> None:
        if manner.voice != self.voice:
            assert self.library.espeak_SetVoiceByName(manner.voice.encode()) == 0, manner.voice
            self.voice = manner.voice
        for parameter, value in ((RATE_PARAMETER, manner.words_a_minute), (PITCH_PARAMETER, manner.pitch), (RANGE_PARAMETER, manner.range)):
            self.library.espeak_SetParameter(parameter, value, 0)

    def spoken(self, text: str, manner: Manner) -> np.ndarray:
        """Samples of up to 16 bits at `RATE`, with the silence around them."""
        self.use(manner)
        self.samples, self.words = [], {}
        body = text.encode()
        assert self.library.espeak_Synth(body, ctypes.c_size_t(len(body) + 1), 0, 0, 0, UTF8, None, None) == 0
        return resample_poly(np.concatenate(self.samples).astype(np.float32), RATE // 50, self.rate // 50)

    def say(self, text: str, manner: Manner) -> tuple[np.ndarray, list[int]]:
        """Samples of 16 bits at `RATE`, and at which of them each word begins; no words where espeak-ng joined some."""
        raw = self.spoken(text, manner)
        first, last = loud_part(raw)
        samples = np.clip(raw[first:last], -32768, 32767).astype(np.int16)
        places = [at for at, letter in enumerate(text) if letter != " " and (at == 0 or text[at - 1] == " ")]
        begins = [min(max(0, self.words[at] * RATE // 1000 - int(first)), len(samples)) for at in places if at in self.words]
        return samples, begins if len(begins) == len(places) else []


def manner(rng: random.Random, language: str, variants: list[str]) -> Manner:
    return Manner(rng.choice(ACCENTS[language]) + rng.choice(variants), rng.randint(*WORDS_A_MINUTE), rng.randint(*PITCH), rng.randint(*RANGE))


@dataclass(frozen=True)
class Clip:
    """A sentence as it was said."""

    samples: np.ndarray  # 16 bits
    begins: list[int]
    sentence: Sentence
    language: str
    voice: str

    @property
    def text(self) -> str:
        return self.sentence.said(self.language)


def clips(seed: int, count: int, held_out: bool = False, variants: list[str] = VARIANTS) -> list[Clip]:
    """As many of each language."""
    rng, speaker, said = random.Random(seed), Speaker(), []
    for at, sentence in zip(range(count), world.sentences(seed, held_out)):
        language = LANGUAGES[at % len(LANGUAGES)]
        how = manner(rng, language, variants)
        said.append(Clip(*speaker.say(sentence.said(language), how), sentence, language, how.voice))
    return said


def save(folder: Path, all: list[Clip]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "samples.npy", np.concatenate([clip.samples for clip in all]))
    rows = [[len(clip.samples), clip.begins, clip.sentence.english, clip.sentence.german, clip.language, clip.voice] for clip in all]
    (folder / "clips.json").write_text(json.dumps(rows, ensure_ascii=False))


def load(folder: Path) -> list[Clip]:
    samples, at, all = np.load(folder / "samples.npy", mmap_mode="r"), 0, []
    for length, begins, english, german, language, voice in json.loads((folder / "clips.json").read_text()):
        all.append(Clip(samples[at : at + length], begins, Sentence(english, german), language, voice))
        at += length
    return all
