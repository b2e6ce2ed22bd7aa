use candle_core::Tensor;
use kernels::{Activation, Bias, Gated as Gate, KeyValues};

use super::{
    Past,
    config::{Config, Family, Gated, Shape},
};
use crate::{
    Breath, Result, Weights,
    attention::{Attention, Biased, Form, PROJECTIONS, Projections, linear, put},
    encoder::Order,
    layers::{LayerNorm, Linear, RmsNorm, in_parts},
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
    projections: Projections,
    self_attn: &'static str,
    self_attn_norm: &'static str,
    encoder_attn: &'static str,
    encoder_attn_norm: &'static str,
    mlp: &'static str,
    mlp_norm: &'static str,
}

const BART: Names = Names {
    projections: PROJECTIONS,
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
        let form = form(config, shape);
        let attention =
            async |name| Attention::load(&weights.at(name), names.projections, form).await;
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
        let all = std::iter::once(0..inner.dim(0)?);
        let seen = self.self_attn.within(&inner, all, |_| bias, breath).await?;
        let xs = self.after(&self.self_attn_norm, xs, seen)?;
        self.think(xs, breath).await
    }

    /// Keys and values of the input's hidden states.
    pub(super) async fn remember(&self, states: &Tensor, breath: &Breath) -> Result<KeyValues> {
        let Some((attention, _)) = &self.encoder_attn else {
            return Err(candle_core::Error::msg("an encoder does not look at another").into());
        };
        let mut kept = attention.nothing();
        attention.remember(states, states, &mut kept, breath).await?;
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

impl Attention {
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
            let bias = bias.map(|bias| bias.after(at, self.heads()));
            seen.push(one(&queries)?.apply_op1_no_bwd(&self.attend(kept, bias))?);
        }
        breath().await?;
        in_parts(&self.out_proj, &Tensor::cat(&seen, 0)?, breath).await
    }
}

/// Layers have a bias in all families but T5.
fn biased(config: &Config) -> Biased {
    if config.family == Family::T5 { Biased::No } else { Biased::Yes }
}

fn form(config: &Config, Shape { heads, head_dim, .. }: Shape) -> Form {
    // T5 has the scale in its weights.
    let scale = if config.family == Family::T5 { 1. } else { (head_dim as f32).powf(-0.5) };
    Form { d_model: config.d_model, heads, head_dim, scale, biased: biased(config) }
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
        let biased = biased(config);
        let (gate, fc1, fc2) = match (config.family, config.gated) {
            (Family::T5, Gated::Yes) => (Some("wi_0"), "wi_1", "wo"),
            (Family::T5, Gated::No) => (None, "wi", "wo"),
            _ => (None, "fc1", "fc2"),
        };
        Ok(Self {
            gate: match gate {
                Some(gate) => Some(linear(weights, gate, up, biased).await?),
                None => None,
            },
            fc1: linear(weights, fc1, up, biased).await?,
            fc2: linear(weights, fc2, down, biased).await?,
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
