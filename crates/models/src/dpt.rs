//! DPT: how near each pixel of a picture is.
//!
//! A vision transformer looks at the picture. What it knows after some of its layers becomes maps of
//! several sizes, which are added up from the coarsest to the finest, and a few convolutions read the
//! depth in the sum. DPT (Intel/dpt-large, and dpt-hybrid-midas, which sees through a BiT) and Depth
//! Anything, which sees through DINOv2, are built so.

mod bit;
mod config;
mod neck;
mod vit;

use candle_core::Tensor;
use kernels::{Activation, Between, Window};

pub use self::config::Config;
use self::{config::Family, neck::Neck, vit::Vit};
use crate::{
    Breath, Result, Weights,
    layers::{Convolution, resampled},
    weights::Held,
};

/// Red, green, blue.
const CHANNELS: usize = 3;

/// A loaded DPTForDepthEstimation or DepthAnythingForDepthEstimation.
pub struct Dpt {
    config: Config,
    vit: Vit,
    neck: Neck,
    /// To half the channels, to few, to one.
    head: [Convolution; 3],
    held: Held,
}

/// What the transformer sees.
pub struct Seen {
    /// After each layer that is asked: `(1 + patches, hidden)` with the whole picture first, or from a
    /// convolution `(channels, rows, columns)`.
    pub states: Vec<Tensor>,
    /// Rows and columns of patches.
    grid: [usize; 2],
}

impl Dpt {
    /// Loads every tensor.
    pub async fn load(weights: &Weights, config: Config) -> Result<Self> {
        let (fusion, half) = (config.fusion, config.fusion / 2);
        let names = match config.family {
            Family::Anything => ["conv1", "conv2", "conv3"],
            Family::Dpt | Family::Hybrid => ["head.0", "head.2", "head.4"],
        };
        let head = weights.at("head");
        let conv = async |at: usize, channels, side| {
            convolution(&head.at(names[at]), channels, side).await
        };
        let mut dpt = Self {
            vit: Vit::load(weights, &config).await?,
            neck: Neck::load(&weights.at("neck"), &config).await?,
            head: [
                conv(0, (fusion, half), 3).await?,
                conv(1, (half, config.head), 3).await?,
                conv(2, (config.head, 1), 1).await?,
            ],
            held: Held::default(),
            config,
        };
        weights.check_all_taken()?;
        dpt.held = weights.held();
        Ok(dpt)
    }

    /// What the checkpoint says about its shape.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What its weights take.
    pub fn held(&self) -> &Held {
        &self.held
    }

    /// How near what a picture `(3, height, width)` shows is, larger being nearer and nothing below zero:
    /// `(rows, columns)`. Fails if the network takes no picture of this size.
    pub async fn forward(&self, pixels: &Tensor, breath: &Breath) -> Result<Tensor> {
        let seen = self.see(pixels, breath).await?;
        let fused = self.fuse(&seen, breath).await?;
        self.read(&fused, &seen, breath).await
    }

    /// What the transformer sees in a picture.
    pub async fn see(&self, pixels: &Tensor, breath: &Breath) -> Result<Seen> {
        let (states, grid) = self.vit.forward(pixels, &self.config, breath).await?;
        Ok(Seen { states, grid })
    }

    /// The sum of the maps that are made of it: `(fusion, rows, columns)`.
    pub async fn fuse(&self, seen: &Seen, breath: &Breath) -> Result<Tensor> {
        self.neck.forward(&seen.states, seen.grid, &self.config, breath).await
    }

    /// The depth that is read in the sum.
    pub async fn read(&self, fused: &Tensor, seen: &Seen, breath: &Breath) -> Result<Tensor> {
        let [first, second, last] = &self.head;
        let xs = first.in_parts(fused, breath).await?;
        let (_, rows, columns) = xs.dims3()?;
        let to = match self.config.family {
            Family::Anything => seen.grid.map(|side| side * self.config.patch_size),
            Family::Dpt | Family::Hybrid => [rows * 2, columns * 2],
        };
        let xs = resampled(&xs, to, Between::BilinearAligned, breath).await?;
        let xs = second.in_parts(&xs, breath).await?.apply_op1_no_bwd(&Activation::Relu)?;
        let xs = last.in_parts(&xs, breath).await?.apply_op1_no_bwd(&Activation::Relu)?;
        Ok(xs.squeeze(0)?)
    }
}

/// Depth `(rows, columns)` at the size of the picture it was told of, `[width, height]`, as the reference's
/// `post_process_depth_estimation` does it: by a cubic, which may go a little below zero beside an edge.
pub async fn at_size(depth: &Tensor, size: [usize; 2], breath: &Breath) -> Result<Vec<f32>> {
    let [width, height] = size;
    let depth = depth.unsqueeze(0)?;
    let depth = resampled(&depth, [height, width], Between::Bicubic, breath).await?;
    Ok(depth.flatten_all()?.to_vec1()?)
}

/// A convolution with bias that sees as much before as after a position.
async fn convolution(
    weights: &Weights,
    channels: (usize, usize),
    side: usize,
) -> Result<Convolution> {
    let window = Window { padding: [side / 2; 2], ..Window::square(side) };
    Convolution::load_with_bias(weights, channels, &[side; 2], window).await
}
