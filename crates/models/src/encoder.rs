//! The block that encoders of text, pictures and sound share: attention to all positions, and a network
//! of two layers for each by itself.

use std::ops::Range;

use candle_core::Tensor;
use kernels::{Activation, Sight};
use serde::Deserialize;

use crate::{
    Breath, Error, Result, Weights,
    attention::Among,
    layers::{LayerNorm, Linear, in_parts},
};

/// Dimensions beyond this are a lie, and their products fit 32 bits.
const MOST: usize = 1 << 20;

/// Where a family keeps a block's parts, and when it brings numbers to scale.
pub(crate) struct Parts {
    /// Queries, keys, values, and what becomes of them. One name for the first three is one layer, whose
    /// answer has them side by side.
    pub(crate) attention: [&'static str; 4],
    pub(crate) attention_norm: &'static str,
    /// The two layers of the network.
    pub(crate) mlp: [&'static str; 2],
    pub(crate) mlp_norm: &'static str,
    pub(crate) key_bias: KeyBias,
    pub(crate) order: Order,
    pub(crate) sight: Sight,
}

/// Whether keys have a bias, as queries and values have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyBias {
    Yes,
    No,
}

/// Whether norms come before what they belong to, or after the sum with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Before,
    After,
}

/// Sizes of a block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sizes {
    pub(crate) hidden: usize,
    pub(crate) intermediate: usize,
    pub(crate) heads: usize,
    pub(crate) eps: f32,
    pub(crate) activation: Activation,
}

impl Sizes {
    /// Fails if there is no network of these sizes.
    pub(crate) fn check(&self) -> Result<()> {
        let Self { hidden, intermediate, heads, .. } = *self;
        let possible = [hidden, intermediate, heads].iter().all(|size| (1..=MOST).contains(size));
        match possible && hidden.is_multiple_of(heads) {
            true => Ok(()),
            false => Err(Error::Damaged(format!(
                "a hidden size of {hidden} with {heads} heads and {intermediate} in between is not possible"
            ))),
        }
    }
}

/// `hidden_act` of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HiddenAct {
    Gelu,
    GeluNew,
    QuickGelu,
    Relu,
    #[serde(alias = "swish")]
    Silu,
}

impl HiddenAct {
    pub(crate) fn activation(self) -> Activation {
        match self {
            Self::Gelu => Activation::Gelu,
            Self::GeluNew => Activation::GeluTanh,
            Self::QuickGelu => Activation::QuickGelu,
            Self::Relu => Activation::Relu,
            Self::Silu => Activation::Silu,
        }
    }
}

/// What makes queries, keys and values.
enum Qkv {
    Three([Linear; 3]),
    One(Linear),
}

impl Qkv {
    /// `(positions, hidden)` to three of the same.
    async fn forward(&self, xs: &Tensor, breath: &Breath) -> Result<[Tensor; 3]> {
        match self {
            Self::Three([q, k, v]) => Ok([
                in_parts(q, xs, breath).await?,
                in_parts(k, xs, breath).await?,
                in_parts(v, xs, breath).await?,
            ]),
            Self::One(layer) => {
                let all = in_parts(layer, xs, breath).await?;
                let width = all.dim(1)? / 3;
                let part = |at| all.narrow(1, at * width, width)?.contiguous();
                Ok([part(0)?, part(1)?, part(2)?])
            }
        }
    }
}

/// One block.
pub(crate) struct Block {
    qkv: Qkv,
    out_proj: Linear,
    attention_norm: LayerNorm,
    fc1: Linear,
    fc2: Linear,
    mlp_norm: LayerNorm,
    /// What the answers of attention and network are multiplied by, if anything.
    scales: Option<[Tensor; 2]>,
    order: Order,
    sight: Sight,
    sizes: Sizes,
}

impl Block {
    /// The same with the answers of its attention and its network times `scales (hidden)`.
    pub(crate) fn scaled(self, scales: [Tensor; 2]) -> Self {
        Self { scales: Some(scales), ..self }
    }

