//! TinyViT: what lies where in a picture, by convolutions where it is fine and by windows of cells where it is coarse.
//!
//! Names as in MobileSAM's repository. Its classifier, which the last four tensors are of, is left in the file.

mod config;

use candle_core::Tensor;
use kernels::{Activation, Bias, Sight, Window};

pub(super) use self::config::TinyVitConfig;
use super::CHANNELS;
use crate::{
    Breath, Result, Weights,
    attention::Among,
    layers::{Convolution, DepthwiseConvolution, LayerNorm, Linear, Normed, in_parts},
    windows::Windows,
};

/// Resolutions at which a picture is looked at, the last two of which are one.
pub(super) const STAGES: usize = 4;
/// Of every norm: PyTorch's default.
const EPS: f32 = 1e-5;
/// `mbconv_expand_ratio` and `mlp_ratio` of every TinyViT.
const WIDER: usize = 4;

/// Sizes of a stage.
#[derive(Clone, Copy)]
struct Stage {
    channels: usize,
    heads: usize,
    /// Cells to each side of a window.
    window: usize,
    /// Cells to each side of the picture.
    side: usize,
}

/// Looks at a picture.
pub(super) struct TinyVit {
    patch_embed: [Convolution; 2],
    convolved: Vec<MbConv>,
    stages: Vec<(PatchMerging, Vec<Block>)>,
}

/// A kernel of `size`, in steps of `stride`, that sees as much before as after a position.
fn window(size: usize, stride: usize) -> Window {
    Window { stride: [stride; 2], padding: [size / 2; 2], ..Window::square(size) }
}

/// What the original calls `Conv2d_BN`: takes all of `name`.
async fn normed(
    weights: &Weights,
    name: &str,
    channels: (usize, usize),
    window: Window,
) -> Result<Convolution> {
    let normed = Normed { path: "c", norm: "bn", eps: EPS };
    Convolution::load_normed(&weights.at(name), normed, channels, window).await
}

/// The same with a kernel of 3 for each channel by itself.
async fn depthwise(
    weights: &Weights,
    name: &str,
    channels: usize,
    stride: usize,
) -> Result<DepthwiseConvolution> {
    let normed = Normed { path: "c", norm: "bn", eps: EPS };
    DepthwiseConvolution::load_normed(&weights.at(name), normed, channels, window(3, stride)).await
}

fn gelu(xs: &Tensor) -> Result<Tensor> {
    Ok(xs.apply_op1_no_bwd(&Activation::Gelu)?)
}

/// `(channels, side, side)` to `(cells, channels)`.
fn cells(planes: &Tensor) -> Result<Tensor> {
    Ok(planes.flatten_from(1)?.t()?.contiguous()?)
}

/// The way back.
fn planes(cells: &Tensor, side: usize) -> Result<Tensor> {
    Ok(cells.t()?.contiguous()?.reshape(((), side, side))?)
}

impl TinyVit {
    /// Takes all of `image_encoder` but its neck.
    pub(super) async fn load(weights: &Weights, config: &TinyVitConfig) -> Result<Self> {
        let [first, ..] = config.embed_dims;
        let seq = weights.at("patch_embed.seq");
        let patch_embed = [
            normed(&seq, "0", (CHANNELS, first / 2), window(3, 2)).await?,
            normed(&seq, "2", (first / 2, first), window(3, 2)).await?,
        ];
        let layer = |at: usize| weights.at("layers").at(at);
        let mut convolved = Vec::new();
        for block in 0..config.depths[0] {
            convolved.push(MbConv::load(&layer(0).at("blocks").at(block), first).await?);
        }
        let mut stages = Vec::new();
        for at in 1..STAGES {
            let (from, stage) = (config.stage(at - 1), config.stage(at));
            // A stage's last cells are merged for the next one.
            let merging = layer(at - 1).at("downsample");
            let stride = from.side / stage.side;
            let channels = (from.channels, stage.channels);
            let merging = PatchMerging::load(&merging, channels, stride).await?;
            let mut blocks = Vec::new();
            for block in 0..config.depths[at] {
                blocks.push(Block::load(&layer(at).at("blocks").at(block), stage).await?);
            }
            stages.push((merging, blocks));
        }
        for name in ["norm_head", "head"] {
            weights.at(name).skip("weight");
            weights.at(name).skip("bias");
        }
        Ok(Self { patch_embed, convolved, stages })
    }

    /// `(3, image_size, image_size)` to what each stage makes of it: `(cells, channels)`.
    pub(super) async fn levels(&self, pixels: &Tensor, breath: &Breath) -> Result<Vec<Tensor>> {
        let [one, other] = &self.patch_embed;
        let mut xs = gelu(&one.in_parts(pixels, breath).await?)?;
        xs = other.in_parts(&xs, breath).await?;
        for block in &self.convolved {
            xs = block.forward(xs, breath).await?;
        }
        let mut levels = vec![cells(&xs)?];
        for (merging, blocks) in &self.stages {
            let merged = merging.forward(xs, breath).await?;
            let side = merged.dim(1)?;
            let mut states = cells(&merged)?;
            for block in blocks {
                states = block.forward(states, breath).await?;
            }
            xs = planes(&states, side)?;
            levels.push(states);
        }
        Ok(levels)
    }
}

/// Convolutions of many channels, each by itself, whose answer is added to what went in.
struct MbConv {
    conv1: Convolution,
    conv2: DepthwiseConvolution,
    conv3: Convolution,
}

