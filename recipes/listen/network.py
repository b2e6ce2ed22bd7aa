"""Network and tokenizer of the model that writes down what is said: the shape of whisper-tiny, small, with a window of five seconds."""

import itertools
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor, nn
from transformers import WhisperConfig, WhisperForConditionalGeneration

from recipes.listen import world
from recipes.listen.hearing import WINDOW_S
from recipes.listen.world import LANGUAGES

PIECES = 760  # what spells text
BANDS, POSITIONS, LONGEST = 80, WINDOW_S * 50, 64
SHAPE = dict(d_model=128, encoder_layers=4, decoder_layers=2, encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=512, decoder_ffn_dim=512)
STEP_S = 0.02
# In the order of the multilingual checkpoints.
END, START, TRANSLATE, TRANSCRIBE, LANGUAGE_MODEL, BEFORE, NO_SPEECH, NO_TIMES = (
    "<|endoftext|>", "<|startoftranscript|>", "<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>")
SPECIAL = [END, START, *(f"<|{code}|>" for code in LANGUAGES), TRANSLATE, TRANSCRIBE, LANGUAGE_MODEL, BEFORE, NO_SPEECH, NO_TIMES]
TIMES = [f"<|{step * STEP_S:.2f}|>" for step in range(POSITIONS + 1)]
IDS = {token: PIECES + at for at, token in enumerate(SPECIAL + TIMES)}
VOCABULARY = PIECES + len(IDS)
LETTERS = "-abcdefghijklmnopqrstuvwxyzäöüß "  # the first stands for no letter


def tokenizer(folder: Path) -> Tokenizer:
    """Trained once and kept in `folder`."""
    file = folder / "tokenizer.json"
    if not file.exists():
        made = Tokenizer(models.BPE())
        made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
        texts = (f" {text}" for one in itertools.islice(world.sentences(5), 30000) for text in (one.english, one.german))
        made.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=PIECES, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False))
        assert made.get_vocab_size() == PIECES, made.get_vocab_size()
        made.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
        made.add_tokens([AddedToken(token, special=False, normalized=False) for token in TIMES])  # as in the checkpoints, times are no special tokens
        assert all(made.token_to_id(token) == id for token, id in IDS.items())
        made.save(str(file))
    return Tokenizer.from_file(str(file))


def time_id(seconds: float) -> int:
    return IDS[TIMES[0]] + max(0, min(POSITIONS, round(seconds / STEP_S)))


class Learner(nn.Module):
    """Whisper, and a head that is only for learning: which letter is spoken at each position."""

    def __init__(self) -> None:
        super().__init__()
        end = IDS[END]
        config = WhisperConfig(
            **SHAPE, vocab_size=VOCABULARY, num_mel_bins=BANDS, max_source_positions=POSITIONS, max_target_positions=LONGEST, dropout=0.0, attention_dropout=0.0, activation_dropout=0.0,
            pad_token_id=end, bos_token_id=end, eos_token_id=end, decoder_start_token_id=IDS[START], suppress_tokens=None, begin_suppress_tokens=None)
        self.whisper = WhisperForConditionalGeneration(config)
        self.letters = nn.Linear(SHAPE["d_model"], len(LETTERS))
        self.letters.weight.by_adam = True
        self._begin()

    @torch.no_grad()
    def _begin(self) -> None:
        for name, parameter in self.whisper.named_parameters():
            if parameter.ndim == 2 and "embed" not in name:
                nn.init.orthogonal_(parameter, 0.5 if "out_proj" in name or "fc2" in name else 1.0)
            if parameter.ndim == 3:
                nn.init.normal_(parameter, std=(2 / parameter[0].numel()) ** 0.5)

    def encode(self, bands: Tensor) -> Tensor:
        """(b, 80, 2 n) to (b, n, width), for any n up to that of a window."""
        encoder = self.whisper.model.encoder
        xs = nn.functional.gelu(encoder.conv1(bands))
        xs = nn.functional.gelu(encoder.conv2(xs)).transpose(1, 2)
        xs = xs + encoder.embed_positions.weight[: xs.shape[1]]
        for layer in encoder.layers:
            xs = layer(xs, None, None)[0]
        return encoder.layer_norm(xs)

    def decode(self, states: Tensor, seen: Tensor) -> Tensor:
        """(b, n, width) and ids (b, m) to (b, m, width)."""
        return self.whisper.model.decoder(input_ids=seen, encoder_hidden_states=states, use_cache=False).last_hidden_state