    pub(crate) async fn load(weights: &Weights, parts: &Parts, sizes: Sizes) -> Result<Self> {
        let Sizes { hidden, intermediate, eps, .. } = sizes;
        let [query, key, value, out] = parts.attention;
        let [fc1, fc2] = parts.mlp;
        let square = async |name| Linear::load_with_bias(&weights.at(name), hidden, hidden).await;
        let norm = async |name| LayerNorm::load(&weights.at(name), hidden, eps).await;
        let qkv = if query == value {
            Qkv::One(Linear::load_with_bias(&weights.at(query), hidden, 3 * hidden).await?)
        } else {
            let keys = match parts.key_bias {
                KeyBias::Yes => square(key).await?,
                KeyBias::No => Linear::load(&weights.at(key), hidden, hidden).await?,
            };
            Qkv::Three([square(query).await?, keys, square(value).await?])
        };
        Ok(Self {
            qkv,
            out_proj: square(out).await?,
            attention_norm: norm(parts.attention_norm).await?,
            fc1: Linear::load_with_bias(&weights.at(fc1), hidden, intermediate).await?,
            fc2: Linear::load_with_bias(&weights.at(fc2), intermediate, hidden).await?,
            mlp_norm: norm(parts.mlp_norm).await?,
            scales: None,
            order: parts.order,
            sight: parts.sight,
            sizes,
        })
    }

    /// `xs (positions, hidden)` to the same. Positions see the span they are in, or what comes before
    /// them in it, and no other.
    pub(crate) async fn forward(
        &self,
        xs: Tensor,
        spans: &[Range<usize>],
        breath: &Breath,
    ) -> Result<Tensor> {
        match self.order {
            Order::Before => {
                let seen =
                    self.attention(&self.attention_norm.forward(&xs)?, spans, breath).await?;
                let xs = (xs + seen)?;
                let inner = self.mlp(&self.mlp_norm.forward(&xs)?, breath).await?;
                Ok((xs + inner)?)
            }
            Order::After => {
                let seen = self.attention(&xs, spans, breath).await?;
                let xs = self.attention_norm.forward(&(xs + seen)?)?;
                let inner = self.mlp(&xs, breath).await?;
                Ok(self.mlp_norm.forward(&(xs + inner)?)?)
            }
        }
    }

    async fn attention(
        &self,
        xs: &Tensor,
        spans: &[Range<usize>],
        breath: &Breath,
    ) -> Result<Tensor> {
        let qkv = self.qkv.forward(xs, breath).await?;
        let Sizes { hidden, heads, .. } = self.sizes;
        let among = Among {
            heads,
            scale: 1. / ((hidden / heads) as f32).sqrt(),
            sight: self.sight,
            rounded: self.out_proj.is_rounded(),
        };
        let seen = among.see(&qkv, spans.iter().cloned(), |_| None, breath).await?;
        let seen = in_parts(&self.out_proj, &seen, breath).await?;
        self.times(0, seen)
    }

    /// An answer times its scale.
    fn times(&self, at: usize, xs: Tensor) -> Result<Tensor> {
        match &self.scales {
            Some(scales) => Ok(xs.broadcast_mul(&scales[at])?),
            None => Ok(xs),
        }
    }

    async fn mlp(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let inner = in_parts(&self.fc1, xs, breath).await?;
        let inner = inner.apply_op1_no_bwd(&self.sizes.activation)?;
        self.times(1, in_parts(&self.fc2, &inner, breath).await?)
    }
}

/// Blocks one after the other.
pub(crate) struct Blocks(Vec<Block>);

impl Blocks {
    /// Takes `0`, `1` and so on.
    pub(crate) async fn load(
        weights: &Weights,
        parts: &Parts,
        sizes: Sizes,
        count: usize,
    ) -> Result<Self> {
        sizes.check()?;
        let mut blocks = Vec::new();
        for index in 0..count {
            blocks.push(Block::load(&weights.at(index), parts, sizes).await?);
        }
        Ok(Self(blocks))
    }

    /// See [`Block::forward`]. Spans lie one after the other and hold all positions.
    pub(crate) async fn forward(
        &self,
        mut xs: Tensor,
        spans: &[Range<usize>],
        breath: &Breath,
    ) -> Result<Tensor> {
        let end = spans
            .iter()
            .try_fold(0, |end, span| (span.start == end && span.end > end).then_some(span.end));
        if end != Some(xs.dim(0)?) {
            return Err(candle_core::Error::msg("spans do not hold the positions").into());
        }
        for block in &self.0 {
            xs = block.forward(xs, spans, breath).await?;
        }
        Ok(xs)
    }
}

/// A configuration out of the text of `config.json`.
pub(crate) fn config<T: for<'a> Deserialize<'a>>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|e| Error::Damaged(e.to_string()))
}
