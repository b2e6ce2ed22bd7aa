use candle_core::Tensor;
use kernels::Window;
use serde::Deserialize;

use super::{ACTIVATION, EPS, PARTS, PROJECTION};
use crate::{
    Breath, Error, Result, Weights,
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
        config.patches()?;
        Ok(config)
    }

    /// How many patches lie side by side in a picture, if it can be cut into them.
    pub(crate) fn patches(&self) -> Result<usize> {
        let Self { image_size, patch_size, .. } = *self;
        let side = image_size.checked_div(patch_size).unwrap_or(0);
        match (1..=1024).contains(&side) {
            true => Ok(side),
            false => Err(Error::Damaged(format!(
                "a picture of {image_size} in patches of {patch_size} is not possible"
            ))),
        }
    }
}

/// What looks at pictures: the half of a CLIPModel but for its last layer, and of other networks too.
pub(crate) struct Tower {
    patch_embedding: Convolution,
    class_embedding: Tensor,
    position_embedding: Tensor,
    first_norm: LayerNorm,
    layers: Blocks,
    /// Of what is known in the end; it is not done here.
    pub(crate) post_layernorm: LayerNorm,
    side_px: usize,
}

impl Tower {
    /// Takes every tensor below `weights`. `first_norm` is what its family calls the norm before the blocks.
    pub(crate) async fn load(
        weights: &Weights,
        config: &VisionConfig,
        first_norm: &str,
    ) -> Result<Self> {
        let sizes = Sizes {
            hidden: config.hidden_size,
            intermediate: config.intermediate_size,
            heads: config.num_attention_heads,
            eps: config.layer_norm_eps,
            activation: config.hidden_act.activation(),
        };
        sizes.check()?;
        let (hidden, side) = (config.hidden_size, config.patches()?);
        let embeddings = weights.at("embeddings");
        let patch = [config.patch_size; 2];
        let window = Window { stride: patch, ..Window::square(config.patch_size) };
        let norm = async |name| LayerNorm::load(&weights.at(name), hidden, sizes.eps).await;
        let positions = embeddings.at("position_embedding");
        let (layers, count) = (weights.at("encoder.layers"), config.num_hidden_layers);
        let tower = Self {
            patch_embedding: Convolution::load(
                &embeddings.at("patch_embedding"),
                (CHANNELS, hidden),
                &patch,
                window,
            )
            .await?,
            class_embedding: embeddings.vector("class_embedding", hidden).await?,
            position_embedding: positions.table("weight", side * side + 1, hidden).await?,
            first_norm: norm(first_norm).await?,
            layers: Blocks::load(&layers, &PARTS, sizes, count).await?,
            post_layernorm: norm("post_layernorm").await?,
            side_px: config.image_size,
        };
        embeddings.skip("position_ids");
        Ok(tower)
    }

    /// `(3, image_size, image_size)`.
    pub(crate) fn input_shape(&self) -> [usize; 3] {
        [CHANNELS, self.side_px, self.side_px]
    }

    /// What is known of each patch, the first being the whole: `(1 + patches, hidden_size)`.
    pub(crate) async fn hidden_states(&self, pixels: &Tensor, breath: &Breath) -> Result<Tensor> {
        if pixels.dims() != self.input_shape() {
            let (dims, wanted) = (pixels.dims(), self.input_shape());
            return Err(
                candle_core::Error::msg(format!("a picture of {dims:?} for {wanted:?}")).into()
            );
        }
        let patches = self.patch_embedding.in_parts(pixels, breath).await?;
        let patches = patches.flatten_from(1)?.t()?.contiguous()?;
        let xs = Tensor::cat(&[&self.class_embedding.unsqueeze(0)?, &patches], 0)?;
        let xs = self.first_norm.forward(&(xs + &self.position_embedding)?)?;
        let count = xs.dim(0)?;
        self.layers.forward(xs, std::slice::from_ref(&(0..count)), breath).await
    }
}

/// The half for pictures.
pub struct Vision {
    config: VisionConfig,
    tower: Tower,
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
        let tower = Tower::load(&weights.at("vision_model"), &config, "pre_layrnorm").await?;
        let projection = weights.at("visual_projection");
        let (from, to) = (config.hidden_size, config.projection_dim);
        let visual_projection = Linear::load(&projection, from, to).await?;
        Ok(Self { config, tower, visual_projection })
    }

    /// What the checkpoint says about its shape.
    pub fn config(&self) -> &VisionConfig {
        &self.config
    }

    /// `(3, image_size, image_size)`.
    pub fn input_shape(&self) -> [usize; 3] {
        self.tower.input_shape()
    }

    /// A picture `(3, image_size, image_size)` as a point `(projection_dim)`, not yet of length one.
    pub async fn forward(&self, pixels: &Tensor, breath: &Breath) -> Result<Tensor> {
        let xs = self.hidden_states(pixels, breath).await?;
        let class = self.tower.post_layernorm.forward(&xs.narrow(0, 0, 1)?)?;
        Ok(self.visual_projection.forward(&class)?.squeeze(0)?)
    }

    /// What is known of each patch, the first being the whole: `(1 + patches, hidden_size)`.
    pub async fn hidden_states(&self, pixels: &Tensor, breath: &Breath) -> Result<Tensor> {
        self.tower.hidden_states(pixels, breath).await
    }
}
