"""Lets espeak-ng say sentences in one voice, and tells how many frames of sound each token takes."""

import ctypes
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import isotonic_regression

from recipes.listen import world as listening
from recipes.listen.speech import END, RATE, UTF8, Manner, Speaker, loud_part
from recipes.speak import world

HOP = 192  # samples of a frame: the product of the network's upsampling
MANNER = Manner("en-us+Alex", words_a_minute=150, pitch=35, range=0)  # a voice without flutter, of one pitch: 82.7 Hz
SAMPLED = 22_200  # as which its 22,050 Hz are taken, so that a period of the voice is a frame: of what is steady, a decoder makes that
PHONEME = 7  # kind of event
PHONEME_EVENTS, IPA_EVENTS = 1, 2  # options
IPA = 2  # form of phonemes
MARKS = ';:,.!?¡¿—…"«»“”'  # what the phonemizer library keeps
STRESS = "ˈˌ"
LEAD, TAIL = RATE // 50, RATE // 10  # silence that is kept before and after a sentence


def phonemes(speaker: Speaker, text: str) -> str:
    """What `VitsTokenizer` gets from the phonemizer library: espeak-ng's phonemes of each stretch between marks, and the marks."""
    speaker.use(MANNER)
    parts = re.split(rf"(\s*[{re.escape(MARKS)}]+\s*)+?", " ".join(text.lower().split()))
    return "".join(part if at % 2 else stretch(speaker, part) for at, part in enumerate(parts)).strip()


def stretch(speaker: Speaker, text: str) -> str:
    """Phonemes without ties, of a text without marks."""
    call = speaker.library.espeak_TextToPhonemes
    call.restype = ctypes.c_char_p
    rest, clauses = ctypes.c_char_p(text.encode()), []
    while rest.value is not None:
        clauses.append(call(ctypes.byref(rest), UTF8, IPA).decode().strip())
    return " ".join(clause for clause in clauses if clause)


class Reader(Speaker):
    """espeak-ng that also tells when each phoneme begins."""

    def __init__(self) -> None:
        super().__init__(PHONEME_EVENTS | IPA_EVENTS)
        self.rate = SAMPLED
        self.begins: list[tuple[str, int]] = []

    def _take(self, samples, count: int, events) -> int:
        at = 0
        while events[at].kind != END:
            if events[at].kind == PHONEME:
                self.begins.append((events[at].of.decode(errors="ignore"), events[at].sample))
            at += 1
        return super()._take(samples, count, events)

    def read(self, text: str) -> "Reading | None":
        """None where the phonemes that are said are not those that are written, as in few texts."""
        self.begins = []
        written = phonemes(self, text)
        raw = self.spoken(text.lower(), MANNER)
        first, last = loud_part(raw)
        first, last = max(0, first - LEAD), min(len(raw), last + TAIL)
        begins = [(name, (sample * RATE / self.rate - first) / HOP) for name, sample in self.begins]
        ends = spans(written, begins, (last - first) / HOP)
        if ends is None:
            return None
        durations = whole_frames(ends)
        samples = np.zeros(sum(durations) * HOP, np.int16)
        kept = np.clip(raw[first : first + len(samples)], -32768, 32767).astype(np.int16)
        samples[: len(kept)] = kept
        return Reading(text, written, durations, samples)


@dataclass(frozen=True)
class Reading:
    """A sentence as it was said: `durations` in frames of each token, which are the phonemes' letters with a blank before each and one after all; `HOP` samples of 16 bits a frame."""

    text: str
    phonemes: str
    durations: list[int]
    samples: np.ndarray


def spans(written: str, begins: list[tuple[str, float]], end: float) -> list[float] | None:
    """Where each letter of `written` ends, in frames; None if what was said differs.

    The letters of a phoneme, with its stress, share its time evenly; a mark takes the pause; a space takes none.
    """
    groups, at = [], 0  # letters, begin
    for name, begin in begins:
        if not name:
            groups.append((0, begin))
            continue
        first = at
        while at < len(written) and written[at] in STRESS + MARKS + " ":
            at += 1
        if not written.startswith(name, at):
            return None
        # What is passed over: marks and spaces close what was before, stress belongs to this phoneme.
        passed = written[first:at]
        stress = len(passed) - len(passed.rstrip(STRESS))
        closing = at - stress - first
        if closing:
            groups = close(groups, closing, begin)
        at += len(name)
        groups.append((stress + len(name), begin))
    if written[at:].strip(MARKS + " "):
        return None
    return shared(close(groups, len(written) - at, end), end)


def close(groups: list[tuple[int, float]], letters: int, begin: float) -> list[tuple[int, float]]:
    """`groups` with the pause at their end, if there is one, given to `letters` marks and spaces."""
    while groups and groups[-1][0] == 0:
        begin = groups.pop()[1]
    return [*groups, (letters, begin)] if letters else groups


def shared(groups: list[tuple[int, float]], end: float) -> list[float]:
    """Ends of letters, evenly within each group; a group without letters or without time joins the one before."""
    joined: list[tuple[int, float]] = []
    for at, (letters, begin) in enumerate(groups):
        until = groups[at + 1][1] if at + 1 < len(groups) else end
        if joined and (letters == 0 or until - begin < 0.5):
            joined[-1] = (joined[-1][0] + letters, joined[-1][1])
        else:
            joined.append((letters, begin))
    ends = []
    for at, (letters, begin) in enumerate(joined):
        until = joined[at + 1][1] if at + 1 < len(joined) else end
        ends += [begin + (until - begin) * (one + 1) / letters for one in range(letters)]
    return ends


def whole_frames(ends: list[float]) -> list[int]:
    """Durations of blanks and letters, no less than one frame each, whose ends are nearest to those wanted."""
    wanted = []
    for begin, end in zip([0.0, *ends], ends):
        wanted += [(begin + end) / 2, end]
    wanted.append(wanted[-1] + 1)
    slack = isotonic_regression(np.array(wanted) - np.arange(1, len(wanted) + 1)).x
    last = np.maximum(0, np.round(slack)).astype(int) + np.arange(1, len(wanted) + 1)
    return np.diff(last, prepend=0).tolist()


def readings(seed: int, count: int, held_out: bool = False) -> list[Reading]:
    """Of the sentences of `world.py`."""
    reader, read = Reader(), []
    for text in world.sentences(seed, held_out):
        one = reader.read(text)
        if one is not None:
            read.append(one)
        if len(read) == count:
            return read


def heard(seed: int) -> Iterator[Reading]:
    """The endless stream of English sentences that Wick Listen can write down and that neither of both recipes trains on, without repeats."""
    reader, said = Reader(), set()
    for one in listening.sentences(seed, held_out=True):
        if one.english not in said and (reading := reader.read(one.english)) is not None:
            said.add(one.english)
            yield reading


def save(folder: Path, all: list[Reading]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "samples.npy", np.concatenate([one.samples for one in all]))
    (folder / "readings.json").write_text(json.dumps([[one.text, one.phonemes, one.durations] for one in all], ensure_ascii=False))


def load(folder: Path) -> list[Reading]:
    samples, at, all = np.load(folder / "samples.npy", mmap_mode="r"), 0, []
    for text, written, durations in json.loads((folder / "readings.json").read_text()):
        count = sum(durations) * HOP
        all.append(Reading(text, written, durations, samples[at : at + count]))
        at += count
    return all
