use candle_core::Tensor;
use kernels::{Activation, Attend, Bias, Gated as Gate, KeyValues, Sight};

use super::{
    Past,
    config::{Config, Family, Gated, Shape},
};
use crate::{
    Breath, Error, Result, Weights,
    breath::BREATH_PRODUCTS,
    encoder::{Order, in_parts},
    layers::{LayerNorm, Linear, RmsNorm, with_floats},
};

/// A norm, with a bias or without.
pub(super) enum Norm {
    Layer(LayerNorm),
    Rms(RmsNorm),
}

impl Norm {
    pub(super) async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let Config { d_model, eps, .. } = *config;
        Ok(match config.family {
            Family::T5 => Self::Rms(RmsNorm::load(weights, d_model, eps).await?),
            _ => Self::Layer(LayerNorm::load(weights, d_model, eps).await?),
        })
    }

    pub(super) fn forward(&self, xs: &Tensor) -> candle_core::Result<Tensor> {
        match self {
            Self::Layer(norm) => norm.forward(xs),
            Self::Rms(norm) => norm.forward(xs),
        }
    }
}

/// Where a family keeps the parts of a layer.
struct Names {
    /// What queries, keys, values and their sum go through.
    projections: [&'static str; 4],
    self_attn: &'static str,
    self_attn_norm: &'static str,
    encoder_attn: &'static str,
    encoder_attn_norm: &'static str,
    mlp: &'static str,
    mlp_norm: &'static str,
}

const BART: Names = Names {
    projections: ["q_proj", "k_proj", "v_proj", "out_proj"],
    self_attn: "self_attn",
    self_attn_norm: "self_attn_layer_norm",
    encoder_attn: "encoder_attn",
    encoder_attn_norm: "encoder_attn_layer_norm",
    mlp: "",
    mlp_norm: "final_layer_norm",
};
const T5_ENCODER: Names = Names {
    projections: ["q", "k", "v", "o"],
    self_attn: "layer.0.SelfAttention",
    self_attn_norm: "layer.0.layer_norm",
    encoder_attn: "layer.1.EncDecAttention",
    encoder_attn_norm: "layer.1.layer_norm",
    mlp: "layer.1.DenseReluDense",
    mlp_norm: "layer.1.layer_norm",
};
const T5_DECODER: Names =
    Names { mlp: "layer.2.DenseReluDense", mlp_norm: "layer.2.layer_norm", ..T5_ENCODER };

/// Which of the two stacks a layer is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Encoder,
    Decoder,
}

/// One layer of either stack.
pub(super) struct Layer {
    self_attn: Attention,
    self_attn_norm: Norm,
    /// What looks at the input: decoders only.
    encoder_attn: Option<(Attention, Norm)>,
    mlp: Mlp,
    mlp_norm: Norm,
    order: Order,
}

/// What a layer of the decoder looks at.
pub(super) struct Look<'a> {
    /// Number of the layer.
    pub(super) layer: usize,
    /// Keys and values of the input.
    pub(super) input: &'a KeyValues,
    /// One for each row.
    pub(super) pasts: &'a mut [Past],
    pub(super) bias: Option<Bias<'a>>,
}

impl Layer {
    pub(super) async fn load(weights: &Weights, config: &Config, side: Side) -> Result<Self> {
        let (names, shape) = match (config.family, side) {
            (Family::T5, Side::Encoder) => (T5_ENCODER, config.encoder),
            (Family::T5, Side::Decoder) => (T5_DECODER, config.decoder),
            (_, Side::Encoder) => (BART, config.encoder),
            (_, Side::Decoder) => (BART, config.decoder),
        };
        let norm = async |name| Norm::load(&weights.at(name), config).await;
        let attention = async |name| {
            Attention::load(&weights.at(name), names.projections, (config, shape)).await
        };
        let encoder_attn = match side {
            Side::Encoder => None,
            Side::Decoder => {
                Some((attention(names.encoder_attn).await?, norm(names.encoder_attn_norm).await?))
            }
        };
        let mlp = if names.mlp.is_empty() { weights.clone() } else { weights.at(names.mlp) };
        Ok(Self {
            self_attn: attention(names.self_attn).await?,
            self_attn_norm: norm(names.self_attn_norm).await?,
            encoder_attn,
            mlp: Mlp::load(&mlp, config, shape.ffn).await?,
            mlp_norm: norm(names.mlp_norm).await?,
            order: config.order(),
        })
    }

