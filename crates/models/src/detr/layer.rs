use candle_core::Tensor;
use kernels::Activation;

use super::{Config, EPS};
use crate::{
    Breath, Result, Weights,
    attention::{Attention, Biased, Form, PROJECTIONS},
    layers::{LayerNorm, Linear, in_parts},
};

/// An attention, and the norm of what it answers together with what went in.
struct Look {
    attention: Attention,
    norm: LayerNorm,
}

impl Look {
    async fn load(weights: &Weights, name: &str, d_model: usize, heads: usize) -> Result<Self> {
        let head_dim = d_model / heads;
        let scale = 1. / (head_dim as f32).sqrt();
        let form = Form { d_model, heads, head_dim, scale, biased: Biased::Yes };
        let norm = weights.at(format!("{name}_layer_norm"));
        Ok(Self {
            attention: Attention::load(&weights.at(name), PROJECTIONS, form).await?,
            norm: LayerNorm::load(&norm, d_model, EPS).await?,
        })
    }

    /// `xs` with what they see from their `places`.
    async fn forward(
        &self,
        xs: Tensor,
        places: &Tensor,
        seen: Seen<'_>,
        breath: &Breath,
    ) -> Result<Tensor> {
        let mut kept = self.attention.room(seen.states.dim(0)?);
        self.attention.remember(seen.placed, seen.states, &mut kept, breath).await?;
        let found = self.attention.look(&(&xs + places)?, &kept, None, breath).await?;
        Ok(self.norm.forward(&(xs + found)?)?)
    }

    /// `xs` with what they see of each other from their `places`.
    async fn within(&self, xs: Tensor, places: &Tensor, breath: &Breath) -> Result<Tensor> {
        let (states, placed) = (xs.clone(), (&xs + places)?);
        self.forward(xs, places, Seen { states: &states, placed: &placed }, breath).await
    }
}

/// What is looked at: `(n, d_model)` each.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    /// What it is.
    pub(super) states: &'a Tensor,
    /// The same with where it is.
    pub(super) placed: &'a Tensor,
}

/// Two layers for each position by itself, and the norm of what they answer with what went in.
struct Mlp {
    fc1: Linear,
    fc2: Linear,
    final_layer_norm: LayerNorm,
    activation: Activation,
}

impl Mlp {
    async fn load(weights: &Weights, config: &Config, ffn: usize) -> Result<Self> {
        let d_model = config.d_model;
        Ok(Self {
            fc1: Linear::load_with_bias(&weights.at("fc1"), d_model, ffn).await?,
            fc2: Linear::load_with_bias(&weights.at("fc2"), ffn, d_model).await?,
            final_layer_norm: LayerNorm::load(&weights.at("final_layer_norm"), d_model, EPS)
                .await?,
            activation: config.activation,
        })
    }

    async fn forward(&self, xs: Tensor, breath: &Breath) -> Result<Tensor> {
        let inner = in_parts(&self.fc1, &xs, breath).await?.apply_op1_no_bwd(&self.activation)?;
        let inner = in_parts(&self.fc2, &inner, breath).await?;
        Ok(self.final_layer_norm.forward(&(xs + inner)?)?)
    }
}

/// Cells look at each other.
pub(super) struct EncoderLayer {
    self_attn: Look,
    mlp: Mlp,
}

impl EncoderLayer {
    pub(super) async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let heads = config.encoder_attention_heads;
        Ok(Self {
            self_attn: Look::load(weights, "self_attn", config.d_model, heads).await?,
            mlp: Mlp::load(weights, config, config.encoder_ffn_dim).await?,
        })
    }

    /// `(cells, d_model)` to the same.
    pub(super) async fn forward(
        &self,
        xs: Tensor,
        places: &Tensor,
        breath: &Breath,
    ) -> Result<Tensor> {
        self.mlp.forward(self.self_attn.within(xs, places, breath).await?, breath).await
    }
}

/// Queries look at each other, then at the cells.
pub(super) struct DecoderLayer {
    self_attn: Look,
    encoder_attn: Look,
    mlp: Mlp,
}

impl DecoderLayer {
    pub(super) async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let look = async |name| {
            Look::load(weights, name, config.d_model, config.decoder_attention_heads).await
        };
        Ok(Self {
            self_attn: look("self_attn").await?,
            encoder_attn: look("encoder_attn").await?,
            mlp: Mlp::load(weights, config, config.decoder_ffn_dim).await?,
        })
    }

    /// `(queries, d_model)` to the same; `queries` are what tells them apart.
    pub(super) async fn forward(
        &self,
        xs: Tensor,
        queries: &Tensor,
        cells: Seen<'_>,
        breath: &Breath,
    ) -> Result<Tensor> {
        let xs = self.self_attn.within(xs, queries, breath).await?;
        let xs = self.encoder_attn.forward(xs, queries, cells, breath).await?;
        self.mlp.forward(xs, breath).await
    }
}
