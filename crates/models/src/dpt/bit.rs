//! BiT: a ResNet whose kernels are standardized, and whose norms are of groups of channels.

use candle_core::Tensor;
use kernels::{Activation, MaxPool, Norm, Window};
use serde::Deserialize;

use super::CHANNELS;
use crate::{Breath, Error, Result, Weights, layers::Convolution};

/// Added to variances of kernels, and of groups: `modeling_bit.py` of transformers 4.57.
const KERNEL_EPS: f32 = 1e-8;
const GROUP_EPS: f32 = 1e-5;
/// Sizes beyond this are a lie.
const MOST: usize = 1 << 16;

/// `backbone_config` of a hybrid; the defaults are those of `DPTConfig` and `BitConfig`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub(super) struct Config {
    num_channels: usize,
    embedding_size: usize,
    hidden_sizes: Vec<usize>,
    depths: Vec<usize>,
    layer_type: String,
    hidden_act: String,
    global_padding: Option<String>,
    num_groups: usize,
    embedding_dynamic_padding: bool,
    output_stride: usize,
    width_factor: f32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            num_channels: CHANNELS,
            embedding_size: 64,
            hidden_sizes: vec![256, 512, 1024, 2048],
            depths: vec![3, 4, 9],
            layer_type: "bottleneck".into(),
            hidden_act: "relu".into(),
            global_padding: Some("same".into()),
            num_groups: 32,
            embedding_dynamic_padding: true,
            output_stride: 32,
            width_factor: 1.,
        }
    }
}

impl Config {
    pub(super) fn read(value: serde_json::Value) -> Result<Self> {
        let config: Self =
            serde_json::from_value(value).map_err(|error| Error::Damaged(error.to_string()))?;
        let same = config.global_padding.as_ref().is_some_and(|p| p.eq_ignore_ascii_case("same"));
        if config.layer_type != "bottleneck"
            || config.hidden_act != "relu"
            || config.num_channels != CHANNELS
            || !same
            || !config.embedding_dynamic_padding
            || config.output_stride != 32
            || config.width_factor != 1.
        {
            return Err(Error::Unsupported(
                "a hybrid DPT is known here with a BiT of bottlenecks padded as `same`, no other"
                    .into(),
            ));
        }
        let Self { hidden_sizes, depths, embedding_size, num_groups, .. } = &config;
        let possible = depths.len() == 3
            && hidden_sizes.len() >= depths.len()
            && hidden_sizes
                .iter()
                .chain(depths)
                .chain([embedding_size])
                .all(|n| (1..=MOST).contains(n))
            && hidden_sizes.iter().all(|size| {
                inner(*size).is_multiple_of(*num_groups) && size.is_multiple_of(*num_groups)
            })
            && embedding_size.is_multiple_of(*num_groups);
        match possible {
            true => Ok(config),
            false => Err(Error::Damaged(format!(
                "a BiT of {hidden_sizes:?} channels, {depths:?} layers and {num_groups} groups is not possible"
            ))),
        }
    }

    /// Channels of what comes out.
    pub(super) fn channels(&self) -> usize {
        self.hidden_sizes.get(2).copied().unwrap_or_default()
    }
}

/// Channels in a bottleneck: `make_div` of the reference, a quarter as a multiple of 8.
fn inner(channels: usize) -> usize {
    let quarter = channels as f32 * 0.25;
    let near = ((quarter + 4.) as usize / 8 * 8).max(8);
    if (near as f32) < 0.9 * quarter { near + 8 } else { near }
}

/// A standardized convolution and the norm of its answer.
struct Layer {
    convolution: Convolution,
    weight: Tensor,
    bias: Tensor,
    groups: usize,
    side: usize,
    stride: usize,
}

impl Layer {
    async fn load(
        (weights, names): (&Weights, [&str; 2]),
        (from, to): (usize, usize),
        (side, stride): (usize, usize),
        groups: usize,
    ) -> Result<Self> {
        let window = Window { stride: [stride; 2], ..Window::square(side) };
        let (kernel, norm) = (weights.at(names[0]), weights.at(names[1]));
        Ok(Self {
            convolution: Convolution::load_standard(&kernel, (from, to), window, KERNEL_EPS)
                .await?,
            weight: norm.vector("weight", to).await?,
            bias: norm.vector("bias", to).await?,
            groups,
            side,
            stride,
        })
    }

