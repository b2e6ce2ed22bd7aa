use candle_core::{Device, Tensor};
use kernels::{Activation, Gated};

use super::Config;
use crate::{
    Breath, Result, Weights,
    layers::with_floats,
    line::{LineConvolution, Steps},
};

/// Turns what a text is expected to sound like into what it sounds like.
pub(super) struct Flows {
    /// In the order in which they are undone.
    flows: Vec<Coupling>,
    half: usize,
}

struct Coupling {
    conv_pre: LineConvolution,
    wavenet: WaveNet,
    conv_post: LineConvolution,
}

impl Flows {
    pub(super) async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let (hidden, half) = (config.hidden_size, config.flow_size / 2);
        let mut flows = Vec::new();
        for at in (0..config.prior_encoder_num_flows).rev() {
            let flow = weights.at("flows").at(at);
            let point = async |name, channels| {
                LineConvolution::load(&flow.at(name), channels, Steps::by_one(1)).await
            };
            flows.push(Coupling {
                conv_pre: point("conv_pre", (half, hidden)).await?,
                wavenet: WaveNet::load(&flow.at("wavenet"), config).await?,
                conv_post: point("conv_post", (hidden, half)).await?,
            });
        }
        Ok(Self { flows, half })
    }

    /// `(frames, flow_size)` to the same.
    pub(super) async fn undo(&self, mut xs: Tensor, breath: &Breath) -> Result<Tensor> {
        for flow in &self.flows {
            let turned = flipped(&xs)?;
            let first = turned.narrow(1, 0, self.half)?.contiguous()?;
            let hidden = flow.conv_pre.forward(&first, breath).await?;
            let hidden = flow.wavenet.forward(hidden, breath).await?;
            let mean = flow.conv_post.forward(&hidden, breath).await?;
            let second = (turned.narrow(1, self.half, self.half)? - mean)?;
            xs = Tensor::cat(&[first, second], 1)?;
        }
        Ok(xs)
    }
}

/// The same channels, the last one first.
fn flipped(xs: &Tensor) -> candle_core::Result<Tensor> {
    let channels = xs.dim(1)?;
    let rows = |xs: &[f32]| {
        Ok(xs.chunks_exact(channels).flat_map(|row| row.iter().rev()).copied().collect())
    };
    Tensor::from_vec::<_, f32>(with_floats(xs, rows)?, xs.dims(), &Device::Cpu)
}

/// Convolutions with gates, each of which adds to the answer and to what the next one sees.
struct WaveNet {
    in_layers: Vec<LineConvolution>,
    res_skip_layers: Vec<LineConvolution>,
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
            let wide = (hidden, 2 * hidden);
            let (seen, steps) = (part("in_layers"), Steps { kernel, dilation });
            in_layers.push(LineConvolution::load(&seen, wide, steps).await?);
            let out = if at + 1 < layers { wide } else { (hidden, hidden) };
            let (next, point) = (part("res_skip_layers"), Steps::by_one(1));
            res_skip_layers.push(LineConvolution::load(&next, out, point).await?);
            dilation *= config.wavenet_dilation_rate;
        }
        Ok(Self { in_layers, res_skip_layers, hidden })
    }

    /// `(frames, hidden)` to the same.
    async fn forward(&self, mut xs: Tensor, breath: &Breath) -> Result<Tensor> {
        let mut sum: Option<Tensor> = None;
        for (layer, next) in self.in_layers.iter().zip(&self.res_skip_layers) {
            let seen = layer.forward(&xs, breath).await?;
            let half = |at| seen.narrow(1, at * self.hidden, self.hidden)?.contiguous();
            let gate = half(1)?.apply_op1_no_bwd(&Activation::Sigmoid)?;
            let acts = half(0)?.apply_op2_no_bwd(&gate, &Gated(Activation::Tanh))?;
            let out = next.forward(&acts, breath).await?;
            let skip = match out.dim(1)? > self.hidden {
                true => {
                    xs = (xs + out.narrow(1, 0, self.hidden)?)?;
                    out.narrow(1, self.hidden, self.hidden)?
                }
                false => out,
            };
            sum = Some(match sum {
                Some(sum) => (sum + skip)?,
                None => skip,
            });
        }
        Ok(sum.unwrap_or(xs))
    }
}