impl MbConv {
    async fn load(weights: &Weights, channels: usize) -> Result<Self> {
        let inner = WIDER * channels;
        Ok(Self {
            conv1: normed(weights, "conv1", (channels, inner), window(1, 1)).await?,
            conv2: depthwise(weights, "conv2", inner, 1).await?,
            conv3: normed(weights, "conv3", (inner, channels), window(1, 1)).await?,
        })
    }

    async fn forward(&self, xs: Tensor, breath: &Breath) -> Result<Tensor> {
        // Each of these is 67 MB of the real network: none outlives the next.
        let mut inner = self.conv1.in_parts(&xs, breath).await?;
        inner = gelu(&inner)?;
        inner = self.conv2.in_parts(&inner, breath).await?;
        inner = gelu(&inner)?;
        inner = self.conv3.in_parts(&inner, breath).await?;
        gelu(&(xs + inner)?)
    }
}

/// From a stage to the next.
struct PatchMerging {
    conv1: Convolution,
    conv2: DepthwiseConvolution,
    conv3: Convolution,
}

impl PatchMerging {
    async fn load(weights: &Weights, (from, to): (usize, usize), stride: usize) -> Result<Self> {
        Ok(Self {
            conv1: normed(weights, "conv1", (from, to), window(1, 1)).await?,
            conv2: depthwise(weights, "conv2", to, stride).await?,
            conv3: normed(weights, "conv3", (to, to), window(1, 1)).await?,
        })
    }

    /// `(from, side, side)` to `(to, side / stride, side / stride)`.
    async fn forward(&self, xs: Tensor, breath: &Breath) -> Result<Tensor> {
        let xs = gelu(&self.conv1.in_parts(&xs, breath).await?)?;
        let xs = gelu(&self.conv2.in_parts(&xs, breath).await?)?;
        self.conv3.in_parts(&xs, breath).await
    }
}

/// Cells of a window look at each other, then at their neighbours; then each by itself goes through two layers.
struct Block {
    attn: Attention,
    local_conv: DepthwiseConvolution,
    norm: LayerNorm,
    fc1: Linear,
    fc2: Linear,
    side: usize,
}

impl Block {
    async fn load(weights: &Weights, stage: Stage) -> Result<Self> {
        let (channels, inner) = (stage.channels, WIDER * stage.channels);
        let mlp = weights.at("mlp");
        Ok(Self {
            attn: Attention::load(&weights.at("attn"), stage).await?,
            local_conv: depthwise(weights, "local_conv", channels, 1).await?,
            norm: LayerNorm::load(&mlp.at("norm"), channels, EPS).await?,
            fc1: Linear::load_with_bias(&mlp.at("fc1"), channels, inner).await?,
            fc2: Linear::load_with_bias(&mlp.at("fc2"), inner, channels).await?,
            side: stage.side,
        })
    }

    /// `(cells, channels)` to the same.
    async fn forward(&self, xs: Tensor, breath: &Breath) -> Result<Tensor> {
        let seen = self.attn.forward(&xs, breath).await?;
        let xs = planes(&(xs + seen)?, self.side)?;
        let xs = cells(&self.local_conv.in_parts(&xs, breath).await?)?;
        let inner = in_parts(&self.fc1, &self.norm.forward(&xs)?, breath).await?;
        Ok((xs + in_parts(&self.fc2, &gelu(&inner)?, breath).await?)?)
    }
}

/// Attention of the cells of a window to each other.
struct Attention {
    norm: LayerNorm,
    /// For each head queries, keys and values one after the other.
    qkv: Linear,
    proj: Linear,
    /// `(heads, window * window)`: what a score gains for how many rows and columns lie between two cells. The original
    /// numbers these pairs in the order in which it meets them, which is row by row.
    attention_biases: Vec<f32>,
    windows: Windows,
    heads: usize,
}

impl Attention {
    async fn load(weights: &Weights, stage: Stage) -> Result<Self> {
        let Stage { channels, heads, window, side } = stage;
        let biases = weights.table("attention_biases", heads, window * window).await?;
        Ok(Self {
            norm: LayerNorm::load(&weights.at("norm"), channels, EPS).await?,
            qkv: Linear::load_with_bias(&weights.at("qkv"), channels, 3 * channels).await?,
            proj: Linear::load_with_bias(&weights.at("proj"), channels, channels).await?,
            attention_biases: biases.flatten_all()?.to_vec1()?,
            windows: Windows::new(side, window)?,
            heads,
        })
    }

    /// `(cells, channels)` to the same.
    async fn forward(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        // What windows are filled up with is seen: it is nothing before the norm, not after it.
        let apart = self.norm.forward(&self.windows.apart(xs)?)?;
        let qkv = in_parts(&self.qkv, &apart, breath).await?;
        let (places, channels) = apart.dims2()?;
        let by_head = qkv.reshape((places, self.heads, 3, channels / self.heads))?;
        let part = |at: usize| by_head.narrow(2, at, 1)?.contiguous()?.reshape((places, channels));
        let (by_offset, width) = (&self.attention_biases, self.windows.side);
        let among = Among {
            heads: self.heads,
            scale: 1. / ((channels / self.heads) as f32).sqrt(),
            sight: Sight::All,
            rounded: self.qkv.is_rounded(),
        };
        let bias = |_| Some(Bias::ByOffset { by_offset, width, first: 0 });
        let seen =
            among.see(&[part(0)?, part(1)?, part(2)?], self.windows.spans(), bias, breath).await?;
        let seen = in_parts(&self.proj, &seen, breath).await?;
        self.windows.together(&seen)
    }
}
