//! What writes down what was heard: a decoder with keys and values kept of the sound and of its own words.

use candle_core::Tensor;
use kernels::{Activation, Attend, KeyValues, Sight};
use serde::Deserialize;

use super::EPS;
use crate::{
    Breath, Error, Result, Weights,
    attention::{Attention, Biased, Form, PROJECTIONS, put},
    encoder::{self, HiddenAct, Sizes},
    layers::{Embedding, LayerNorm, Linear, in_parts},
};

/// Layers, positions or tokens beyond this are a lie.
const MOST: usize = 1 << 20;

/// `config.json` as far as the decoder asks it.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names of config.json")]
pub struct DecoderConfig {
    pub d_model: usize,
    pub vocab_size: usize,
    pub decoder_layers: usize,
    pub decoder_attention_heads: usize,
    pub decoder_ffn_dim: usize,
    pub max_source_positions: usize,
    pub max_target_positions: usize,
    activation_function: HiddenAct,
}

impl DecoderConfig {
    /// From the text of `config.json`.
    pub fn from_json(json: &str) -> Result<Self> {
        let config: Self = encoder::config(json)?;
        config.sizes().check()?;
        let Self { vocab_size, decoder_layers, max_target_positions, .. } = config;
        let counts = [vocab_size, decoder_layers, max_target_positions];
        match counts.iter().all(|count| (1..=MOST).contains(count)) {
            true => Ok(config),
            false => Err(Error::Damaged(format!(
                "a Whisper of {decoder_layers} decoder layers, {vocab_size} tokens and {max_target_positions} positions is not possible"
            ))),
        }
    }

    fn sizes(&self) -> Sizes {
        Sizes {
            hidden: self.d_model,
            intermediate: self.decoder_ffn_dim,
            heads: self.decoder_attention_heads,
            eps: EPS,
            activation: self.activation_function.activation(),
        }
    }
}

/// Writes tokens.
pub struct Decoder {
    config: DecoderConfig,
    /// The head too.
    embed_tokens: Embedding,
    embed_positions: Tensor,
    layers: Vec<Layer>,
    layer_norm: LayerNorm,
}

/// What a decoder keeps of half a minute: keys and values for each of its layers.
pub struct Heard {
    layers: Vec<KeyValues>,
}

impl Heard {
    /// Bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        self.layers.iter().map(KeyValues::bytes).sum()
    }
}

/// What a decoder keeps of the tokens it took. Clones share what they have in common.
#[derive(Clone)]
pub struct Written {
    /// Positions beyond `len` are leftovers of a step that was given up.
    layers: Vec<KeyValues>,
    len: usize,
}

impl Written {
    /// Tokens taken so far.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether none was taken.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl Decoder {
    /// Takes what is below `decoder`; the head is its table of tokens.
    pub(super) async fn load(weights: &Weights, config: DecoderConfig) -> Result<Self> {
        let size = config.d_model;
        let positions = weights.at("embed_positions");
        let mut layers = Vec::new();
        for index in 0..config.decoder_layers {
            layers.push(Layer::load(&weights.at("layers").at(index), &config).await?);
        }
        Ok(Self {
            embed_tokens: Embedding::load(&weights.at("embed_tokens"), config.vocab_size, size)
                .await?,
            embed_positions: positions.table("weight", config.max_target_positions, size).await?,
            layers,
            layer_norm: LayerNorm::load(&weights.at("layer_norm"), size, EPS).await?,
            config,
        })
    }

    /// What the checkpoint says about its shape.
    pub fn config(&self) -> &DecoderConfig {
        &self.config
    }

    /// What is kept before the first token.
    pub fn nothing(&self) -> Written {
        let layers = self.layers.iter().map(|layer| layer.self_attn.nothing()).collect();
        Written { layers, len: 0 }
    }

    /// What the decoder keeps of the encoder's states `(max_source_positions, d_model)`.
    pub async fn hear(&self, states: &Tensor, breath: &Breath) -> Result<Heard> {
        let wanted = [self.config.max_source_positions, self.config.d_model];
        if states.dims() != wanted {
            let dims = states.dims();
            return Err(
                candle_core::Error::msg(format!("states of {dims:?} for {wanted:?}")).into()
            );
        }
        let mut layers = Vec::new();
        for layer in &self.layers {
            let mut kept = layer.encoder_attn.nothing();
            layer.encoder_attn.remember(states, states, &mut kept, breath).await?;
            layers.push(kept);
        }
        Ok(Heard { layers })
    }

