use candle_core::Tensor;
use kernels::{Between, Sight, Window};

use super::{CHANNELS, Config, bit::Bit, config::Family};
use crate::{
    Breath, Error, Result, Weights,
    encoder::{Block, KeyBias, Order, Parts},
    layers::{Convolution, LayerNorm, resampled},
};

const DPT: Parts = Parts {
    attention: [
        "attention.attention.query",
        "attention.attention.key",
        "attention.attention.value",
        "attention.output.dense",
    ],
    attention_norm: "layernorm_before",
    mlp: ["intermediate.dense", "output.dense"],
    mlp_norm: "layernorm_after",
    key_bias: KeyBias::Yes,
    order: Order::Before,
    sight: Sight::All,
};

const DINOV2: Parts =
    Parts { attention_norm: "norm1", mlp: ["mlp.fc1", "mlp.fc2"], mlp_norm: "norm2", ..DPT };

/// A vision transformer that says what it knows after some of its layers.
pub(super) struct Vit {
    /// What a hybrid sees through; its last stage is what patches are made of.
    bit: Option<Bit>,
    projection: Convolution,
    cls_token: Tensor,           // (1, hidden)
    position_embeddings: Tensor, // (1 + side * side, hidden)
    layer: Vec<Block>,
    layernorm: Option<LayerNorm>,
}

impl Vit {
    pub(super) async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let Config { family, sizes, patch_size, .. } = config;
        let (model, parts) = match family {
            Family::Anything => (weights.at("backbone"), DINOV2),
            Family::Dpt | Family::Hybrid => (weights.at("dpt"), DPT),
        };
        let embeddings = model.at("embeddings");
        let (bit, from, patch, projection) = match &config.bit {
            Some(bit) => {
                let loaded = Bit::load(&embeddings.at("backbone.bit"), bit).await?;
                (Some(loaded), bit.channels(), 1, "projection")
            }
            None => (None, CHANNELS, *patch_size, "patch_embeddings.projection"),
        };
        let window = Window { stride: [patch; 2], ..Window::square(patch) };
        let projection = Convolution::load_with_bias(
            &embeddings.at(projection),
            (from, sizes.hidden),
            &[patch; 2],
            window,
        )
        .await?;
        let mut layer = Vec::new();
        for i in 0..config.layers {
            let weights = model.at("encoder.layer").at(i);
            let block = Block::load(&weights, &parts, *sizes).await?;
            layer.push(match family {
                Family::Anything => block.scaled([
                    weights.at("layer_scale1").vector("lambda1", sizes.hidden).await?,
                    weights.at("layer_scale2").vector("lambda1", sizes.hidden).await?,
                ]),
                Family::Dpt | Family::Hybrid => block,
            });
        }
        let norm = model.at("layernorm");
        let layernorm = match config.normed {
            true => Some(LayerNorm::load(&norm, sizes.hidden, sizes.eps).await?),
            false => None,
        };
        // What only other uses of the same network need.
        embeddings.skip("mask_token");
        for leaf in ["weight", "bias"] {
            norm.skip(leaf);
        }
        let positions = config.side() * config.side() + 1;
        Ok(Self {
            bit,
            projection,
            cls_token: embeddings.rows("cls_token", 1, sizes.hidden).await?,
            position_embeddings: embeddings
                .rows("position_embeddings", positions, sizes.hidden)
                .await?,
            layer,
            layernorm,
        })
    }

    /// What is known of a picture `(3, rows, columns)` after each layer that is asked, and before them what
    /// the first stages of a hybrid's BiT see; and rows and columns of patches.
    pub(super) async fn forward(
        &self,
        pixels: &Tensor,
        config: &Config,
        breath: &Breath,
    ) -> Result<(Vec<Tensor>, [usize; 2])> {
        check(pixels, config)?;
        let (mut seen, source) = match &self.bit {
            Some(bit) => {
                let mut stages = bit.forward(pixels, breath).await?;
                let last = stages.pop().unwrap_or_else(|| pixels.clone());
                (stages, last)
            }
            None => (Vec::new(), pixels.clone()),
        };
        let patches = self.projection.in_parts(&source, breath).await?;
        let (_, rows, columns) = patches.dims3()?;
        let patches = patches.flatten_from(1)?.t()?.contiguous()?;
        let positions = self.positions([rows, columns], config, breath).await?;
        let mut xs = (Tensor::cat(&[&self.cls_token, &patches], 0)? + positions)?;
        let all = 0..rows * columns + 1;
        for (i, block) in self.layer.iter().enumerate() {
            xs = block.forward(xs, std::slice::from_ref(&all), breath).await?;
            if config.asked.contains(&(i + 1)) {
                seen.push(match &self.layernorm {
                    Some(norm) => norm.forward(&xs)?,
                    None => xs.clone(),
                });
            }
        }
        Ok((seen, [rows, columns]))
    }

    /// Where each patch of a grid is, after the whole picture: `(1 + patches, hidden)`.
    async fn positions(
        &self,
        grid: [usize; 2],
        config: &Config,
        breath: &Breath,
    ) -> Result<Tensor> {
        let (table, side) = (&self.position_embeddings, config.side());
        if grid == [side; 2] {
            return Ok(table.clone());
        }
        let hidden = table.dim(1)?;
        let filter = match config.family {
            Family::Anything => Between::Bicubic,
            Family::Dpt | Family::Hybrid => Between::Bilinear,
        };
        let square = table.narrow(0, 1, side * side)?.t()?.contiguous()?;
        let square = square.reshape((hidden, side, side))?;
        let placed = resampled(&square, grid, filter, breath).await?;
        let placed = placed.flatten_from(1)?.t()?.contiguous()?;
        Ok(Tensor::cat(&[&table.narrow(0, 0, 1)?, &placed], 0)?)
    }
}

/// Fails if the network takes no picture of this size, as the reference does.
fn check(pixels: &Tensor, config: &Config) -> Result<()> {
    let Config { family, image_size, patch_size, .. } = *config;
    let (channels, rows, columns) = pixels.dims3()?;
    let sizes_fit = match family {
        Family::Anything => rows >= patch_size && columns >= patch_size,
        Family::Dpt => rows >= patch_size && rows / patch_size == columns / patch_size,
        Family::Hybrid => rows == image_size && columns == image_size,
    };
    if channels != CHANNELS || rows * columns == 0 {
        return Err(candle_core::Error::msg(format!("a picture of {:?}", pixels.dims())).into());
    }
    match (sizes_fit, family) {
        (true, _) => Ok(()),
        (false, Family::Hybrid) => Err(Error::Unsupported(format!(
            "this model looks at {image_size} × {image_size} pixels, and its preprocessor_config.json makes {columns} × {rows}"
        ))),
        (false, _) => Err(Error::Unsupported(format!(
            "this model cannot look at {columns} × {rows} pixels in patches of {patch_size}, as its preprocessor_config.json makes them"
        ))),
    }
}
