//! CLIP: what a picture shows, as a point where texts have theirs too. So far its half for pictures.

use candle_core::Tensor;
use kernels::Window;
use serde::Deserialize;

use crate::{
    Breath, Result, Weights,
    encoder::{self, Blocks, HiddenAct, KeyBias, Order, Parts, Sizes},
    layers::{Convolution, LayerNorm, Linear},
};

const PARTS: Parts = Parts {
    attention: ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj"],
    attention_norm: "layer_norm1",
    mlp: ["mlp.fc1", "mlp.fc2"],
    mlp_norm: "layer_norm2",
    key_bias: KeyBias::Yes,
    order: Order::Before,
};
/// Red, green, blue.
const CHANNELS: usize = 3;

/// `config.json` of a CLIPVisionModelWithProjection, as far as we ask it.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names of config.json")]
pub struct VisionConfig {
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub image_size: usize,
    pub patch_size: usize,
    pub projection_dim: usize,
    #[serde(default = "eps")]
    pub layer_norm_eps: f32,
    #[serde(default = "quick_gelu")]
    hidden_act: HiddenAct,
}

/// What `transformers` takes where a `config.json` is silent.
fn eps() -> f32 {
    1e-5
}

/// The same.
fn quick_gelu() -> HiddenAct {
    HiddenAct::QuickGelu
}

impl VisionConfig {
    /// From the text of `config.json`.
    pub fn from_json(json: &str) -> Result<Self> {
        let config: Self = encoder::config(json)?;
        let side = config.image_size.checked_div(config.patch_size).unwrap_or(0);
        if !(1..=1024).contains(&side) {
            return Err(crate::Error::Damaged(format!(
                "a picture of {} in patches of {} is not possible",
                config.image_size, config.patch_size
            )));
        }
        Ok(config)
    }
}

/// The half for pictures.
pub struct Vision {
    config: VisionConfig,
    patch_embedding: Convolution,
    class_embedding: Tensor,
    position_embedding: Tensor,
    pre_layrnorm: LayerNorm,
    layers: Blocks,
    post_layernorm: LayerNorm,
    visual_projection: Linear,
}

impl Vision {
    /// Loads every tensor of a CLIPVisionModelWithProjection.
    pub async fn load(weights: &Weights, config: VisionConfig) -> Result<Self> {
        let sizes = Sizes {
            hidden: config.hidden_size,
            intermediate: config.intermediate_size,
            heads: config.num_attention_heads,
            eps: config.layer_norm_eps,
            activation: config.hidden_act.activation(),
        };
        sizes.check()?;
        let (hidden, side) = (config.hidden_size, config.image_size / config.patch_size);
        let model = weights.at("vision_model");
        let embeddings = model.at("embeddings");
        let patch = [config.patch_size; 2];
        let window = Window { stride: patch, ..Window::square(config.patch_size) };
        let norm = async |name| LayerNorm::load(&model.at(name), hidden, sizes.eps).await;
        let positions = embeddings.at("position_embedding");
        let vision = Self {
            patch_embedding: Convolution::load(
                &embeddings.at("patch_embedding"),
                (CHANNELS, hidden),
                &patch,
                window,
            )
            .await?,
            class_embedding: embeddings.vector("class_embedding", hidden).await?,
            position_embedding: positions.table("weight", side * side + 1, hidden).await?,
            pre_layrnorm: norm("pre_layrnorm").await?,
            layers: Blocks::load(
                &model.at("encoder.layers"),
                &PARTS,
                sizes,
                config.num_hidden_layers,
            )
            .await?,
            post_layernorm: norm("post_layernorm").await?,
            visual_projection: Linear::load(
                &weights.at("visual_projection"),
                hidden,
                config.projection_dim,
            )
            .await?,
            config,
        };
        embeddings.skip("position_ids");
        weights.check_all_taken()?;
        Ok(vision)
    }

    /// What the checkpoint says about its shape.
    pub fn config(&self) -> &VisionConfig {
        &self.config
    }

    /// `(3, image_size, image_size)`.
    pub fn input_shape(&self) -> [usize; 3] {
        [CHANNELS, self.config.image_size, self.config.image_size]
    }

    /// A picture `(3, image_size, image_size)` as a point `(projection_dim)`, not yet of length one.
    pub async fn forward(&self, pixels: &Tensor, breath: &Breath) -> Result<Tensor> {
        let xs = self.hidden_states(pixels, breath).await?;
        let class = self.post_layernorm.forward(&xs.narrow(0, 0, 1)?)?;
        Ok(self.visual_projection.forward(&class)?.squeeze(0)?)
    }

    /// What is known of each patch, the first being the whole: `(1 + patches, hidden_size)`.
    pub async fn hidden_states(&self, pixels: &Tensor, breath: &Breath) -> Result<Tensor> {
        if pixels.dims() != self.input_shape() {
            let (dims, wanted) = (pixels.dims(), self.input_shape());
            return Err(
                candle_core::Error::msg(format!("a picture of {dims:?} for {wanted:?}")).into()
            );
        }
        let patches = self.patch_embedding.forward(pixels)?.flatten_from(1)?.t()?.contiguous()?;
        let xs = Tensor::cat(&[&self.class_embedding.unsqueeze(0)?, &patches], 0)?;
        let xs = self.pre_layrnorm.forward(&(xs + &self.position_embedding)?)?;
        let count = xs.dim(0)?;
        self.layers.forward(xs, std::slice::from_ref(&(0..count)), breath).await
    }
}