    /// What goes into a part of the layer.
    fn before(&self, norm: &Norm, xs: &Tensor) -> candle_core::Result<Tensor> {
        match self.order {
            Order::Before => norm.forward(xs),
            Order::After => Ok(xs.clone()),
        }
    }

    /// A part's answer put to what went in.
    fn after(&self, norm: &Norm, xs: Tensor, answer: Tensor) -> candle_core::Result<Tensor> {
        let sum = (xs + answer)?;
        match self.order {
            Order::Before => Ok(sum),
            Order::After => norm.forward(&sum),
        }
    }

    /// `(positions, d_model)` to the same: every position sees all.
    pub(super) async fn encode(
        &self,
        xs: Tensor,
        bias: Option<Bias<'_>>,
        breath: &Breath,
    ) -> Result<Tensor> {
        let inner = self.before(&self.self_attn_norm, &xs)?;
        let mut kept = self.self_attn.nothing();
        self.self_attn.remember(&inner, &mut kept, breath).await?;
        let seen = self.self_attn.look(&inner, &kept, bias, breath).await?;
        let xs = self.after(&self.self_attn_norm, xs, seen)?;
        self.think(xs, breath).await
    }

    /// Keys and values of the input's hidden states.
    pub(super) async fn remember(&self, states: &Tensor, breath: &Breath) -> Result<KeyValues> {
        let Some((attention, _)) = &self.encoder_attn else {
            return Err(candle_core::Error::msg("an encoder does not look at another").into());
        };
        let mut kept = attention.nothing();
        attention.remember(states, &mut kept, breath).await?;
        Ok(kept)
    }

    /// `(beams, d_model)` to the same, for one position of each beam.
    pub(super) async fn decode(
        &self,
        xs: Tensor,
        look: Look<'_>,
        breath: &Breath,
    ) -> Result<Tensor> {
        let inner = self.before(&self.self_attn_norm, &xs)?;
        let seen = self.self_attn.look_back(&inner, look.layer, look.pasts, look.bias, breath);
        let mut xs = self.after(&self.self_attn_norm, xs, seen.await?)?;
        if let Some((attention, norm)) = &self.encoder_attn {
            let inner = self.before(norm, &xs)?;
            let seen = attention.look(&inner, look.input, None, breath).await?;
            xs = self.after(norm, xs, seen)?;
        }
        self.think(xs, breath).await
    }

    async fn think(&self, xs: Tensor, breath: &Breath) -> Result<Tensor> {
        let inner = self.mlp.forward(&self.before(&self.mlp_norm, &xs)?, breath).await?;
        Ok(self.after(&self.mlp_norm, xs, inner)?)
    }
}

/// Queries of some positions over keys and values of the same or of others.
struct Attention {
    q_proj: Linear,
    k_proj: Linear,
    v_proj: Linear,
    out_proj: Linear,
    heads: usize,
    head_dim: usize,
    scale: f32,
}

