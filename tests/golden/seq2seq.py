"""Tiny seeded encoder-decoders and what the reference makes of them, and the layouts of real ones.

Made with torch 2.15, transformers 4.57.6, safetensors 0.8.0; run as `python tests/golden/seq2seq.py`.

For each family, in `seq2seq/<family>/`: `config.json` and `model.safetensors` as `transformers` writes them,
`golden.safetensors` with an input, its hidden states, and the logits of some steps in f32, and `answers.json`
with what `generate` answers under several settings. `seq2seq/layout.json` holds names and shapes of the
tensors of real checkpoints, whose networks are built on the meta device from their configurations; layers that
look alike are one entry, with `*` for their number.
"""

import json
import re
from pathlib import Path

import torch
import transformers as tf
from safetensors.torch import save_file

from encoder import seeded

HERE = Path(__file__).parent / "seq2seq"
SHAPE = dict(vocab_size=96, d_model=32, encoder_layers=2, encoder_attention_heads=4, encoder_ffn_dim=64, decoder_layers=2,
             decoder_attention_heads=4, decoder_ffn_dim=64, max_position_embeddings=80)
T5 = dict(vocab_size=96, d_model=32, d_kv=16, d_ff=64, num_layers=2, num_decoder_layers=2, num_heads=4, pad_token_id=0,
          decoder_start_token_id=0, eos_token_id=1)
TINY = {
    "bart": tf.BartConfig(**SHAPE, activation_function="gelu"),
    "blenderbot": tf.BlenderbotConfig(**SHAPE, scale_embedding=True, pad_token_id=0),
    "m2m_100": tf.M2M100Config(**SHAPE, scale_embedding=True),
    "marian": tf.MarianConfig(**SHAPE, scale_embedding=True, activation_function="swish", pad_token_id=95, eos_token_id=0,
                              decoder_start_token_id=95, forced_eos_token_id=0),
    "mbart": tf.MBartConfig(**SHAPE, scale_embedding=True),
    "t5": tf.T5Config(**T5, feed_forward_proj="relu"),
    "flan-t5": tf.T5Config(**T5, feed_forward_proj="gated-gelu", tie_word_embeddings=False),
}
INPUTS = [[5, 17, 90, 3, 64, 8, 21, 33, 2], [7], list(range(4, 74))]
STEPS = 20
# Where positions have no end: past the distance from which on all are one.
LONG_INPUTS, LONG_STEPS = [*INPUTS[:2], [(7 * j) % 90 + 3 for j in range(150)]], 140
# Ends are several, so that answers of a network that means nothing have different lengths.
ENDS = list(range(2, 96, 9))
BEAMS = dict(num_beams=4, max_length=24)
SETTINGS = {
    "greedy": dict(max_length=24),
    "greedy, new tokens": dict(max_new_tokens=9, min_new_tokens=5, eos_token_id=ENDS),
    "greedy, no repetition": dict(max_length=30, no_repeat_ngram_size=2, repetition_penalty=1.7),
    "beams": BEAMS,
    "beams, ends": dict(BEAMS, eos_token_id=ENDS),
    "beams, early": dict(BEAMS, eos_token_id=ENDS, early_stopping=True, length_penalty=2.0, no_repeat_ngram_size=3),
    "beams, summary": dict(num_beams=4, max_length=30, min_length=12, eos_token_id=ENDS, early_stopping=True, length_penalty=2.0,
                           no_repeat_ngram_size=3, forced_bos_token_id=9, forced_eos_token_id=2),
    "beams, never": dict(num_beams=3, max_length=20, eos_token_id=ENDS, early_stopping="never", length_penalty=0.65),
    "beams, short": dict(num_beams=5, max_length=20, eos_token_id=ENDS, length_penalty=-1.0),
    "beams, chat": dict(num_beams=10, min_length=6, max_length=20, eos_token_id=ENDS, length_penalty=0.65, no_repeat_ngram_size=3,
                        encoder_no_repeat_ngram_size=3, repetition_penalty=1.2),
    "beams, translation": dict(num_beams=6, max_length=22, bad_words_ids=[[95], [40, 41], [17]], forced_bos_token_id=70,
                               forced_eos_token_id=2, eos_token_id=ENDS, renormalize_logits=True),
    "beams, suppressed": dict(num_beams=4, max_length=18, suppress_tokens=[8, 12, 80], begin_suppress_tokens=[2, 30], min_new_tokens=4,
                              eos_token_id=ENDS),
}
BART_LARGE = dict(d_model=1024, encoder_layers=12, decoder_layers=12, encoder_attention_heads=16, decoder_attention_heads=16,
                  encoder_ffn_dim=4096, decoder_ffn_dim=4096, max_position_embeddings=1024)
