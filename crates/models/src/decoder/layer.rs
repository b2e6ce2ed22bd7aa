use candle_core::Tensor;
use kernels::{Activation, Angles, Attend, Gated, Pairs, Rope, Sight};

use super::{Config, Family, cache::Kept};
use crate::{
    Breath, Result, Weights,
    layers::{Linear, RmsNorm},
    weights::Names,
};

/// One block of the decoder.
pub(super) struct Layer {
    input_layernorm: RmsNorm,
    self_attn: Attention,
    post_attention_layernorm: RmsNorm,
    /// Gemma's, before and after its network.
    feedforward_layernorms: Option<(RmsNorm, RmsNorm)>,
    mlp: Mlp,
}

impl Layer {
    pub(super) async fn load(weights: &Weights, config: &Config, index: usize) -> Result<Self> {
        let norm = async |name| norm(&weights.at(name), config.hidden_size, config).await;
        let feedforward_layernorms = if config.model_type == Family::Gemma3 {
            Some((
                norm("pre_feedforward_layernorm").await?,
                norm("post_feedforward_layernorm").await?,
            ))
        } else {
            None
        };
        // In the order in which files have them.
        Ok(Self {
            input_layernorm: norm("input_layernorm").await?,
            mlp: Mlp::load(&weights.at("mlp"), config).await?,
            post_attention_layernorm: norm("post_attention_layernorm").await?,
            self_attn: Attention::load(&weights.at("self_attn"), config, index).await?,
            feedforward_layernorms,
        })
    }

    /// `(n, hidden_size)` to the same, for the positions from `at` on.
    pub(super) async fn forward(&self, xs: Tensor, run: &mut Run<'_>) -> Result<Tensor> {
        let attended = self.self_attn.forward(&self.input_layernorm.forward(&xs)?, run).await?;
        (run.breath)().await?;
        match &self.feedforward_layernorms {
            None => {
                let xs = (xs + attended)?;
                let inner = self.post_attention_layernorm.forward(&xs)?;
                Ok((xs + self.mlp.forward(&inner, run.breath).await?)?)
            }
            Some((before, after)) => {
                let xs = (xs + self.post_attention_layernorm.forward(&attended)?)?;
                let inner = self.mlp.forward(&before.forward(&xs)?, run.breath).await?;
                Ok((xs + after.forward(&inner)?)?)
            }
        }
    }
}

/// What a layer needs to know of the run it is part of.
pub(super) struct Run<'a> {
    pub(super) at: usize,
    pub(super) angles: &'a Angles,
    /// For layers with a window.
    pub(super) local_angles: &'a Angles,
    pub(super) kept: &'a mut Kept,
    pub(super) breath: &'a Breath,
}

/// A norm, in Gemma's own checkpoints stored as what is to be added to one. GGUF has it added.
pub(super) async fn norm(weights: &Weights, size: usize, config: &Config) -> Result<RmsNorm> {
    let norm = RmsNorm::load(weights, size, config.rms_norm_eps).await?;
    if config.model_type == Family::Gemma3 && *weights.names() == Names::HuggingFace {
        norm.plus_one()
    } else {
        Ok(norm)
    }
}

struct Attention {
    qkv: Qkv,
    o_proj: Linear,
    q_norm: Option<RmsNorm>,
    k_norm: Option<RmsNorm>,
    heads: usize,
    kv_heads: usize,
    head_dim: usize,
    scale: f32,
    window: Option<usize>,
    pairs: Pairs,
}

enum Qkv {
    Apart { q_proj: Linear, k_proj: Linear, v_proj: Linear },
    Together(Linear),
}

impl Attention {
    async fn load(weights: &Weights, config: &Config, index: usize) -> Result<Self> {
        let head_dim = config.head_dim;
        let width = config.num_attention_heads * head_dim;
        let head_norm = async |name| match config.model_type {
            Family::Qwen3 | Family::Gemma3 => {
                norm(&weights.at(name), head_dim, config).await.map(Some)
            }
            Family::Llama | Family::Qwen2 | Family::Phi3 => Ok(None),
        };
        Ok(Self {
            qkv: Qkv::load(weights, config).await?,
            o_proj: Linear::load(&weights.at("o_proj"), width, config.hidden_size).await?,
            q_norm: head_norm("q_norm").await?,
            k_norm: head_norm("k_norm").await?,
            heads: config.num_attention_heads,
            kv_heads: config.num_key_value_heads,
            head_dim,
            scale: config.query_pre_attn_scalar.powf(-0.5),
            window: config.windows.get(index).copied().flatten(),
            pairs: match (weights.names(), config.model_type) {
                (Names::Gguf(_), Family::Llama) => Pairs::Neighbours,
                _ => Pairs::Halves,
            },
        })
    }