impl Attention {
    async fn load(
        weights: &Weights,
        [query, key, value, out]: [&'static str; 4],
        (config, shape): (&Config, Shape),
    ) -> Result<Self> {
        let Shape { heads, head_dim, .. } = shape;
        let (d_model, width) = (config.d_model, heads * head_dim);
        let linear = async |name, from, to| linear(weights, name, (from, to), config).await;
        Ok(Self {
            q_proj: linear(query, d_model, width).await?,
            k_proj: linear(key, d_model, width).await?,
            v_proj: linear(value, d_model, width).await?,
            out_proj: linear(out, width, d_model).await?,
            heads,
            head_dim,
            // T5 has the scale in its weights.
            scale: if config.family == Family::T5 { 1. } else { (head_dim as f32).powf(-0.5) },
        })
    }

    fn nothing(&self) -> KeyValues {
        KeyValues::new(self.heads, self.head_dim)
    }

    /// Puts keys and values of `xs (n, d_model)` after those kept.
    async fn remember(&self, xs: &Tensor, kept: &mut KeyValues, breath: &Breath) -> Result<()> {
        let keys = in_parts(&self.k_proj, xs, breath).await?;
        let values = in_parts(&self.v_proj, xs, breath).await?;
        put(kept, kept.len(), &keys, &values)
    }

    /// What `xs (n, d_model)` see of all that is kept: the same shape.
    async fn look(
        &self,
        xs: &Tensor,
        kept: &KeyValues,
        bias: Option<Bias<'_>>,
        breath: &Breath,
    ) -> Result<Tensor> {
        let queries = in_parts(&self.q_proj, xs, breath).await?;
        let count = queries.dim(0)?;
        let most = (BREATH_PRODUCTS / (2 * kept.len() * self.heads * self.head_dim).max(1)).max(1);
        let mut seen = Vec::new();
        for first in (0..count).step_by(most) {
            let some = queries.narrow(0, first, most.min(count - first))?;
            let bias = bias.map(|bias| Bias { first: bias.first + first, ..bias });
            seen.push(some.apply_op1_no_bwd(&self.attend(kept, bias))?);
            breath().await?;
        }
        in_parts(&self.out_proj, &Tensor::cat(&seen, 0)?, breath).await
    }

    /// What each of `xs (beams, d_model)` sees of its own past, of which it becomes the last.
    async fn look_back(
        &self,
        xs: &Tensor,
        layer: usize,
        pasts: &mut [Past],
        bias: Option<Bias<'_>>,
        breath: &Breath,
    ) -> Result<Tensor> {
        let queries = in_parts(&self.q_proj, xs, breath).await?;
        let keys = in_parts(&self.k_proj, xs, breath).await?;
        let values = in_parts(&self.v_proj, xs, breath).await?;
        let mut seen = Vec::new();
        for (row, past) in pasts.iter_mut().enumerate() {
            let one = |xs: &Tensor| xs.narrow(0, row, 1);
            let (at, kept) = past.layer(layer)?;
            put(kept, at, &one(&keys)?, &one(&values)?)?;
            let bias = bias.map(|bias| Bias { first: at, ..bias });
            seen.push(one(&queries)?.apply_op1_no_bwd(&self.attend(kept, bias))?);
        }
        breath().await?;
        in_parts(&self.out_proj, &Tensor::cat(&seen, 0)?, breath).await
    }

    fn attend<'a>(&self, kept: &'a KeyValues, bias: Option<Bias<'a>>) -> Attend<'a> {
        Attend { kept, heads: self.heads, scale: self.scale, sight: Sight::All, bias }
    }
}

/// Keys and values `(n, width)` at the positions from `at` on.
fn put(kept: &mut KeyValues, at: usize, keys: &Tensor, values: &Tensor) -> Result<()> {
    with_floats(keys, |keys| with_floats(values, |values| kept.put(at, keys, values)))
        .map_err(|e| Error::Memory(e.to_string()))
}

/// A linear layer, which has a bias in all families but T5.
async fn linear(
    weights: &Weights,
    name: &str,
    (from, to): (usize, usize),
    config: &Config,
) -> Result<Linear> {
    match config.family {
        Family::T5 => Linear::load(&weights.at(name), from, to).await,
        _ => Linear::load_with_bias(&weights.at(name), from, to).await,
    }
}

/// Two layers for each position by itself.
struct Mlp {
    /// None where nothing is multiplied with the first layer's answer.
    gate: Option<Linear>,
    fc1: Linear,
    fc2: Linear,
    activation: Activation,
}

impl Mlp {
    async fn load(weights: &Weights, config: &Config, ffn: usize) -> Result<Self> {
        let (up, down) = ((config.d_model, ffn), (ffn, config.d_model));
        let (gate, fc1, fc2) = match (config.family, config.gated) {
            (Family::T5, Gated::Yes) => (Some("wi_0"), "wi_1", "wo"),
            (Family::T5, Gated::No) => (None, "wi", "wo"),
            _ => (None, "fc1", "fc2"),
        };
        Ok(Self {
            gate: match gate {
                Some(gate) => Some(linear(weights, gate, up, config).await?),
                None => None,
            },
            fc1: linear(weights, fc1, up, config).await?,
            fc2: linear(weights, fc2, down, config).await?,
            activation: config.activation,
        })
    }

    async fn forward(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let inner = in_parts(&self.fc1, xs, breath).await?;
        let inner = match &self.gate {
            None => inner.apply_op1_no_bwd(&self.activation)?,
            Some(gate) => {
                let gate = in_parts(gate, xs, breath).await?;
                gate.apply_op2_no_bwd(&inner, &Gate(self.activation))?
            }
        };
        in_parts(&self.fc2, &inner, breath).await
    }
}
