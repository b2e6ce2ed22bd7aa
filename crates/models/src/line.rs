//! Convolutions along a line of positions, each of which is a row of all its channels.

use candle_core::{Device, Tensor};
use kernels::Activation;

use crate::{
    Breath, Result, Weights,
    breath::BREATH_PRODUCTS,
    layers::{Linear, with_floats},
};

/// How a kernel goes along a line; the answer is as long as the line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steps {
    /// Its length, which is odd.
    pub(crate) kernel: usize,
    /// Positions between two of its numbers.
    pub(crate) dilation: usize,
}

impl Steps {
    /// A kernel whose numbers are side by side.
    pub(crate) const fn by_one(kernel: usize) -> Self {
        Self { kernel, dilation: 1 }
    }

    /// How far it reaches to each side.
    fn reach(self) -> usize {
        (self.kernel - 1) * self.dilation / 2
    }
}

/// A convolution over all channels.
pub(crate) struct LineConvolution {
    linear: Linear, // (to, kernel * from)
    from: usize,
    steps: Steps,
}

impl LineConvolution {
    /// Takes `weight (to, from, kernel)`, or what PyTorch's `weight_norm` keeps in its place, and `bias`.
    pub(crate) async fn load(
        weights: &Weights,
        channels: (usize, usize),
        steps: Steps,
    ) -> Result<Self> {
        let bias = weights.vector("bias", channels.1).await?;
        Self::load_with(weights, channels, steps, Some(bias)).await
    }

    /// The same without `bias`.
    pub(crate) async fn load_plain(
        weights: &Weights,
        channels: (usize, usize),
        steps: Steps,
    ) -> Result<Self> {
        Self::load_with(weights, channels, steps, None).await
    }

    async fn load_with(
        weights: &Weights,
        (from, to): (usize, usize),
        steps: Steps,
        bias: Option<Tensor>,
    ) -> Result<Self> {
        // Names of lengths and directions until PyTorch 2.0, and since.
        let kept = [
            ("weight_g", "weight_v"),
            ("parametrizations.weight.original0", "parametrizations.weight.original1"),
        ];
        let kept = kept.into_iter().find(|(_, directions)| weights.has(directions));
        let lengths: Option<Vec<f32>> = match kept {
            Some((lengths, _)) => {
                Some(weights.block(lengths, &[to, 1, 1]).await?.flatten_all()?.to_vec1()?)
            }
            None => None,
        };
        let leaf = kept.map_or("weight", |(_, directions)| directions);
        let (kernel, columns) = (steps.kernel, from * steps.kernel);
        let change = |mut numbers: Vec<f32>| {
            if let Some(lengths) = &lengths {
                for (row, length) in numbers.chunks_exact_mut(columns).zip(lengths) {
                    let scale = length / row.iter().map(|x| x * x).sum::<f32>().sqrt();
                    row.iter_mut().for_each(|x| *x *= scale);
                }
            }
            // Channels side by side, as they are in a line's rows.
            let row = |row: &[f32]| {
                let of_tap = |tap| row.iter().skip(tap).step_by(kernel).copied();
                (0..kernel).flat_map(of_tap).collect::<Vec<f32>>()
            };
            numbers.chunks_exact(columns).flat_map(row).collect()
        };
        let weight = weights.made_kernel(leaf, &[to, from, kernel], [to, columns], change).await?;
        Ok(Self { linear: Linear::of(weight, bias), from, steps })
    }

    /// `(positions, from)` to `(positions, to)`, with breaths in between where it takes long.
    pub(crate) async fn forward(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        self.after(None, xs, breath).await
    }

    /// The same of a function of each number.
    pub(crate) async fn after(
        &self,
        activation: Option<Activation>,
        xs: &Tensor,
        breath: &Breath,
    ) -> Result<Tensor> {
        let xs = match activation {
            Some(activation) => xs.apply_op1_no_bwd(&activation)?,
            None => xs.clone(),
        };
        let positions = xs.dim(0)?;
        let most = (BREATH_PRODUCTS / self.linear.products()).max(1);
        let mut answers = Vec::new();
        for first in (0..positions).step_by(most) {
            let count = most.min(positions - first);
            let answer = match self.steps.kernel {
                1 => self.linear.forward(&xs.narrow(0, first, count)?)?,
                _ => self.linear.forward(&self.seen(&xs, first, count)?)?,
            };
            answers.push(answer);
            breath().await?;
        }
        Ok(Tensor::cat(&answers, 0)?)
    }

