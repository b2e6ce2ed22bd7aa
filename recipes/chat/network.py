"""The Llama architecture in plain torch, with the parameter names of transformers, small enough to train on a CPU."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Config:
    vocab_size: int = 2048
    hidden_size: int = 192
    intermediate_size: int = 512
    num_hidden_layers: int = 6
    num_attention_heads: int = 6
    num_key_value_heads: int = 2
    max_position_embeddings: int = 1024
    rope_theta: float = 10000.0
    rms_norm_eps: float = 1e-5

    @property
    def head_dim(self) -> int:
        return self.hidden_size // self.num_attention_heads


def rotations(config: Config) -> tuple[Tensor, Tensor]:
    """Cosines and sines for every position: (context, head_dim / 2) each."""
    steps = torch.arange(0, config.head_dim, 2).float() / config.head_dim
    angles = torch.arange(config.max_position_embeddings).float()[:, None] * config.rope_theta**-steps
    return angles.cos(), angles.sin()


def rotate(xs: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Each pair (i, i + half) turned by its angle, as transformers does: (b, heads, n, head_dim) -> the same."""
    left, right = xs.chunk(2, dim=-1)
    return torch.cat([left * cos - right * sin, right * cos + left * sin], dim=-1)


class Norm(nn.Module):
    def __init__(self, size: int, eps: float):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(size)), eps

    def forward(self, xs: Tensor) -> Tensor:
        return F.rms_norm(xs.float(), self.weight.shape, self.weight, self.eps)


class Attention(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.c = c
        kv = c.num_key_value_heads * c.head_dim
        self.q_proj, self.o_proj = nn.Linear(c.hidden_size, c.hidden_size, bias=False), nn.Linear(c.hidden_size, c.hidden_size, bias=False)
        self.k_proj, self.v_proj = nn.Linear(c.hidden_size, kv, bias=False), nn.Linear(c.hidden_size, kv, bias=False)

    def forward(self, xs: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        b, n, _ = xs.shape
        heads = [p(xs).view(b, n, -1, self.c.head_dim).transpose(1, 2) for p in (self.q_proj, self.k_proj, self.v_proj)]  # (b, heads, n, head_dim)
        groups = self.c.num_attention_heads // self.c.num_key_value_heads
        q, k = rotate(heads[0], cos, sin), rotate(heads[1], cos, sin).repeat_interleave(groups, dim=1)
        v = heads[2].repeat_interleave(groups, dim=1)
        # Written out: on a CPU the backward pass of torch's fused attention took longer than all matrix products together.
        scores = (q.to(v.dtype) * self.c.head_dim**-0.5) @ k.to(v.dtype).transpose(2, 3)  # (b, heads, n, n)
        ahead = torch.ones(n, n, dtype=torch.bool).triu(1)
        out = scores.masked_fill(ahead, float("-inf")).softmax(dim=-1).to(v.dtype) @ v
        return self.o_proj(out.transpose(1, 2).reshape(b, n, -1))


class Mlp(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.gate_proj, self.up_proj = nn.Linear(c.hidden_size, c.intermediate_size, bias=False), nn.Linear(c.hidden_size, c.intermediate_size, bias=False)
        self.down_proj = nn.Linear(c.intermediate_size, c.hidden_size, bias=False)

    def forward(self, xs: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(xs)) * self.up_proj(xs))


class Layer(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.input_layernorm, self.self_attn = Norm(c.hidden_size, c.rms_norm_eps), Attention(c)
        self.post_attention_layernorm, self.mlp = Norm(c.hidden_size, c.rms_norm_eps), Mlp(c)

    def forward(self, xs: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        xs = xs + self.self_attn(self.input_layernorm(xs), cos, sin)
        return xs + self.mlp(self.post_attention_layernorm(xs))


class Llama(nn.Module):
    """Token ids to the last hidden states; `logits` reads these with the tied embedding."""

    def __init__(self, c: Config):
        super().__init__()
        self.embed_tokens = nn.Embedding(c.vocab_size, c.hidden_size)
        self.layers = nn.ModuleList(Layer(c) for _ in range(c.num_hidden_layers))
        self.norm = Norm(c.hidden_size, c.rms_norm_eps)
        cos, sin = rotations(c)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                nn.init.normal_(weight, std=0.02)

    def forward(self, ids: Tensor) -> Tensor:
        xs, n = self.embed_tokens(ids), ids.shape[1]  # (b, n) -> (b, n, hidden)
        for layer in self.layers:
            xs = layer(xs, self.cos[:n], self.sin[:n])
        return self.norm(xs)

    def logits(self, xs: Tensor) -> Tensor:
        return F.linear(xs, self.embed_tokens.weight)
