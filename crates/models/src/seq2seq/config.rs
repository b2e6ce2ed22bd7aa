use kernels::Activation;
use serde::Deserialize;

use crate::{
    Error, Result,
    encoder::{self, HiddenAct, Order, Sizes},
};

/// Whose network it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// `facebook/bart-*`: norms after, learned positions.
    Bart,
    /// `facebook/blenderbot-*`, but the 90M one, which is another network: norms before.
    Blenderbot,
    /// `facebook/m2m100_*`, `facebook/nllb-200-*`: norms before, positions by sines.
    #[serde(rename = "m2m_100")]
    M2m100,
    /// `Helsinki-NLP/opus-mt-*`: norms after, positions by sines.
    Marian,
    /// `facebook/mbart-*`: norms before, learned positions.
    Mbart,
    /// T5, Flan-T5: no positions but a bias by distance, norms without bias.
    T5,
}

/// A configuration of `config.json`.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Whose network it is.
    pub family: Family,
    /// Tokens an input may be made of.
    pub vocab_size: usize,
    /// Tokens an answer may be made of: mostly the same.
    pub decoder_vocab_size: usize,
    /// Numbers of a hidden state.
    pub d_model: usize,
    /// Most tokens of an input, and of an answer; `None` where positions have no end.
    pub max_position_embeddings: Option<usize>,
    pub(super) encoder: Shape,
    pub(super) decoder: Shape,
    pub(super) eps: f32,
    pub(super) activation: Activation,
    pub(super) gated: Gated,
    pub(super) scale_embedding: bool,
    /// Whether the table of the answer's tokens is the head, too.
    pub(super) tied_head: bool,
    /// Whether input and answer have one table.
    pub(super) shared: bool,
    pub(super) pad_token_id: usize,
    /// T5's: buckets, and the distance from which on all are one.
    pub(super) buckets: (usize, usize),
}

/// One of the two stacks of layers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) layers: usize,
    pub(super) heads: usize,
    pub(super) head_dim: usize,
    pub(super) ffn: usize,
}

/// Whether the network of a layer multiplies with a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gated {
    Yes,
    No,
}

/// How positions are told to a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A table; its first `offset` rows stand for nothing.
    Learned {
        offset: usize,
    },
    Sines,
    Distance,
}

#[derive(Deserialize)]
struct Model {
    model_type: String,
}

#[derive(Deserialize)]
struct BartConfig {
    model_type: Family,
    vocab_size: usize,
    decoder_vocab_size: Option<usize>,
    d_model: usize,
    encoder_layers: usize,
    encoder_attention_heads: usize,
    encoder_ffn_dim: usize,
    decoder_layers: usize,
    decoder_attention_heads: usize,
    decoder_ffn_dim: usize,
    max_position_embeddings: usize,
    activation_function: HiddenAct,
    #[serde(default)]
    scale_embedding: bool,
    tie_word_embeddings: Option<bool>,
    share_encoder_decoder_embeddings: Option<bool>,
    pad_token_id: Option<usize>,
    normalize_before: Option<bool>,
}

// Defaults are those of `T5Config` in transformers 4.57.
#[derive(Deserialize)]
struct T5Config {
    vocab_size: usize,
    d_model: usize,
    d_kv: usize,
    d_ff: usize,
    num_layers: usize,
    num_decoder_layers: Option<usize>,
    num_heads: usize,
    #[serde(default = "buckets")]
    relative_attention_num_buckets: usize,
    #[serde(default = "distance")]
    relative_attention_max_distance: usize,
    #[serde(default = "eps")]
    layer_norm_epsilon: f32,
    feed_forward_proj: Option<String>,
    tie_word_embeddings: Option<bool>,
}

fn buckets() -> usize {
    32
}

fn distance() -> usize {
    128
}

fn eps() -> f32 {
    1e-6
}

impl Config {
    /// From the text of `config.json`.
    pub fn from_json(json: &str) -> Result<Self> {
        let Model { model_type } = encoder::config(json)?;
        let config = match model_type.as_str() {
            "t5" => Self::t5(encoder::config(json)?)?,
            "bart" | "blenderbot" | "m2m_100" | "marian" | "mbart" => {
                Self::bart(encoder::config(json)?)?
            }
            other => {
                return Err(Error::Unsupported(format!(
                    "unsupported architecture \"{other}\" (supported: bart, blenderbot, m2m_100, \
                     marian, mbart, t5)"
                )));
            }
        };
        config.check()?;
        Ok(config)
    }

