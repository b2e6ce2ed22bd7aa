use candle_core::Tensor;
use kernels::{Activation, MaxPool, Window};

use crate::{
    Breath, Result, Weights,
    layers::{Convolution, Normed},
};

/// Of every batch norm; the family changes PyTorch's default.
const EPS: f32 = 1e-3;
/// Side of the window that is pooled over, three times.
const POOLED: usize = 5;

/// A kernel of `size`, in steps of `stride`, that sees as much before as after a position.
fn window(size: usize, stride: usize) -> Window {
    Window { stride: [stride; 2], padding: [size / 2; 2], ..Window::square(size) }
}

/// A convolution with its norm, and SiLU.
pub(super) struct Conv(Convolution);

impl Conv {
    pub(super) async fn load(
        weights: &Weights,
        channels: (usize, usize),
        size: usize,
        stride: usize,
    ) -> Result<Self> {
        let normed = Normed { path: "conv", norm: "bn", eps: EPS };
        let window = window(size, stride);
        Ok(Self(Convolution::load_normed(weights, normed, channels, window).await?))
    }

    pub(super) async fn forward(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let xs = self.0.in_parts(xs, breath).await?;
        Ok(xs.apply_op1_no_bwd(&Activation::Silu)?)
    }
}

/// Two kernels of 3, one after the other; `added` is whether what went in is added to their answer.
struct Bottleneck {
    cv1: Conv,
    cv2: Conv,
    added: bool,
}

impl Bottleneck {
    async fn forward(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let ys = self.cv2.forward(&self.cv1.forward(xs, breath).await?, breath).await?;
        Ok(if self.added { (xs + ys)? } else { ys })
    }
}

/// Half of the channels go through bottlenecks, and what each of these says is kept.
pub(super) struct C2f {
    cv1: Conv,
    cv2: Conv,
    m: Vec<Bottleneck>,
}

impl C2f {
    /// `added` is whether its bottlenecks add what goes into them, as those of the backbone do.
    pub(super) async fn load(
        weights: &Weights,
        (from, to): (usize, usize),
        depth: usize,
        added: bool,
    ) -> Result<Self> {
        let half = to / 2;
        let mut m = Vec::new();
        for i in 0..depth {
            let layer = weights.at("m").at(i);
            let cv1 = Conv::load(&layer.at("cv1"), (half, half), 3, 1).await?;
            let cv2 = Conv::load(&layer.at("cv2"), (half, half), 3, 1).await?;
            m.push(Bottleneck { cv1, cv2, added });
        }
        Ok(Self {
            cv1: Conv::load(&weights.at("cv1"), (from, 2 * half), 1, 1).await?,
            cv2: Conv::load(&weights.at("cv2"), ((2 + depth) * half, to), 1, 1).await?,
            m,
        })
    }

    pub(super) async fn forward(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let both = self.cv1.forward(xs, breath).await?;
        let half = both.dim(0)? / 2;
        let mut last = both.narrow(0, half, half)?;
        let mut parts = vec![both];
        for layer in &self.m {
            last = layer.forward(&last, breath).await?;
            parts.push(last.clone());
        }
        self.cv2.forward(&Tensor::cat(&parts, 0)?, breath).await
    }
}

/// Each cell with the largest of those ever farther around it.
pub(super) struct Sppf {
    cv1: Conv,
    cv2: Conv,
}

impl Sppf {
    pub(super) async fn load(weights: &Weights, (from, to): (usize, usize)) -> Result<Self> {
        Ok(Self {
            cv1: Conv::load(&weights.at("cv1"), (from, from / 2), 1, 1).await?,
            cv2: Conv::load(&weights.at("cv2"), (from / 2 * 4, to), 1, 1).await?,
        })
    }

    pub(super) async fn forward(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let mut last = self.cv1.forward(xs, breath).await?;
        let mut parts = vec![last.clone()];
        for _ in 0..3 {
            last = last.apply_op1_no_bwd(&MaxPool(window(POOLED, 1)))?;
            parts.push(last.clone());
            breath().await?;
        }
        self.cv2.forward(&Tensor::cat(&parts, 0)?, breath).await
    }
}