    /// What the kernel sees at some positions: `(count, kernel * from)`. Beyond the ends there are zeros.
    fn seen(&self, xs: &Tensor, first: usize, count: usize) -> candle_core::Result<Tensor> {
        let Self { from, steps: Steps { kernel, dilation }, .. } = *self;
        let seen = with_floats(xs, |xs| {
            let mut seen = vec![0f32; count * kernel * from];
            for (at, row) in seen.chunks_exact_mut(kernel * from).enumerate() {
                for (tap, place) in row.chunks_exact_mut(from).enumerate() {
                    let position = (first + at + tap * dilation).checked_sub(self.steps.reach());
                    let there = position.and_then(|at| xs.get(at * from..(at + 1) * from));
                    if let Some(there) = there {
                        place.copy_from_slice(there);
                    }
                }
            }
            Ok(seen)
        })?;
        Tensor::from_vec(seen, (count, kernel * from), &Device::Cpu)
    }
}

/// A convolution of each channel with a kernel of its own.
pub(crate) struct DepthwiseLine {
    weight: Vec<f32>, // (kernel, channels)
    bias: Vec<f32>,
    steps: Steps,
}

impl DepthwiseLine {
    /// Takes `weight (channels, 1, kernel)` and `bias`.
    pub(crate) async fn load(weights: &Weights, channels: usize, steps: Steps) -> Result<Self> {
        let weight = weights.block("weight", &[channels, 1, steps.kernel]).await?;
        let weight = weight.squeeze(1)?.t()?.contiguous()?.flatten_all()?.to_vec1()?;
        Ok(Self { weight, bias: weights.vector("bias", channels).await?.to_vec1()?, steps })
    }

    /// `(positions, channels)` to the same.
    pub(crate) fn forward(&self, xs: &Tensor) -> candle_core::Result<Tensor> {
        let (channels, Steps { dilation, .. }) = (self.bias.len(), self.steps);
        let out = with_floats(xs, |xs| {
            let mut out = self.bias.repeat(xs.len() / channels);
            for (position, out) in out.chunks_exact_mut(channels).enumerate() {
                for (tap, weight) in self.weight.chunks_exact(channels).enumerate() {
                    let at = (position + tap * dilation).checked_sub(self.steps.reach());
                    let seen = at.and_then(|at| xs.get(at * channels..(at + 1) * channels));
                    for ((out, weight), x) in
                        out.iter_mut().zip(weight).zip(seen.unwrap_or_default())
                    {
                        *out += weight * x;
                    }
                }
            }
            Ok(out)
        })?;
        Tensor::from_vec(out, xs.dims(), &Device::Cpu)
    }
}

/// A transposed convolution: each position becomes several, which lie over those of its neighbours.
pub(crate) struct Upsampler {
    linear: Linear, // (kernel * to, from)
    bias: Vec<f32>,
    kernel: usize,
    rate: usize,
}

impl Upsampler {
    /// Takes `weight (from, to, kernel)` and `bias`. `kernel` is `rate` and an even number more.
    pub(crate) async fn load(
        weights: &Weights,
        (from, to): (usize, usize),
        (kernel, rate): (usize, usize),
    ) -> Result<Self> {
        let turned = |numbers: Vec<f32>| {
            let row = |row| row % to * kernel + row / to;
            let column = |row| numbers.iter().skip(row).step_by(to * kernel).copied();
            (0..kernel * to).map(row).flat_map(column).collect()
        };
        let shape = [from, to, kernel];
        let weight = weights.made_kernel("weight", &shape, [kernel * to, from], turned).await?;
        let bias = weights.vector("bias", to).await?.to_vec1()?;
        Ok(Self { linear: Linear::of(weight, None), bias, kernel, rate })
    }

    /// `(positions, from)` to `(rate * positions, to)`, with breaths in between where it takes long.
    pub(crate) async fn forward(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let Self { linear, bias, kernel, rate } = self;
        let (positions, to) = (xs.dim(0)?, bias.len());
        // As many are cut off before the beginning as after the end.
        let cut = (kernel - rate) / 2;
        let mut out = bias.repeat(rate * positions);
        let most = (BREATH_PRODUCTS / linear.products()).max(1);
        for first in (0..positions).step_by(most) {
            let some = xs.narrow(0, first, most.min(positions - first))?;
            with_floats(&linear.forward(&some)?, |spread| {
                for (at, spread) in spread.chunks_exact(kernel * to).enumerate() {
                    for (tap, spread) in spread.chunks_exact(to).enumerate() {
                        let place = (rate * (first + at) + tap).checked_sub(cut);
                        let place = place.and_then(|at| out.get_mut(at * to..(at + 1) * to));
                        for (out, x) in place.unwrap_or_default().iter_mut().zip(spread) {
                            *out += x;
                        }
                    }
                }
                Ok(())
            })?;
            breath().await?;
        }
        Ok(Tensor::from_vec(out, (rate * positions, to), &Device::Cpu)?)
    }
}
