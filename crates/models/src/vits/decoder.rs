use candle_core::Tensor;
use kernels::{Activation, Window};

use super::Config;
use crate::{
    Breath, Result, Weights,
    layers::{Convolution, Upsampler},
};

/// How much of what is below zero the last function leaves: PyTorch's default, whatever the configuration says.
const LAST_SLOPE: f32 = 0.01;

/// HiFi-GAN: frames to samples.
pub(super) struct Decoder {
    conv_pre: Convolution,
    stages: Vec<Stage>,
    conv_post: Convolution,
    slope: f32,
}

/// More samples of fewer channels.
struct Stage {
    upsampler: Upsampler,
    /// Their answers are averaged.
    resblocks: Vec<ResBlock>,
}

struct ResBlock {
    convs1: Vec<Convolution>,
    convs2: Vec<Convolution>,
}

impl Decoder {
    pub(super) async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let first = config.upsample_initial_channel;
        let window = same(7, 1);
        let pre = weights.at("conv_pre");
        let conv_pre =
            Convolution::load_with_bias(&pre, (config.flow_size, first), &[7], window).await?;
        let mut stages = Vec::new();
        let upsampled = config.upsample_rates.iter().zip(&config.upsample_kernel_sizes);
        for (at, (rate, kernel)) in upsampled.enumerate() {
            let (from, to) = (first >> at, first >> (at + 1));
            let part = weights.at("upsampler").at(at);
            let window = Window {
                stride: [1, *rate],
                padding: [0, (kernel - rate) / 2],
                ..Window::line(*kernel)
            };
            let upsampler = Upsampler::load(&part, (from, to), window).await?;
            let mut resblocks = Vec::new();
            let kinds = config.resblock_kernel_sizes.iter().zip(&config.resblock_dilation_sizes);
            for (kind, (kernel, dilations)) in kinds.enumerate() {
                let number = at * config.resblock_kernel_sizes.len() + kind;
                let part = weights.at("resblocks").at(number);
                resblocks.push(ResBlock::load(&part, to, *kernel, dilations).await?);
            }
            stages.push(Stage { upsampler, resblocks });
        }
        let last = first >> stages.len();
        let conv_post = Convolution::load(&weights.at("conv_post"), (last, 1), &[7], window).await?;
        Ok(Self { conv_pre, stages, conv_post, slope: config.leaky_relu_slope })
    }

    /// `(flow_size, 1, frames)` to samples between -1 and 1.
    pub(super) async fn forward(&self, latents: &Tensor, breath: &Breath) -> Result<Vec<f32>> {
        let mut xs = self.conv_pre.along(latents, breath).await?;
        let leaky = Activation::LeakyRelu(self.slope);
        for stage in &self.stages {
            xs = stage.upsampler.forward(&xs.apply_op1_no_bwd(&leaky)?, breath).await?;
            let mut sum: Option<Tensor> = None;
            for block in &stage.resblocks {
                let one = block.forward(&xs, leaky, breath).await?;
                sum = Some(match sum {
                    Some(sum) => (sum + one)?,
                    None => one,
                });
            }
            xs = (sum.unwrap_or(xs) / stage.resblocks.len() as f64)?;
        }
        let xs = xs.apply_op1_no_bwd(&Activation::LeakyRelu(LAST_SLOPE))?;
        let wave = self.conv_post.along(&xs, breath).await?;
        Ok(wave.apply_op1_no_bwd(&Activation::Tanh)?.flatten_all()?.to_vec1()?)
    }
}

impl ResBlock {
    async fn load(
        weights: &Weights,
        channels: usize,
        kernel: usize,
        dilations: &[usize],
    ) -> Result<Self> {
        let (mut convs1, mut convs2) = (Vec::new(), Vec::new());
        for (at, dilation) in dilations.iter().enumerate() {
            for (name, convs, dilation) in [("convs1", &mut convs1, *dilation), ("convs2", &mut convs2, 1)]
            {
                let part = weights.at(name).at(at);
                let window = same(kernel, dilation);
                convs.push(Convolution::load_scaled(&part, (channels, channels), window).await?);
            }
        }
        Ok(Self { convs1, convs2 })
    }

    /// `(channels, 1, samples)` to the same.
    async fn forward(&self, xs: &Tensor, leaky: Activation, breath: &Breath) -> Result<Tensor> {
        let mut xs = xs.clone();
        for (one, two) in self.convs1.iter().zip(&self.convs2) {
            let seen = one.along(&xs.apply_op1_no_bwd(&leaky)?, breath).await?;
            let seen = two.along(&seen.apply_op1_no_bwd(&leaky)?, breath).await?;
            xs = (xs + seen)?;
        }
        Ok(xs)
    }
}

/// A kernel over a line that keeps its length.
fn same(kernel: usize, dilation: usize) -> Window {
    Window {
        padding: [0, (kernel - 1) * dilation / 2],
        dilation: [1, dilation],
        ..Window::line(kernel)
    }
}