    fn bart(config: BartConfig) -> Result<Self> {
        let family = config.model_type;
        if family == Family::Blenderbot && config.normalize_before == Some(false) {
            return Err(Error::Unsupported("blenderbot with `normalize_before` off".into()));
        }
        let head_dim = |heads: usize| config.d_model.checked_div(heads).unwrap_or(0);
        let shape = |layers, heads, ffn| Shape { layers, heads, head_dim: head_dim(heads), ffn };
        let shared = config.share_encoder_decoder_embeddings.unwrap_or(true);
        Ok(Self {
            family,
            vocab_size: config.vocab_size,
            decoder_vocab_size: config.decoder_vocab_size.unwrap_or(config.vocab_size),
            d_model: config.d_model,
            max_position_embeddings: Some(config.max_position_embeddings),
            encoder: shape(
                config.encoder_layers,
                config.encoder_attention_heads,
                config.encoder_ffn_dim,
            ),
            decoder: shape(
                config.decoder_layers,
                config.decoder_attention_heads,
                config.decoder_ffn_dim,
            ),
            // `transformers` leaves it at PyTorch's default.
            eps: 1e-5,
            activation: config.activation_function.activation(),
            gated: Gated::No,
            scale_embedding: config.scale_embedding,
            tied_head: config.tie_word_embeddings.unwrap_or(true),
            shared: family != Family::Marian || shared,
            // The libraries' default for each of them but Marian, whose positions do not ask for it.
            pad_token_id: config.pad_token_id.unwrap_or(1),
            buckets: (0, 0),
        })
    }

    fn t5(config: T5Config) -> Result<Self> {
        let (gated, activation) = match config.feed_forward_proj.as_deref().unwrap_or("relu") {
            "relu" => (Gated::No, Activation::Relu),
            // `transformers` reads this name as the approximation.
            "gated-gelu" => (Gated::Yes, Activation::GeluTanh),
            other => return Err(Error::Unsupported(format!("`feed_forward_proj` \"{other}\""))),
        };
        let shape = |layers| Shape {
            layers,
            heads: config.num_heads,
            head_dim: config.d_kv,
            ffn: config.d_ff,
        };
        Ok(Self {
            family: Family::T5,
            vocab_size: config.vocab_size,
            decoder_vocab_size: config.vocab_size,
            d_model: config.d_model,
            max_position_embeddings: None,
            encoder: shape(config.num_layers),
            decoder: shape(config.num_decoder_layers.unwrap_or(config.num_layers)),
            eps: config.layer_norm_epsilon,
            activation,
            gated,
            scale_embedding: false,
            tied_head: config.tie_word_embeddings.unwrap_or(true),
            shared: true,
            pad_token_id: 0,
            buckets: (
                config.relative_attention_num_buckets,
                config.relative_attention_max_distance,
            ),
        })
    }

    fn check(&self) -> Result<()> {
        for Shape { layers, heads, head_dim, ffn } in [self.encoder, self.decoder] {
            let hidden = heads.saturating_mul(head_dim);
            let sizes = Sizes {
                hidden,
                intermediate: ffn,
                heads,
                eps: self.eps,
                activation: self.activation,
            };
            sizes.check()?;
            Sizes { hidden: self.d_model, heads: 1, ..sizes }.check()?;
            if self.family != Family::T5 && hidden != self.d_model {
                let d_model = self.d_model;
                return Err(Error::Damaged(format!("`d_model` {d_model} with {heads} heads")));
            }
            if !(1..=1 << 10).contains(&layers) {
                return Err(Error::Damaged(format!("{layers} layers are not possible")));
            }
        }
        let (buckets, farthest) = self.buckets;
        if self.family == Family::T5
            && (buckets < 4 || !(buckets..=1 << 16).contains(&farthest.saturating_mul(2)))
        {
            return Err(Error::Damaged(format!("{buckets} buckets up to {farthest} positions")));
        }
        Ok(())
    }

    pub(super) fn order(&self) -> Order {
        match self.family {
            Family::Bart | Family::Marian => Order::After,
            Family::Blenderbot | Family::M2m100 | Family::Mbart | Family::T5 => Order::Before,
        }
    }

    pub(super) fn place(&self) -> Place {
        match self.family {
            Family::Bart | Family::Mbart => Place::Learned { offset: 2 },
            Family::Blenderbot => Place::Learned { offset: 0 },
            Family::M2m100 | Family::Marian => Place::Sines,
            Family::T5 => Place::Distance,
        }
    }

    /// Whether a norm follows the embedding.
    pub(super) fn has_embedding_norm(&self) -> bool {
        matches!(self.family, Family::Bart | Family::Mbart)
    }
}
