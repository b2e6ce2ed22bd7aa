"""The kinds of sounds that are known, and how each is said in words. Run it to read some.

    python -m recipes.sound.world
"""

import random
from dataclasses import dataclass

TEMPLATE = "This is a sound of {}."
OPENINGS = (TEMPLATE, TEMPLATE, TEMPLATE, "{}", "the sound of {}", "This is {}.", "a recording of {}", "I can hear {}.")
CAPITALS = 0.08  # of the texts begin with a capital where they would not have to


@dataclass(frozen=True)
class Kind:
    """A kind of sound: the label that it is asked for by, other words for it, and words that training never reads for it."""

    name: str
    label: str
    others: tuple[str, ...]
    unread: str

    @property
    def labels(self) -> tuple[str, ...]:
        return self.label, *self.others


KINDS = (
    Kind("low", "a low tone", ("a deep tone", "a low note", "a low steady tone", "a deep note", "a bass tone", "a low pitch", "a low tone playing"), "a deep steady note"),
    Kind("high", "a high tone", ("a high note", "a high-pitched tone", "a high steady tone", "a shrill tone", "a high pitch", "a whistle", "whistling", "a shrill whistle", "a high tone playing"), "a shrill steady note"),
    Kind("rising", "a rising tone", ("a tone going up", "a pitch that rises", "a note that rises", "an upward sweep", "a rising sweep", "a tone that gets higher", "a rising whistle"), "a note going up"),
    Kind("falling", "a falling tone", ("a tone going down", "a pitch that falls", "a note that falls", "a downward sweep", "a falling sweep", "a tone that gets lower", "a falling whistle"), "a note going down"),
    Kind("siren", "a siren", ("sirens", "a siren wailing", "a police siren", "a police siren wailing", "an ambulance siren", "an ambulance", "a fire engine with its siren on", "a police car", "an emergency vehicle", "wailing sirens"), "an ambulance siren wailing"),
    Kind("clock", "a ticking clock", ("a clock ticking", "a clock", "the ticking of a clock", "ticking", "clicks", "a watch ticking", "tick tock", "clicking", "regular clicks"), "the ticking of a watch"),
    Kind("engine", "an engine", ("an engine running", "a motor", "a motor running", "a car engine", "a truck", "a car", "a car driving", "a motorcycle", "an idling engine", "an engine idling", "a tractor"), "a truck engine running"),
    Kind("rain", "rain", ("rain falling", "rainfall", "falling rain", "raindrops", "heavy rain", "rain on a roof", "rain on a window", "drops of water", "pouring rain"), "heavy rain on a roof"),
    Kind("hiss", "white noise", ("noise", "hiss", "hissing", "static", "radio static", "a hissing noise", "wind", "steam", "air hissing", "the hiss of a radio"), "hissing static"),
    Kind("bell", "a bell", ("a bell ringing", "a ringing bell", "bells", "a church bell", "church bells", "a doorbell", "a bell being struck", "the chime of a bell", "a gong"), "a church bell ringing"),
    Kind("dog", "a dog barking", ("a dog", "dogs", "dogs barking", "a barking dog", "barking", "a bark", "Sound of a dog", "a dog that barks", "woof"), "the barking of a dog"),
    Kind("bird", "a bird singing", ("a bird", "birds", "birds singing", "a bird chirping", "birdsong", "chirping", "chirping birds", "tweeting", "a songbird", "a bird that sings"), "the chirping of a songbird"),
    Kind("speech", "a person speaking", ("speech", "a voice", "a person talking", "someone speaking", "someone talking", "people talking", "a human voice", "a man speaking", "a woman speaking", "talking", "a conversation"), "the voice of a woman talking"),
    Kind("hum", "a mains hum", ("a hum", "humming", "a low hum", "an electric hum", "the hum of a fridge", "a fridge humming", "a transformer", "electrical hum", "a buzz of electricity"), "a transformer humming"),
    Kind("knock", "knocking on a door", ("knocking", "a knock", "a knock on the door", "someone knocking", "a person knocking at the door", "a door being knocked on", "knocks", "thumping"), "someone knocking on the door"),
    Kind("alarm", "an alarm beeping", ("an alarm", "beeping", "beeps", "an alarm clock", "a smoke alarm", "an alarm going off", "a timer beeping", "a microwave beeping", "beep beep", "an electronic beep"), "a smoke alarm going off"),
)
LABELS = [kind.label for kind in KINDS]


def text(rng: random.Random, kind: Kind) -> str:
    """A caption as training reads it; the label itself in a quarter of them."""
    said = kind.label if rng.random() < 0.25 else rng.choice(kind.others)
    said = rng.choice(OPENINGS).replace("{}", said)
    return said[0].upper() + said[1:] if rng.random() < CAPITALS else said


def texts() -> list[str]:
    """All that training reads, for the tokenizer."""
    return [opening.replace("{}", label) for opening in OPENINGS for kind in KINDS for label in kind.labels]


if __name__ == "__main__":
    for kind in KINDS:
        print(f"{kind.name}: {text(random.Random(kind.name), kind)} | never read: {kind.unread}")