    async fn forward(&self, xs: &Tensor, run: &mut Run<'_>) -> Result<Tensor> {
        let (q, k, v) = self.qkv.forward(xs, self.heads, self.kv_heads)?;
        (run.breath)().await?;
        let angles = if self.window.is_some() { run.local_angles } else { run.angles };
        let rope = Rope { angles, head_dim: self.head_dim, pairs: self.pairs };
        let q = self.per_head(&self.q_norm, q)?.apply_op1_no_bwd(&rope)?;
        let k = self.per_head(&self.k_norm, k)?.apply_op1_no_bwd(&rope)?;
        run.kept.put(run.at, &k, &v)?;
        let attended = q.apply_op1_no_bwd(&Attend {
            kept: &run.kept.0,
            heads: self.heads,
            scale: self.scale,
            sight: Sight::Past { window: self.window },
            bias: None,
        })?; // (n, heads * head_dim)
        Ok(self.o_proj.forward(&attended)?)
    }

    /// `(n, heads * head_dim)` to the same.
    fn per_head(&self, norm: &Option<RmsNorm>, xs: Tensor) -> candle_core::Result<Tensor> {
        let Some(norm) = norm else { return Ok(xs) };
        norm.forward(&xs.reshape(((), self.head_dim))?)?.reshape(xs.shape())
    }
}

impl Qkv {
    async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let from = config.hidden_size;
        let width = config.num_attention_heads * config.head_dim;
        let kv_width = config.num_key_value_heads * config.head_dim;
        if config.model_type == Family::Phi3 {
            let qkv_proj =
                Linear::load(&weights.at("qkv_proj"), from, width + 2 * kv_width).await?;
            return Ok(Self::Together(qkv_proj));
        }
        let linear = async |name, to| match config.model_type {
            Family::Qwen2 => Linear::load_with_bias(&weights.at(name), from, to).await,
            _ => Linear::load(&weights.at(name), from, to).await,
        };
        Ok(Self::Apart {
            q_proj: linear("q_proj", width).await?,
            k_proj: linear("k_proj", kv_width).await?,
            v_proj: linear("v_proj", kv_width).await?,
        })
    }

    /// Queries, keys and values of `xs (n, hidden_size)`.
    fn forward(
        &self,
        xs: &Tensor,
        heads: usize,
        kv_heads: usize,
    ) -> candle_core::Result<(Tensor, Tensor, Tensor)> {
        match self {
            Self::Apart { q_proj, k_proj, v_proj } => {
                Ok((q_proj.forward(xs)?, k_proj.forward(xs)?, v_proj.forward(xs)?))
            }
            Self::Together(qkv_proj) => {
                let qkv = qkv_proj.forward(xs)?;
                let head_dim = qkv.dim(1)? / (heads + 2 * kv_heads);
                let part = |from: usize, count: usize| {
                    qkv.narrow(1, from * head_dim, count * head_dim)?.contiguous()
                };
                Ok((part(0, heads)?, part(heads, kv_heads)?, part(heads + kv_heads, kv_heads)?))
            }
        }
    }
}

struct Mlp {
    gate_up: GateUp,
    down_proj: Linear,
    activation: Activation,
}

enum GateUp {
    Apart { gate_proj: Linear, up_proj: Linear },
    Together(Linear),
}

impl Mlp {
    async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let (outer, inner) = (config.hidden_size, config.intermediate_size);
        let down_proj = Linear::load(&weights.at("down_proj"), inner, outer).await?;
        let gate_up = if config.model_type == Family::Phi3 {
            GateUp::Together(Linear::load(&weights.at("gate_up_proj"), outer, 2 * inner).await?)
        } else {
            GateUp::Apart {
                gate_proj: Linear::load(&weights.at("gate_proj"), outer, inner).await?,
                up_proj: Linear::load(&weights.at("up_proj"), outer, inner).await?,
            }
        };
        let activation = match config.model_type {
            Family::Gemma3 => Activation::GeluTanh,
            _ => Activation::Silu,
        };
        Ok(Self { gate_up, down_proj, activation })
    }

    async fn forward(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let (gate, up) = self.gate_up.forward(xs)?;
        breath().await?;
        let inner = gate.apply_op2_no_bwd(&up, &Gated(self.activation))?;
        let xs = self.down_proj.forward(&inner)?;
        breath().await?;
        Ok(xs)
    }
}

impl GateUp {
    fn forward(&self, xs: &Tensor) -> candle_core::Result<(Tensor, Tensor)> {
        match self {
            Self::Apart { gate_proj, up_proj } => {
                Ok((gate_proj.forward(xs)?, up_proj.forward(xs)?))
            }
            Self::Together(gate_up_proj) => {
                let both = gate_up_proj.forward(xs)?.chunk(2, 1)?;
                Ok((both[0].contiguous()?, both[1].contiguous()?))
            }
        }
    }
}
