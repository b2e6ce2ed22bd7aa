"""How well a sentence is said: what Wick Listen makes of it, and how far its bands are from espeak-ng's."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from transformers import VitsModel

from recipes.listen import scores
from recipes.listen.evaluate import Reference
from recipes.listen.world import ENGLISH
from recipes.speak import losses, network
from recipes.speak.speech import Reading

LISTENER = Path("www/models/wick-listen")
DECIBELS = 20 / np.log(10)  # of a natural logarithm


class Listener:
    """Writes down what it hears, in English."""

    def __init__(self) -> None:
        self.reference = Reference(LISTENER)

    def texts(self, sounds: list[np.ndarray]) -> list[str]:
        return self.reference.texts(sounds, ENGLISH, "transcribe")

    def word_errors(self, sounds: list[np.ndarray], wanted: list[str]) -> float:
        return scores.word_error_rate(list(zip(self.texts(sounds), wanted)))


def plainly(model: VitsModel) -> VitsModel:
    """`model` without any chance."""
    model.noise_scale = model.noise_scale_duration = 0.0
    return model


@torch.no_grad()
def say(model: VitsModel, phonemes: str) -> np.ndarray:
    return model(torch.tensor([network.ids(phonemes)])).waveform[0].numpy()


@torch.no_grad()
def say_in(model: VitsModel, phonemes: str, durations: list[int]) -> np.ndarray:
    """As long as is asked, without noise."""
    tokens = torch.tensor([network.ids(phonemes)])
    out = model.text_encoder(tokens, torch.ones(1, tokens.shape[1], 1))
    means = out.prior_means.repeat_interleave(torch.tensor(durations), 1).transpose(1, 2)
    return model.decoder(model.flow(means, torch.ones(1, 1, means.shape[2]), reverse=True))[0, 0].numpy()


def sound_of(reading: Reading) -> np.ndarray:
    return reading.samples.astype(np.float32) / 32768


def apart_db(said: np.ndarray, wanted: np.ndarray) -> float:
    """Mean difference of the bands' levels; bands under the softest level count as that."""
    one, other = (losses.log_mel(torch.from_numpy(sound)[None]) for sound in (said, wanted))
    return float((one - other).abs().mean() * DECIBELS)


@torch.no_grad()
def durations(model: VitsModel, phonemes: str) -> list[int]:
    """Frames of each token, without noise, as `VitsModel.forward` has them."""
    tokens = torch.tensor([network.ids(phonemes)])
    inside = torch.ones(1, tokens.shape[1], 1)
    states: Tensor = model.text_encoder(tokens, inside).last_hidden_state.transpose(1, 2)
    logs = model.duration_predictor(states, inside.transpose(1, 2), None, reverse=True, noise_scale=0.0)
    return logs.exp().ceil()[0, 0].int().tolist()


def measures(model: VitsModel, readings: list[Reading]) -> dict[str, float]:
    """Of the model without noise, against espeak-ng."""
    said, real = [say(model, one.phonemes) for one in readings], [sound_of(one) for one in readings]
    forced = [say_in(model, one.phonemes, one.durations) for one in readings]
    return {
        "apart_db": float(np.mean([apart_db(one, other) for one, other in zip(forced, real)])),
        "louder_db": float(np.mean([20 * np.log10(one.std() / other.std()) for one, other in zip(said, real)])),
        "longer": sum(map(len, said)) / sum(map(len, real)) - 1,
        "durations_off": float(np.mean([abs(mine - its) for one in readings for mine, its in zip(durations(model, one.phonemes), one.durations)]))}


def figures(model: VitsModel, readings: list[Reading], listener: Listener) -> dict[str, float]:
    """The same, and the words that the listener gets wrong."""
    plainly(model)
    texts = [one.text for one in readings]
    sounds = {"word_errors": [say(model, one.phonemes) for one in readings], "word_errors_of_espeak": [sound_of(one) for one in readings],
              "word_errors_in_espeaks_time": [say_in(model, one.phonemes, one.durations) for one in readings]}
    return {**{name: listener.word_errors(said, texts) for name, said in sounds.items()}, **measures(model, readings)}
