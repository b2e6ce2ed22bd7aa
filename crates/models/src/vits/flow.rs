use candle_core::Tensor;
use kernels::{Activation, Gated, Window};

use super::Config;
use crate::{Breath, Result, Weights, layers::Convolution};

/// Turns what a text is expected to sound like into what it sounds like.
pub(super) struct Flows {
    /// In the order in which they are undone.
    flows: Vec<Coupling>,
    half: usize,
}

struct Coupling {
    conv_pre: Convolution,
    wavenet: WaveNet,
    conv_post: Convolution,
}

impl Flows {
    pub(super) async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let (hidden, half) = (config.hidden_size, config.flow_size / 2);
        let mut flows = Vec::new();
        for at in (0..config.prior_encoder_num_flows).rev() {
            let flow = weights.at("flows").at(at);
            let point = async |name, channels| {
                Convolution::load_with_bias(&flow.at(name), channels, &[1], Window::line(1)).await
            };
            flows.push(Coupling {
                conv_pre: point("conv_pre", (half, hidden)).await?,
                wavenet: WaveNet::load(&flow.at("wavenet"), config).await?,
                conv_post: point("conv_post", (hidden, half)).await?,
            });
        }
        Ok(Self { flows, half })
    }

    /// `(flow_size, 1, frames)` to the same.
    pub(super) async fn undo(&self, xs: Tensor, breath: &Breath) -> Result<Tensor> {
        let mut xs = xs;
        for flow in &self.flows {
            let turned = flipped(&xs)?;
            let first = turned.narrow(0, 0, self.half)?.contiguous()?;
            let hidden = flow.conv_pre.along(&first, breath).await?;
            let hidden = flow.wavenet.forward(hidden, breath).await?;
            let mean = flow.conv_post.along(&hidden, breath).await?;
            let second = (turned.narrow(0, self.half, self.half)? - mean)?;
            xs = Tensor::cat(&[first, second], 0)?;
        }
        Ok(xs)
    }
}

/// The same channels, the last one first.
fn flipped(xs: &Tensor) -> candle_core::Result<Tensor> {
    let last_first: Vec<Tensor> =
        (0..xs.dim(0)?).rev().map(|channel| xs.narrow(0, channel, 1)).collect::<candle_core::Result<_>>()?;
    Tensor::cat(&last_first, 0)
}

/// Convolutions with gates, each of which adds to the answer and to what the next one sees.
struct WaveNet {
    in_layers: Vec<Convolution>,
    res_skip_layers: Vec<Convolution>,
    hidden: usize,
}

impl WaveNet {
    async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let (hidden, kernel) = (config.hidden_size, config.wavenet_kernel_size);
        let layers = config.prior_encoder_num_wavenet_layers;
        let (mut in_layers, mut res_skip_layers) = (Vec::new(), Vec::new());
        let mut dilation = 1;
        for at in 0..layers {
            let part = |name: &str| weights.at(name).at(at);
            let window = Window {
                padding: [0, (kernel - 1) * dilation / 2],
                dilation: [1, dilation],
                ..Window::line(kernel)
            };
            let wide = (hidden, 2 * hidden);
            in_layers.push(Convolution::load_scaled(&part("in_layers"), wide, window).await?);
            let out = if at + 1 < layers { wide } else { (hidden, hidden) };
            let point = Window::line(1);
            let layer = Convolution::load_scaled(&part("res_skip_layers"), out, point).await?;
            res_skip_layers.push(layer);
            dilation *= config.wavenet_dilation_rate;
        }
        Ok(Self { in_layers, res_skip_layers, hidden })
    }

    /// `(hidden, 1, frames)` to the same.
    async fn forward(&self, mut xs: Tensor, breath: &Breath) -> Result<Tensor> {
        let mut sum: Option<Tensor> = None;
        for (layer, next) in self.in_layers.iter().zip(&self.res_skip_layers) {
            let seen = layer.along(&xs, breath).await?;
            let half = |at| seen.narrow(0, at * self.hidden, self.hidden)?.contiguous();
            let gate = half(1)?.apply_op1_no_bwd(&Activation::Sigmoid)?;
            let acts = half(0)?.apply_op2_no_bwd(&gate, &Gated(Activation::Tanh))?;
            let out = next.along(&acts, breath).await?;
            let skip = match out.dim(0)? > self.hidden {
                true => {
                    xs = (xs + out.narrow(0, 0, self.hidden)?)?;
                    out.narrow(0, self.hidden, self.hidden)?
                }
                false => out,
            };
            sum = Some(match sum {
                Some(sum) => (sum + skip)?,
                None => skip,
            });
        }
        Ok(sum.unwrap_or(xs).contiguous()?)
    }
}