    /// Logits `(vocab_size)` of what follows `ids` put after the tokens that were taken before.
    ///
    /// Fails if there are no ids, or more in all than `max_target_positions`. When it is stopped or fails,
    /// or its future is dropped, `written` is as before.
    pub async fn step(
        &self,
        heard: &Heard,
        ids: &[u32],
        written: &mut Written,
        breath: &Breath,
    ) -> Result<Tensor> {
        let (at, most) = (written.len, self.config.max_target_positions);
        if ids.is_empty() || at + ids.len() > most {
            let count = ids.len();
            return Err(candle_core::Error::msg(format!(
                "{count} tokens after {at} for a model of {most} positions"
            ))
            .into());
        }
        let count = self.layers.len();
        if heard.layers.len() != count || written.layers.len() != count {
            return Err(candle_core::Error::msg("what is kept is another model's").into());
        }
        let positions = self.embed_positions.narrow(0, at, ids.len())?;
        let mut xs = (self.embed_tokens.look_up(ids)? + positions)?;
        let kept = heard.layers.iter().zip(&mut written.layers);
        for (layer, (sound, words)) in self.layers.iter().zip(kept) {
            xs = layer.forward(xs, (at, words), sound, breath).await?;
        }
        let last = self.layer_norm.forward(&xs.narrow(0, ids.len() - 1, 1)?)?;
        breath().await?;
        let logits = self.embed_tokens.as_head(&last)?.squeeze(0)?;
        // Invariant: nothing can fail or wait any more, so all tokens were taken, or none.
        written.len += ids.len();
        Ok(logits)
    }
}

/// Attention to the words so far, attention to the sound, and a network of two layers for each position by
/// itself; each behind its norm.
struct Layer {
    self_attn: Attention,
    self_attn_layer_norm: LayerNorm,
    encoder_attn: Attention,
    encoder_attn_layer_norm: LayerNorm,
    fc1: Linear,
    fc2: Linear,
    final_layer_norm: LayerNorm,
    activation: Activation,
}

impl Layer {
    async fn load(weights: &Weights, config: &DecoderConfig) -> Result<Self> {
        let Sizes { hidden, intermediate, heads, activation, .. } = config.sizes();
        let head_dim = hidden / heads;
        let scale = 1. / (head_dim as f32).sqrt();
        let form = Form { d_model: hidden, heads, head_dim, scale, biased: Biased::ButKeys };
        let attention = async |name| Attention::load(&weights.at(name), PROJECTIONS, form).await;
        let norm = async |name| LayerNorm::load(&weights.at(name), hidden, EPS).await;
        Ok(Self {
            self_attn: attention("self_attn").await?,
            self_attn_layer_norm: norm("self_attn_layer_norm").await?,
            encoder_attn: attention("encoder_attn").await?,
            encoder_attn_layer_norm: norm("encoder_attn_layer_norm").await?,
            fc1: Linear::load_with_bias(&weights.at("fc1"), hidden, intermediate).await?,
            fc2: Linear::load_with_bias(&weights.at("fc2"), intermediate, hidden).await?,
            final_layer_norm: norm("final_layer_norm").await?,
            activation,
        })
    }

    /// `xs (tokens, d_model)` at the positions from `at` on, to the same.
    async fn forward(
        &self,
        xs: Tensor,
        (at, words): (usize, &mut KeyValues),
        sound: &KeyValues,
        breath: &Breath,
    ) -> Result<Tensor> {
        let inner = self.self_attn_layer_norm.forward(&xs)?;
        let keys = in_parts(&self.self_attn.k_proj, &inner, breath).await?;
        let values = in_parts(&self.self_attn.v_proj, &inner, breath).await?;
        let queries = in_parts(&self.self_attn.q_proj, &inner, breath).await?;
        put(words, at, &keys, &values)?;
        let past =
            Attend { sight: Sight::Past { window: None }, ..self.self_attn.attend(words, None) };
        let seen = queries.apply_op1_no_bwd(&past)?;
        let xs = (xs + in_parts(&self.self_attn.out_proj, &seen, breath).await?)?;
        let inner = self.encoder_attn_layer_norm.forward(&xs)?;
        let xs = (xs + self.encoder_attn.look(&inner, sound, None, breath).await?)?;
        let inner = in_parts(&self.fc1, &self.final_layer_norm.forward(&xs)?, breath).await?;
        let inner = inner.apply_op1_no_bwd(&self.activation)?;
        Ok((xs + in_parts(&self.fc2, &inner, breath).await?)?)
    }
}
