"""A tiny seeded Whisper with a tokenizer of its own, and what the reference writes down of sounds with it.

Made with torch 2.15, transformers 4.57.6, tokenizers 0.22, scipy 1.17; run as `python tests/golden/transcribe.py`.

In `transcribe/`: a checkpoint as the hub has it, whose window is a second instead of thirty; `cases.json` with what
`WhisperForConditionalGeneration.generate` and the pipeline's `_decode_asr` make of sounds that `sound` makes of whole
numbers, so that a test can make them, too; `merged.json` with streams of tokens and what `_decode_asr` makes of them;
`zlib.json` with lists of tokens and how long zlib makes them; `resampled.json` with sums of sines and what
`scipy.signal.resample_poly` makes of them.
"""

import json
import math
import random
import zlib
from pathlib import Path

import numpy as np
import torch
import transformers as tf
from scipy.signal import resample_poly
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers.models.whisper import tokenization_whisper
from transformers.models.whisper.tokenization_whisper import _decode_asr

HERE = Path(__file__).parent / "transcribe"
TEXT = """the quick brown fox jumps over the lazy dog. she sells sea shells by the sea shore; how much wood would a wood
chuck chuck if a wood chuck could chuck wood? one two three four five six seven eight nine ten. the rain in spain stays
mainly in the plain, and the sun is not here. Guten Tag, wie geht es Ihnen? Où est la gare?"""
LANGUAGES = ["en", "de", "fr", "haw"]
SPECIAL = ["<|endoftext|>", "<|startoftranscript|>", *[f"<|{code}|>" for code in LANGUAGES], "<|translate|>",
           "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]
TIMES = [f"<|{i * 0.02:.2f}|>" for i in range(51)]
RATE = 16000
POSITIONS = 40


def tokenizer_file():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=330, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(TEXT.split("\n"), trainer)
    tokenizer.add_special_tokens(SPECIAL)
    # As in the checkpoints, times are no special tokens.
    tokenizer.add_tokens(TIMES)
    tokenizer.save(str(HERE / "tokenizer.json"))


def sound(count, seed=1):
    state, values = seed, []
    for i in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        part = i // 2400
        period = 20 + part * 7 % 60
        tone = abs(i % period * 65536 // period - 32768) - 16384
        noise = (state >> 16) - 16384
        values.append((tone * (1 + part * 5 % 8) // 8 + noise // 8) / 32768)
    return np.array(values, dtype=np.float32)


def model_of(tokenizer, seed):
    """A model that ends its answers now and then and tells times in pairs."""
    torch.manual_seed(seed)
    end = tokenizer.convert_tokens_to_ids("<|endoftext|>")
    start = tokenizer.convert_tokens_to_ids("<|startoftranscript|>")
    config = tf.WhisperConfig(
        vocab_size=len(tokenizer), d_model=24, encoder_layers=1, encoder_attention_heads=2, encoder_ffn_dim=32,
        decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=32, num_mel_bins=16, max_source_positions=50,
        max_target_positions=POSITIONS, pad_token_id=end, bos_token_id=end, eos_token_id=end, decoder_start_token_id=start,
        suppress_tokens=None, begin_suppress_tokens=None)
    model = tf.WhisperForConditionalGeneration(config).float().eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" in name.lower() and name.endswith("weight"):
                weight.uniform_(0.6, 1.4)
            elif weight.dim() == 1:
                weight.uniform_(-0.3, 0.3)
            else:
                weight.normal_(0, 0.3)
    generation = tf.GenerationConfig(
        begin_suppress_tokens=[tokenizer.encode(" ", add_special_tokens=False)[0], end], bos_token_id=end, eos_token_id=end,
        pad_token_id=end, decoder_start_token_id=start, max_length=POSITIONS, suppress_tokens=[5, 17, 40, 41, 99])
    generation.is_multilingual = True
    generation.lang_to_id = {f"<|{code}|>": tokenizer.convert_tokens_to_ids(f"<|{code}|>") for code in LANGUAGES}
    generation.task_to_id = {task: tokenizer.convert_tokens_to_ids(f"<|{task}|>") for task in ("transcribe", "translate")}
    generation.no_timestamps_token_id = tokenizer.convert_tokens_to_ids("<|notimestamps|>")
    generation.prev_sot_token_id = tokenizer.convert_tokens_to_ids("<|startofprev|>")
    generation.max_initial_timestamp_index = 10
    generation.return_timestamps = False
    model.generation_config = generation
    return model


class Reference:
    def __init__(self, seed):
        self.tokenizer = tf.WhisperTokenizerFast(tokenizer_file=str(HERE / "tokenizer.json"), clean_up_tokenization_spaces=True)
        # The published checkpoints say so in a file of their own.
        self.tokenizer.add_special_tokens({"additional_special_tokens": SPECIAL[1:]})
        self.features = tf.WhisperFeatureExtractor(feature_size=16, chunk_length=1)
        self.model = model_of(self.tokenizer, seed)
        self.doubts = []
        plain = self.model._need_fallback

        def need_fallback(tokens, outputs, index, processors, config, size, temperature):
            needs, skips = plain(tokens, outputs, index, processors, config, size, temperature)
            doubt = {"ratio": self.model._retrieve_compression_ratio(tokens, size), "again": needs, "skipped": skips}
            if config.logprob_threshold is not None:
                doubt["log_probability"] = float(self.model._retrieve_avg_logprobs(outputs[index]["scores"], tokens, temperature))
            if config.no_speech_threshold is not None:
                doubt["no_speech"] = float(processors[0].no_speech_prob[index])
            self.doubts.append(doubt)
            return needs, skips

        self.model._need_fallback = need_fallback

    def hear(self, samples):
        if len(samples) <= RATE:
            return self.features(samples, sampling_rate=RATE, return_tensors="pt").input_features
        return self.features(samples, sampling_rate=RATE, return_tensors="pt", truncation=False, padding="longest").input_features

    @torch.no_grad()
    def ask(self, samples, prompt="", **how):
        mel = self.hear(samples)
        how = {"task": "transcribe", **how}
        if prompt:
            how["prompt_ids"] = torch.tensor(self.tokenizer.get_prompt_ids(prompt))
        self.doubts.clear()
        answer = self.model.generate(mel, return_segments=True, **how)
        chunks = [[round(float(s["start"]), 4), round(float(s["end"]), 4), self.spell(s["tokens"])] for s in answer["segments"][0]]
        return {"tokens": [s["tokens"].tolist() for s in answer["segments"][0]], "chunks": [c for c in chunks if c[2]],
                "doubts": list(self.doubts)}

    def spell(self, tokens):
        first = self.tokenizer.convert_tokens_to_ids("<|notimestamps|>") + 1
        return self.tokenizer.decode([t for t in tokens if t < first], skip_special_tokens=True)

    @torch.no_grad()
    def language(self, samples):
        start = torch.tensor([[self.model.config.decoder_start_token_id]])
        logits = self.model(self.hear(samples)[:, :, :100], decoder_input_ids=start).logits[0, -1]
        ids = list(self.model.generation_config.lang_to_id.values())
        shares = logits[ids].softmax(-1)
        best = int(shares.argmax())
        return {"code": LANGUAGES[best], "probability": float(shares[best])}

    @torch.no_grad()
    def chunked(self, samples, **how):
        """As the pipeline: windows of a second, a sixth of it more at each side."""
        stride = round(RATE / 6)
        step, outputs = RATE - 2 * stride, []
        for begin in range(0, len(samples), step):
            part = samples[begin:begin + RATE]
            last = begin + RATE >= len(samples)
            left = stride if begin else 0
            if len(part) > left:
                mel = self.features(part, sampling_rate=RATE, return_tensors="pt").input_features
                tokens = self.model.generate(mel, **{"task": "transcribe", **how})
                sides = (len(part) / RATE, left / RATE, 0 if last else stride / RATE)
                outputs.append({"tokens": tokens.numpy(), "stride": sides})
            if last:
                break
        answer = self.merged(outputs, how.get("return_timestamps"))
        return {"text": answer["text"], "chunks": answer["chunks"]}

    def merged(self, outputs, timestamps):
        resolved, plain = [], tokenization_whisper._find_longest_common_sequence

        def find(*sequences):
            found = plain(*sequences)
            resolved.append([int(token) for token in found[0]])
            return found

        tokenization_whisper._find_longest_common_sequence = find
        text, more = _decode_asr(self.tokenizer, outputs, return_timestamps=timestamps, return_language=None, time_precision=0.02, segment_size=50)
        tokenization_whisper._find_longest_common_sequence = plain
        chunks = [[*chunk["timestamp"], chunk["text"]] for chunk in more.get("chunks", [])]
        return {"text": text, "chunks": chunks, "merged": resolved}


def cases(reference):
    one, long = sound(RATE), sound(53000, 7)
    fall = dict(temperature=(0.0,), compression_ratio_threshold=9.0, logprob_threshold=-99.0, no_speech_threshold=0.999999)
    every = {"plain": reference.ask(one), "short": reference.ask(one[:9600]), "language": reference.language(one),
             "language_long": reference.language(long)}
    for code in LANGUAGES:
        every[f"plain_{code}"] = reference.ask(one, language=code)
        every[f"timed_{code}"] = reference.ask(one, language=code, return_timestamps=True)
        every[f"translated_{code}"] = reference.ask(one, language=code, task="translate", return_timestamps=True)
        every[f"long_{code}"] = reference.ask(long, language=code, return_timestamps=True, **fall)
        every[f"long_conditioned_{code}"] = reference.ask(long, language=code, return_timestamps=True, condition_on_prev_tokens=True, **fall)
        every[f"chunked_{code}"] = reference.chunked(long, language=code, return_timestamps=True)
        every[f"chunked_plain_{code}"] = reference.chunked(long, language=code)
    every["prompted"] = reference.ask(one, prompt="the sea", language="en")
    every["long_prompted"] = reference.ask(long, prompt="the sea", language="en", return_timestamps=True, **fall)
    every["long_prompted_conditioned"] = reference.ask(long, prompt="the sea", language="en", return_timestamps=True, condition_on_prev_tokens=True, **fall)
    # A model that knows one language.
    generation = reference.model.generation_config
    generation.is_multilingual = False
    del generation.lang_to_id, generation.task_to_id
    every["english"] = reference.ask(one, task=None)
    every["english_timed"] = reference.ask(one, task=None, return_timestamps=True)
    every["english_long"] = reference.ask(long, task=None, return_timestamps=True, **fall)
    every["chunked_english"] = reference.chunked(long, task=None, return_timestamps=True)
    every["chunked_plain_english"] = reference.chunked(long, task=None)
    return every


def streams(reference):
    """Streams of tokens that overlap as speech does, some with repetitions, errors, nothing at all."""
    rng = random.Random(5)
    first = reference.tokenizer.convert_tokens_to_ids("<|notimestamps|>") + 1
    words = lambda count: [rng.randrange(60, 300) for _ in range(count)]

    def timed(said, begin, end, edges):
        """What is said between two moments, with times around runs of words; moments are hundredths of two seconds."""
        tokens, run = [], []
        for place, word in said:
            if begin <= place < end:
                if place in edges and run:
                    tokens += [first + place - begin]
                    run = []
                if not run:
                    tokens += [first + place - begin]
                run += [word]
                tokens += [word]
        return tokens + ([first + min(50, end - begin)] if run and rng.random() < 0.7 else [])

    every = []
    for number in range(45):
        length, sixth = 50, round(RATE / 6) / RATE
        total = rng.randrange(60, 220)
        said = [(place, word) for place, word in enumerate(words(total)) if rng.random() < 0.8]
        if number % 5 == 1:
            said = [(place, 70 + place % 3) for place, _ in said]
        edges = {place for place in range(total) if rng.random() < 0.12}
        outputs, begin = [], 0.0
        while True:
            last = begin + 1 >= total / 50
            end = min(begin + 1, total / 50)
            tokens = timed(said, round(begin * 50), round(end * 50), edges)
            if number % 4 == 2 and rng.random() < 0.3:
                tokens = []
            if number % 4 == 3:
                tokens = [rng.randrange(60, 300) if token < 300 and rng.random() < 0.15 else token for token in tokens]
            if number % 7 == 6:
                tokens = [token for token in tokens if token < first]
            if number % 6 == 4:
                tokens = tokens + [first - 12]
            if number % 9 == 7:
                # Nothing is told of the beginning.
                tokens = timed(said, round(begin * 50) + 15, round(end * 50), edges)
                tokens = [token + 15 if token >= first and token + 15 <= first + 50 else token for token in tokens]
            if number % 9 == 8:
                # Two windows of the sequential form, one after the other: the second begins at nought again.
                middle = round(begin * 50) + rng.randrange(10, 40)
                tokens = timed(said, round(begin * 50), middle, edges) + timed(said, middle, round(end * 50), edges)
            outputs.append({"tokens": tokens, "stride": [end - begin, sixth if begin else 0.0, 0.0 if last else sixth]})
            if last:
                break
            begin += 1 - 2 * sixth
        for timestamps in ([True, None] if number % 7 == 6 else [True]):
            arrays = [{"tokens": np.array([o["tokens"]], dtype=np.int64), "stride": tuple(o["stride"])} for o in outputs]
            answer = reference.merged(arrays, timestamps)
            chunks = [chunk[:2] for chunk in answer["chunks"]]
            every.append({"outputs": outputs, "timestamps": bool(timestamps), "chunks": chunks, "merged": answer["merged"]})
    return every


def lengths():
    """Lists of tokens and how long zlib makes their bytes."""
    rng, every = random.Random(3), []
    for size in (385, 51864, 51865):
        bytes_each = int(math.log2(size) / 8) + 1
        for kind in range(35):
            count = rng.choice([1, 2, 3, 5, 9, 20, 60, 150, 300, 448])
            few = [rng.randrange(size) for _ in range(rng.choice([1, 2, 4, 9, 30]))]
            tokens = {0: [rng.randrange(size) for _ in range(count)], 1: [rng.choice(few) for _ in range(count)],
                      2: [few[i % len(few)] for i in range(count)],
                      3: [few[i % len(few)] if rng.random() < 0.9 else rng.randrange(size) for i in range(count)],
                      4: [min(int(rng.expovariate(rng.choice([0.7, 0.05, 0.01]))), size - 1) for i in range(count)]}[kind % 5]
            raw = b"".join(token.to_bytes(bytes_each, "little") for token in tokens)
            every.append({"size": size, "tokens": tokens, "length": len(zlib.compress(raw))})
    return every


def resampled():
    """What `resample_poly` makes of sums of sines well below half of both rates, away from their ends."""
    every = []
    for old in (8000, 11025, 22050, 44100, 48000, 192000):
        tones = [(0.3, 150.0, 0.1), (0.25, 440.0, 1.2), (0.2, 1234.5, 2.3), (0.1, 2900.0, 0.7)]
        moments = np.arange(old // 4) / old
        samples = sum(loud * np.sin(2 * np.pi * hertz * moments + phase) for loud, hertz, phase in tones)
        divisor = math.gcd(old, RATE)
        answer = resample_poly(samples, RATE // divisor, old // divisor, window=("kaiser", 12.0))
        every.append({"rate": old, "tones": tones, "first": 400, "answer": [round(float(x), 6) for x in answer[400:1000:3]]})
    return every


def main():
    HERE.mkdir(exist_ok=True)
    tokenizer_file()
    seed = 11
    reference = Reference(seed)
    model = reference.model
    from safetensors.torch import save_file
    save_file({name: tensor.contiguous().clone() for name, tensor in model.state_dict().items() if name != "proj_out.weight"},
              HERE / "model.safetensors")
    (HERE / "config.json").write_text(json.dumps(model.config.to_dict(), indent=1, sort_keys=True) + "\n")
    (HERE / "generation_config.json").write_text(json.dumps(model.generation_config.to_dict(), indent=1, sort_keys=True) + "\n")
    (HERE / "preprocessor_config.json").write_text(json.dumps({k: v for k, v in reference.features.to_dict().items() if k != "mel_filters"}, indent=1, sort_keys=True) + "\n")
    (HERE / "tokenizer_config.json").write_text(json.dumps({"clean_up_tokenization_spaces": True, "tokenizer_class": "WhisperTokenizer"}) + "\n")
    (HERE / "cases.json").write_text(json.dumps(cases(reference), indent=None) + "\n")
    (HERE / "merged.json").write_text(json.dumps(streams(reference)) + "\n")
    (HERE / "resampled.json").write_text(json.dumps(resampled()) + "\n")
    (HERE / "zlib.json").write_text(json.dumps(lengths()) + "\n")


if __name__ == "__main__":
    main()
