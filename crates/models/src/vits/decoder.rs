use candle_core::Tensor;
use kernels::Activation;

use super::Config;
use crate::{
    Breath, Result, Weights,
    line::{LineConvolution, Steps, Upsampler},
};

/// How much of what is below zero the last function leaves: PyTorch's default, whatever the configuration says.
const LAST_SLOPE: f32 = 0.01;
/// Length of the first and the last kernel.
const ENDS: usize = 7;

/// HiFi-GAN: frames to samples.
pub(super) struct Decoder {
    conv_pre: LineConvolution,
    stages: Vec<Stage>,
    conv_post: LineConvolution,
    slope: f32,
}

/// More samples of fewer channels.
struct Stage {
    upsampler: Upsampler,
    /// Their answers are averaged.
    resblocks: Vec<ResBlock>,
}

struct ResBlock {
    convs1: Vec<LineConvolution>,
    convs2: Vec<LineConvolution>,
}

impl Decoder {
    pub(super) async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let first = config.upsample_initial_channel;
        let ends = Steps::by_one(ENDS);
        let mut stages = Vec::new();
        let upsampled = config.upsample_rates.iter().zip(&config.upsample_kernel_sizes);
        for (at, (rate, kernel)) in upsampled.enumerate() {
            let (from, to) = (first >> at, first >> (at + 1));
            let part = weights.at("upsampler").at(at);
            let upsampler = Upsampler::load(&part, (from, to), (*kernel, *rate)).await?;
            let mut resblocks = Vec::new();
            let kinds = config.resblock_kernel_sizes.iter().zip(&config.resblock_dilation_sizes);
            for (kind, (kernel, dilations)) in kinds.enumerate() {
                let number = at * config.resblock_kernel_sizes.len() + kind;
                let part = weights.at("resblocks").at(number);
                resblocks.push(ResBlock::load(&part, to, *kernel, dilations).await?);
            }
            stages.push(Stage { upsampler, resblocks });
        }
        Ok(Self {
            conv_pre: LineConvolution::load(
                &weights.at("conv_pre"),
                (config.flow_size, first),
                ends,
            )
            .await?,
            conv_post: LineConvolution::load_plain(
                &weights.at("conv_post"),
                (first >> stages.len(), 1),
                ends,
            )
            .await?,
            stages,
            slope: config.leaky_relu_slope,
        })
    }

    /// `(frames, flow_size)` to samples between -1 and 1.
    pub(super) async fn forward(&self, latents: &Tensor, breath: &Breath) -> Result<Vec<f32>> {
        let mut xs = self.conv_pre.forward(latents, breath).await?;
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
        let last = Activation::LeakyRelu(LAST_SLOPE);
        let wave = self.conv_post.after(Some(last), &xs, breath).await?;
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
            for (name, convs, dilation) in
                [("convs1", &mut convs1, *dilation), ("convs2", &mut convs2, 1)]
            {
                let (part, steps) = (weights.at(name).at(at), Steps { kernel, dilation });
                convs.push(LineConvolution::load(&part, (channels, channels), steps).await?);
            }
        }
        Ok(Self { convs1, convs2 })
    }

    /// `(samples, channels)` to the same.
    async fn forward(&self, xs: &Tensor, leaky: Activation, breath: &Breath) -> Result<Tensor> {
        let mut xs = xs.clone();
        for (one, two) in self.convs1.iter().zip(&self.convs2) {
            let seen = one.after(Some(leaky), &xs, breath).await?;
            let seen = two.after(Some(leaky), &seen, breath).await?;
            xs = (xs + seen)?;
        }
        Ok(xs)
    }
}