    async fn forward(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let Self { weight, bias, groups, .. } = self;
        let padded = same(xs, self.side, self.stride)?;
        let xs = self.convolution.in_parts(&padded, breath).await?;
        let norm = Norm::Group { groups: *groups, weight, bias, eps: GROUP_EPS };
        Ok(xs.apply_op1_no_bwd(&norm)?)
    }
}

/// `xs` with zeros around it so that a kernel of `side` gives one answer for each `stride` numbers; the odd
/// zero comes last.
fn same(xs: &Tensor, side: usize, stride: usize) -> candle_core::Result<Tensor> {
    let mut xs = xs.clone();
    for axis in [1, 2] {
        let size = xs.dim(axis)?;
        let reached = (size.div_ceil(stride) - 1) * stride + side;
        let more = reached.saturating_sub(size);
        xs = xs.pad_with_zeros(axis, more / 2, more - more / 2)?;
    }
    xs.contiguous()
}

fn relu(xs: &Tensor) -> candle_core::Result<Tensor> {
    xs.apply_op1_no_bwd(&Activation::Relu)
}

struct Bottleneck {
    layers: [Layer; 3],
    downsample: Option<Layer>,
}

impl Bottleneck {
    async fn load(
        weights: &Weights,
        (from, to): (usize, usize),
        (first, stride): (bool, usize),
        groups: usize,
    ) -> Result<Self> {
        let inner = inner(to);
        let layer = async |names, channels, shape| {
            Layer::load((weights, names), channels, shape, groups).await
        };
        Ok(Self {
            layers: [
                layer(["conv1", "norm1"], (from, inner), (1, 1)).await?,
                layer(["conv2", "norm2"], (inner, inner), (3, stride)).await?,
                layer(["conv3", "norm3"], (inner, to), (1, 1)).await?,
            ],
            downsample: match first {
                true => Some(
                    layer(["downsample.conv", "downsample.norm"], (from, to), (1, stride)).await?,
                ),
                false => None,
            },
        })
    }

    async fn forward(&self, xs: Tensor, breath: &Breath) -> Result<Tensor> {
        let [first, second, third] = &self.layers;
        let inner = relu(&first.forward(&xs, breath).await?)?;
        let inner = relu(&second.forward(&inner, breath).await?)?;
        let inner = third.forward(&inner, breath).await?;
        let xs = match &self.downsample {
            Some(layer) => layer.forward(&xs, breath).await?,
            None => xs,
        };
        Ok(relu(&(xs + inner)?)?)
    }
}

/// A loaded BiT of three stages.
pub(super) struct Bit {
    stem: Layer,
    stages: Vec<Vec<Bottleneck>>,
}

impl Bit {
    pub(super) async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let (groups, mut from) = (config.num_groups, config.embedding_size);
        let names = ["convolution", "norm"];
        let embedder = weights.at("embedder");
        let stem = Layer::load((&embedder, names), (CHANNELS, from), (7, 2), groups).await?;
        let mut stages = Vec::new();
        for (stage, (to, depth)) in config.hidden_sizes.iter().zip(&config.depths).enumerate() {
            let mut blocks = Vec::new();
            for block in 0..*depth {
                let weights = weights.at(format!("encoder.stages.{stage}.layers.{block}"));
                let stride = if stage > 0 && block == 0 { 2 } else { 1 };
                let shape = (block == 0, stride);
                blocks.push(Bottleneck::load(&weights, (from, *to), shape, groups).await?);
                from = *to;
            }
            stages.push(blocks);
        }
        Ok(Self { stem, stages })
    }

    /// A picture `(3, rows, columns)` to what each stage sees: `(channels, rows', columns')`.
    pub(super) async fn forward(&self, pixels: &Tensor, breath: &Breath) -> Result<Vec<Tensor>> {
        let xs = relu(&self.stem.forward(pixels, breath).await?)?;
        let window = Window { stride: [2; 2], ..Window::square(3) };
        let mut xs = same(&xs, 3, 2)?.apply_op1_no_bwd(&MaxPool(window))?;
        let mut seen = Vec::new();
        for stage in &self.stages {
            for block in stage {
                xs = block.forward(xs, breath).await?;
            }
            seen.push(xs.clone());
        }
        Ok(seen)
    }
}
