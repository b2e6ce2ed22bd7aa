use candle_core::Tensor;
use kernels::Window;
use serde::Deserialize;

use super::{ACTIVATION, EPS, PARTS, PROJECTION, patches};
use crate::{
    Breath, Result, Weights,
    encoder::{self, Blocks, HiddenAct, Sizes},
    layers::{Convolution, LayerNorm, Linear},
};

/// Red, green, blue.
const CHANNELS: usize = 3;

/// `config.json` of a CLIPVisionModelWithProjection, or `vision_config` of a CLIPModel, as far as we
/// ask it.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of config.json")]
pub struct VisionConfig {
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub image_size: usize,
    pub patch_size: usize,
    pub projection_dim: usize,
    pub layer_norm_eps: f32,
    hidden_act: HiddenAct,
}

impl Default for VisionConfig {
    fn default() -> Self {
        Self {
            hidden_size: 768,
            intermediate_size: 3072,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            image_size: 224,
            patch_size: 32,
            projection_dim: PROJECTION,
            layer_norm_eps: EPS,
            hidden_act: ACTIVATION,
        }
    }
}

impl VisionConfig {
    /// From the text of `config.json`.
    pub fn from_json(json: &str) -> Result<Self> {
        let config: Self = encoder::config(json)?;
        config.check()?;
        Ok(config)
    }

    pub(super) fn check(&self) -> Result<()> {
        patches(self.image_size, self.patch_size).map(drop)
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
        let vision = Self::part(weights, config).await?;
        weights.check_all_taken()?;
        Ok(vision)
    }

    /// Takes what of a CLIPModel is this half's.
    pub(super) async fn part(weights: &Weights, config: VisionConfig) -> Result<Self> {
        let sizes = Sizes {
            hidden: config.hidden_size,
            intermediate: config.intermediate_size,
            heads: config.num_attention_heads,
            eps: config.layer_norm_eps,
            activation: config.hidden_act.activation(),
        };
        sizes.check()?;
        let (hidden, side) = (config.hidden_size, patches(config.image_size, config.patch_size)?);
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
