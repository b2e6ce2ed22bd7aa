//! Whisper: what is said in a sound.
//!
//! ```text
//! let heard = model.decoder.hear(&model.encoder.forward(&mel, &breath).await?, &breath).await?;
//! let mut written = model.decoder.nothing();
//! let logits = model.decoder.step(&heard, &[start], &mut written, &breath).await?; // (vocab_size)
//! ```

mod decoder;

use candle_core::Tensor;
use kernels::{Activation, Sight, Window};
use serde::Deserialize;

pub use self::decoder::{Decoder, DecoderConfig, Heard, Written};
use crate::{
    Breath, Result, Weights,
    encoder::{self, Blocks, HiddenAct, KeyBias, Order, Parts, Sizes},
    layers::{Convolution, LayerNorm},
    weights::Held,
};

const PARTS: Parts = Parts {
    attention: ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj"],
    attention_norm: "self_attn_layer_norm",
    mlp: ["fc1", "fc2"],
    mlp_norm: "final_layer_norm",
    key_bias: KeyBias::No,
    order: Order::Before,
    sight: Sight::All,
};
/// Of every norm; `transformers` leaves it at PyTorch's default.
const EPS: f32 = 1e-5;

/// `config.json` as far as we ask it.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names of config.json")]
pub struct Config {
    pub d_model: usize,
    pub encoder_ffn_dim: usize,
    pub encoder_layers: usize,
    pub encoder_attention_heads: usize,
    pub num_mel_bins: usize,
    pub max_source_positions: usize,
    activation_function: HiddenAct,
}

impl Config {
    /// From the text of `config.json`.
    pub fn from_json(json: &str) -> Result<Self> {
        encoder::config(json)
    }
}

/// Both halves.
pub struct Whisper {
    /// Hears.
    pub encoder: Encoder,
    /// Writes down.
    pub decoder: Decoder,
    held: Held,
}

impl Whisper {
    /// Loads every tensor of a WhisperForConditionalGeneration with this `config.json`; each is used exactly
    /// once, or it is an error. A copy of the head, which is the decoder's table, is passed over.
    pub async fn load(weights: &Weights, json: &str) -> Result<Self> {
        let (hears, writes) = (Config::from_json(json)?, DecoderConfig::from_json(json)?);
        let encoder = Encoder::load(weights, hears).await?;
        let decoder = Decoder::load(&weights.at("model.decoder"), writes).await?;
        weights.at("proj_out").skip("weight");
        weights.check_all_taken()?;
        Ok(Self { encoder, decoder, held: weights.held() })
    }

    /// What its weights are.
    pub fn held(&self) -> &Held {
        &self.held
    }
}

/// Hears half a minute.
pub struct Encoder {
    config: Config,
    conv1: Convolution,
    conv2: Convolution,
    embed_positions: Tensor,
    layers: Blocks,
    layer_norm: LayerNorm,
}

impl Encoder {
    /// Takes what is below `model.encoder`, or below `encoder` where that is where it lies.
    pub async fn load(weights: &Weights, config: Config) -> Result<Self> {
        let weights = match weights.at("encoder.conv1").has("weight") {
            true => weights.at("encoder"),
            false => weights.at("model.encoder"),
        };
        let size = config.d_model;
        let sizes = Sizes {
            hidden: size,
            intermediate: config.encoder_ffn_dim,
            heads: config.encoder_attention_heads,
            eps: EPS,
            activation: config.activation_function.activation(),
        };
        sizes.check()?;
        let window = |stride| Window { stride: [1, stride], padding: [0, 1], ..Window::line(3) };
        let conv = async |name, from, stride| {
            Convolution::load_with_bias(&weights.at(name), (from, size), &[3], window(stride)).await
        };
        let positions = weights.at("embed_positions");
        let encoder = Self {
            conv1: conv("conv1", config.num_mel_bins, 1).await?,
            conv2: conv("conv2", size, 2).await?,
            embed_positions: positions.table("weight", config.max_source_positions, size).await?,
            layers: Blocks::load(&weights.at("layers"), &PARTS, sizes, config.encoder_layers)
                .await?,
            layer_norm: LayerNorm::load(&weights.at("layer_norm"), size, EPS).await?,
            config,
        };
        weights.check_all_taken()?;
        Ok(encoder)
    }

    /// What the checkpoint says about its shape.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// `(num_mel_bins, 2 * max_source_positions)`.
    pub fn input_shape(&self) -> [usize; 2] {
        [self.config.num_mel_bins, 2 * self.config.max_source_positions]
    }

    /// A mel spectrogram `(num_mel_bins, 2 * max_source_positions)` to
    /// `(max_source_positions, d_model)`.
    pub async fn forward(&self, mel: &Tensor, breath: &Breath) -> Result<Tensor> {
        if mel.dims() != self.input_shape() {
            let (dims, wanted) = (mel.dims(), self.input_shape());
            return Err(candle_core::Error::msg(format!("a mel of {dims:?} for {wanted:?}")).into());
        }
        let xs = self.conv1.forward(&mel.unsqueeze(1)?)?.apply_op1_no_bwd(&Activation::Gelu)?;
        breath().await?;
        let xs = self.conv2.forward(&xs)?.apply_op1_no_bwd(&Activation::Gelu)?;
        breath().await?;
        let xs = (xs.squeeze(1)?.t()?.contiguous()? + &self.embed_positions)?;
        let count = xs.dim(0)?;
        let xs = self.layers.forward(xs, std::slice::from_ref(&(0..count)), breath).await?;
        Ok(self.layer_norm.forward(&xs)?)
    }
}