# The checkpoints' own configurations, as far as they shape the network.
REAL = {
    "bart-large-cnn": tf.BartConfig(**BART_LARGE, vocab_size=50264, activation_function="gelu", scale_embedding=False),
    "blenderbot-400M-distill": tf.BlenderbotConfig(
        vocab_size=8008, d_model=1280, encoder_layers=2, decoder_layers=12, encoder_attention_heads=32, decoder_attention_heads=32,
        encoder_ffn_dim=5120, decoder_ffn_dim=5120, max_position_embeddings=128, activation_function="gelu", scale_embedding=True,
        pad_token_id=0),
    "nllb-200-distilled-600M": tf.M2M100Config(**BART_LARGE, vocab_size=256206, activation_function="relu", scale_embedding=True),
    "opus-mt-en-de": tf.MarianConfig(
        vocab_size=58101, decoder_vocab_size=58101, d_model=512, encoder_layers=6, decoder_layers=6, encoder_attention_heads=8,
        decoder_attention_heads=8, encoder_ffn_dim=2048, decoder_ffn_dim=2048, max_position_embeddings=512,
        activation_function="swish", scale_embedding=True, pad_token_id=58100, eos_token_id=0, decoder_start_token_id=58100,
        forced_eos_token_id=0, share_encoder_decoder_embeddings=True),
    "flan-t5-base": tf.T5Config(
        vocab_size=32128, d_model=768, d_kv=64, d_ff=2048, num_layers=12, num_decoder_layers=12, num_heads=12,
        relative_attention_num_buckets=32, relative_attention_max_distance=128, layer_norm_epsilon=1e-6,
        feed_forward_proj="gated-gelu", tie_word_embeddings=False, pad_token_id=0, decoder_start_token_id=0),
}


def save_answers(folder, model, inputs, start):
    own = dict(eos_token_id=model.config.eos_token_id, pad_token_id=model.config.pad_token_id, decoder_start_token_id=start)
    cases = []
    for name, settings in SETTINGS.items():
        settings = own | settings
        for i, ids in enumerate(inputs):
            ids = torch.tensor([ids])
            answer = model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=tf.GenerationConfig(**settings),
                                    use_model_defaults=False)
            cases.append({"name": name, "input": i, "settings": settings, "ids": answer[0].tolist()})
    lines = ",\n".join(json.dumps(case) for case in cases)
    (folder / "answers.json").write_text(f"[\n{lines}\n]\n")
    return cases


@torch.no_grad()
def save(family, seed):
    config = TINY[family]
    model = seeded(tf.AutoModelForSeq2SeqLM.from_config(config).__class__, config, seed)
    # Positions by sines are no weights to be drawn.
    for name, module in model.named_modules():
        if hasattr(module, "_init_weight"):
            module._init_weight()
        if isinstance(module, tf.models.t5.modeling_t5.T5Attention):
            # T5 has the scale of its scores in the weights.
            module.q.weight.mul_(config.d_kv ** -0.5)
        if hasattr(module, "relative_attention_bias"):
            module.relative_attention_bias.weight.normal_(0, 1)
    if config.model_type == "t5":
        # Its networks multiply two numbers: at this scale their sum, as in real ones, is no larger than what they are added to.
        model.shared.weight.mul_(4)
    if hasattr(model, "final_logits_bias"):
        model.final_logits_bias.uniform_(-1, 1)
    folder = HERE / family
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    for extra in folder.glob("generation_config.json"):
        extra.unlink()
    start = config.eos_token_id if config.decoder_start_token_id is None else config.decoder_start_token_id
    inputs, steps = (LONG_INPUTS, LONG_STEPS) if config.model_type == "t5" else (INPUTS, STEPS)
    golden = {}
    for i, ids in enumerate(inputs):
        states = model.get_encoder()(torch.tensor([ids])).last_hidden_state
        written = torch.tensor([[start, *[(5 * j + i) % 90 + 4 for j in range((steps if i == 2 else 4) - 1)]]])
        logits = model(encoder_outputs=(states,), attention_mask=torch.ones(1, len(ids)), decoder_input_ids=written).logits
        golden |= {f"ids_{i}": torch.tensor(ids), f"states_{i}": states[0], f"written_{i}": written[0], f"logits_{i}": logits[0]}
    save_file({name: tensor.contiguous() for name, tensor in golden.items()}, folder / "golden.safetensors")
    cases = save_answers(folder, model, inputs, start)
    print(family, sorted({len(case["ids"]) for case in cases}), len({tuple(case["ids"]) for case in cases}), "of", len(cases))


def layouts():
    found = {}
    for name, config in REAL.items():
        with torch.device("meta"):
            model = tf.AutoModelForSeq2SeqLM.from_config(config)
        # As `save_pretrained` leaves them out: tied copies, and positions that are computed.
        left_out = set(model._keys_to_ignore_on_save or [])
        left_out |= {"model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight"}
        if config.tie_word_embeddings:
            left_out.add("lm_head.weight")
        shapes = {key: list(w.shape) for key, w in model.state_dict().items() if key not in left_out}
        found[name] = {"config": json.loads(config.to_json_string()), "tensors": shapes_folded(shapes)}
    text = json.dumps(found, indent=1)
    text = re.sub(r"\[\s+(\d+)(?:,\s+(\d+))?\s+\]", lambda m: "[" + ", ".join(filter(None, m.groups())) + "]", text)
    (HERE / "layout.json").write_text(text + "\n")


def shapes_folded(shapes):
    """Layers of each stack as one entry; a tensor that only some have stays by itself."""
    alike = {}
    for name, shape in shapes.items():
        alike.setdefault(re.sub(r"\.(layers|block)\.\d+\.", r".\1.*.", name), {})[name] = shape
    found = {}
    for pattern, of in alike.items():
        stack = pattern.split(".*.")[0]
        count = len({re.match(re.escape(stack) + r"\.(\d+)\.", name)[1] for name in shapes if name.startswith(stack + ".")}) if "*" in pattern else 1
        same = len(of) == count and len({tuple(shape) for shape in of.values()}) == 1
        found |= {pattern: next(iter(of.values()))} if same else of
    return found


if __name__ == "__main__":
    torch.set_num_threads(1)
    for seed, family in enumerate(TINY):
        save(family, seed)
    layouts()
