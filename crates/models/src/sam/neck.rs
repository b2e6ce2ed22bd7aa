use candle_core::Tensor;
use kernels::Window;

use crate::{
    Breath, Result, Weights,
    layers::{Convolution, LayerNorm, Linear, in_parts},
};

/// Brings what was seen to the width of the decoder.
pub(super) struct Neck {
    conv1: Linear,
    layer_norm1: LayerNorm,
    conv2: Convolution,
    layer_norm2: LayerNorm,
    side: usize,
}

impl Neck {
    /// From the first of `channels` to the second, for a picture of `side` cells to each side.
    pub(super) async fn load(
        weights: &Weights,
        channels: (usize, usize),
        side: usize,
    ) -> Result<Self> {
        let (hidden, out) = channels;
        let window = Window { padding: [1; 2], ..Window::square(3) };
        // `SamVisionNeck` leaves the norms at the default of `SamLayerNorm`.
        let norm = async |name| LayerNorm::load(&weights.at(name), out, 1e-6).await;
        Ok(Self {
            conv1: Linear::pointwise(&weights.at("conv1"), hidden, out).await?,
            layer_norm1: norm("layer_norm1").await?,
            conv2: Convolution::load(&weights.at("conv2"), (out, out), &[3, 3], window).await?,
            layer_norm2: norm("layer_norm2").await?,
            side,
        })
    }

    /// `(cells, channels)` to the same with other channels.
    pub(super) async fn forward(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let xs = self.layer_norm1.forward(&in_parts(&self.conv1, xs, breath).await?)?;
        let planes = xs.t()?.contiguous()?.reshape(((), self.side, self.side))?;
        let xs = self.conv2.in_parts(&planes, breath).await?;
        Ok(self.layer_norm2.forward(&xs.flatten_from(1)?.t()?.contiguous()?)?)
    }
}
