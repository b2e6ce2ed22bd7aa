"""The tokenizer, the chat template, and conversations as token ids with a mark on what the model has to say."""

import itertools
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

PAD, START, END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
SPECIAL = [PAD, START, END]
TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def train_tokenizer(texts: Iterable[str], vocabulary: int) -> Tokenizer:
    """Byte-level BPE split as GPT-2 splits, in which every digit stays a token of its own."""
    tokenizer = Tokenizer(models.BPE())
    gpt2 = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    # Digits are kept apart only while the merges are learnt: no merge then joins two, so the plain GPT-2 split reads them alike.
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([gpt2, pre_tokenizers.Digits(individual_digits=True)])
    trainer = trainers.BpeTrainer(vocab_size=vocabulary, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.pre_tokenizer = gpt2
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def open_tokenizer(folder: Path) -> Tokenizer:
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def render(messages: list[dict], *, asking: bool) -> str:
    """What `TEMPLATE` makes of `messages`; `asking` opens the assistant's turn."""
    text = "".join(f"{START}{m['role']}\n{m['content']}{END}\n" for m in messages)
    return text + f"{START}assistant\n" if asking else text


def encode(tokenizer: Tokenizer, conversation: list[dict]) -> tuple[list[int], list[bool]]:
    """Token ids, and for each whether the assistant says it."""
    ids, said = [], []
    end, line = tokenizer.token_to_id(END), tokenizer.encode("\n").ids
    for message in conversation:
        speaks = message["role"] == "assistant"
        head = f"{START}{message['role']}\n"
        parts = [(head, False), (message["content"], True)] if speaks else [(head + message["content"], False)]
        for text, counts in parts:
            new = tokenizer.encode(text).ids
            ids += new
            said += [counts] * len(new)
        ids += [end, *line]
        said += [speaks] + [False] * len(line)
    return ids, said


def batches(tokenizer: Tokenizer, conversations: Iterator[list[dict]], *, tokens: int, context: int) -> Iterator[list[tuple[list[int], list[bool]]]]:
    """Batches of conversations of similar length, about `tokens` each with padding, in random order."""
    rng = random.Random(0)
    while True:
        pool = [pair for pair in (encode(tokenizer, c) for c in itertools.islice(conversations, 1500)) if len(pair[0]) <= context]
        pool.sort(key=lambda pair: len(pair[0]))
        ready, batch = [], []
        for pair in pool:
            if batch and (len(batch) + 1) * len(pair[0]) > tokens:
                ready.append(batch)
                batch = []
            batch.append(pair)
        rng.shuffle(ready)
        yield from ready
