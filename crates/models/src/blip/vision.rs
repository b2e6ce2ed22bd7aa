use candle_core::Tensor;
use kernels::{Sight, Window};

use super::VisionConfig;
use crate::{
    Breath, Result, Weights,
    encoder::{Blocks, KeyBias, Order, Parts},
    layers::{Convolution, LayerNorm},
};

/// Red, green, blue.
const CHANNELS: usize = 3;

const QKV: &str = "self_attn.qkv";
const PARTS: Parts = Parts {
    attention: [QKV, QKV, QKV, "self_attn.projection"],
    attention_norm: "layer_norm1",
    mlp: ["mlp.fc1", "mlp.fc2"],
    mlp_norm: "layer_norm2",
    key_bias: KeyBias::Yes,
    order: Order::Before,
    sight: Sight::All,
};

/// What sees pictures.
pub struct Vision {
    config: VisionConfig,
    patch_embedding: Convolution,
    class_embedding: Tensor,
    position_embedding: Tensor,
    layers: Blocks,
    post_layernorm: LayerNorm,
}

impl Vision {
    pub(super) async fn load(weights: &Weights, config: VisionConfig) -> Result<Self> {
        let (sizes, side) = (config.sizes(), config.image_size / config.patch_size);
        let embeddings = weights.at("embeddings");
        let patch = [config.patch_size; 2];
        let window = Window { stride: patch, ..Window::square(config.patch_size) };
        let (layers, count) = (weights.at("encoder.layers"), config.num_hidden_layers);
        let table = async |name, rows| embeddings.rows(name, rows, sizes.hidden).await;
        let norm = weights.at("post_layernorm");
        Ok(Self {
            patch_embedding: Convolution::load_with_bias(
                &embeddings.at("patch_embedding"),
                (CHANNELS, sizes.hidden),
                &patch,
                window,
            )
            .await?,
            class_embedding: table("class_embedding", 1).await?,
            position_embedding: table("position_embedding", side * side + 1).await?,
            layers: Blocks::load(&layers, &PARTS, sizes, count).await?,
            post_layernorm: LayerNorm::load(&norm, sizes.hidden, sizes.eps).await?,
            config,
        })
    }

    /// `(3, image_size, image_size)`.
    pub fn input_shape(&self) -> [usize; 3] {
        [CHANNELS, self.config.image_size, self.config.image_size]
    }

    /// What is known of a picture `(3, image_size, image_size)`, first of the whole, then of each patch:
    /// `(1 + patches, hidden_size)`.
    pub async fn forward(&self, pixels: &Tensor, breath: &Breath) -> Result<Tensor> {
        if pixels.dims() != self.input_shape() {
            let (dims, wanted) = (pixels.dims(), self.input_shape());
            return Err(
                candle_core::Error::msg(format!("a picture of {dims:?} for {wanted:?}")).into()
            );
        }
        let patches = self.patch_embedding.in_parts(pixels, breath).await?;
        let patches = patches.flatten_from(1)?.t()?.contiguous()?;
        let xs = (Tensor::cat(&[&self.class_embedding, &patches], 0)? + &self.position_embedding)?;
        let count = xs.dim(0)?;
        let xs = self.layers.forward(xs, std::slice::from_ref(&(0..count)), breath).await?;
        Ok(self.post_layernorm.forward(&xs)?)
    }
}
