"""The shipped GGUF file as a transformers model in float32 and a tokenizer: everything comes out of the file itself."""

from pathlib import Path

import gguf
import numpy as np
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from recipes.chat.export import LAYER_NAMES, halved


def _config(fields: dict) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=len(fields["tokenizer.ggml.tokens"]), hidden_size=fields["llama.embedding_length"],
        intermediate_size=fields["llama.feed_forward_length"], num_hidden_layers=fields["llama.block_count"],
        num_attention_heads=fields["llama.attention.head_count"], num_key_value_heads=fields["llama.attention.head_count_kv"],
        max_position_embeddings=fields["llama.context_length"], rms_norm_eps=fields["llama.attention.layer_norm_rms_epsilon"],
        rope_theta=fields["llama.rope.freq_base"], tie_word_embeddings=True, bos_token_id=fields["tokenizer.ggml.bos_token_id"],
        eos_token_id=fields["tokenizer.ggml.eos_token_id"], pad_token_id=fields["tokenizer.ggml.padding_token_id"])


def _name(name: str) -> str:
    """`blk.3.ffn_up.weight` becomes `model.layers.3.mlp.up_proj.weight`."""
    whole = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}
    if name in whole:
        return whole[name]
    _, layer, part, _ = name.split(".")
    return f"model.layers.{layer}.{ {ours: theirs for theirs, ours in LAYER_NAMES.items()}[part] }.weight"


def open_model(path: Path) -> LlamaForCausalLM:
    """The network with its Q8_0 weights dequantized to float32."""
    reader = gguf.GGUFReader(path)
    config = _config({name: field.contents() for name, field in reader.fields.items()})
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    weights = {}
    for tensor in reader.tensors:
        values = np.array(gguf.dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)
        part = tensor.name.split(".")[-2]
        weights[_name(tensor.name)] = torch.from_numpy(halved(values, heads[part]).copy() if part in heads else values)
    weights["lm_head.weight"] = weights["model.embed_tokens.weight"]
    model = LlamaForCausalLM(config).float().eval()
    model.load_state_dict(weights)
    return model


def open_tokenizer(path: Path) -> PreTrainedTokenizerFast:
    fields = {name: field.contents() for name, field in gguf.GGUFReader(path).fields.items() if name.startswith("tokenizer.")}
    words, kinds = fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.token_type"]
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"]]
    tokenizer = Tokenizer(models.BPE({word: at for at, word in enumerate(words)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(word, special=True) for word, kind in zip(words, kinds) if kind == gguf.TokenType.CONTROL])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, chat_template=fields["tokenizer.chat_template"], clean_up_tokenization_spaces=False)


@torch.no_grad()
def answer_ids(model: LlamaForCausalLM, prompt: list[int], most: int) -> list[int]:
    """The likeliest continuation of `prompt`, token by token, until the end of the turn (which is kept) or `most` tokens."""
    ids = torch.tensor([prompt])
    out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=most, do_sample=False)
    return out[0, len(prompt):].tolist()
