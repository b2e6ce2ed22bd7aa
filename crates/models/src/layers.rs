//! What networks are built of, whatever kind their weights are.

use std::ops::Range;

use candle_core::{CpuStorage, Device, Storage, Tensor};
use kernels::{Between, Conv, ConvTranspose, Depthwise, Matrix, Norm, Product, Resample, Window};

use crate::{Breath, Error, Result, Weights, breath::BREATH_PRODUCTS};

/// A linear layer, `(.., from)` to `(.., to)`.
pub struct Linear {
    weight: Matrix, // (to, from)
    bias: Option<Tensor>,
}

impl Linear {
    /// Takes `weight`, and `bias` if there is one.
    pub async fn load(weights: &Weights, from: usize, to: usize) -> Result<Self> {
        let weight = weights.matrix("weight", to, from).await?;
        let bias = if weights.has("bias") { Some(weights.vector("bias", to).await?) } else { None };
        Ok(Self { weight, bias })
    }

    /// Takes `weight` and `bias`, which must be there.
    pub async fn load_with_bias(weights: &Weights, from: usize, to: usize) -> Result<Self> {
        let weight = weights.matrix("weight", to, from).await?;
        Ok(Self { weight, bias: Some(weights.vector("bias", to).await?) })
    }

    /// A layer of a matrix that no checkpoint holds as it is.
    pub(crate) fn of(weight: Matrix, bias: Option<Tensor>) -> Self {
        Self { weight, bias }
    }

    /// A convolution whose kernel is a single number, over positions one after the other: takes
    /// `weight (to, from, 1, 1)`, without a bias.
    pub(crate) async fn pointwise(weights: &Weights, from: usize, to: usize) -> Result<Self> {
        Ok(Self { weight: weights.kernel("weight", &[to, from, 1, 1]).await?, bias: None })
    }

    /// Multiplications for one row of activations.
    pub(crate) fn products(&self) -> usize {
        self.weight.rows() * self.weight.columns()
    }

    /// Whether its weights are stored in fewer bits than floats have.
    pub(crate) fn is_rounded(&self) -> bool {
        self.weight.kind().block_len() > 1
    }

    /// `xs` times the transposed weight, plus bias.
    pub fn forward(&self, xs: &Tensor) -> candle_core::Result<Tensor> {
        let xs = xs.apply_op1_no_bwd(&Product(&self.weight))?;
        match &self.bias {
            Some(bias) => xs.broadcast_add(bias),
            None => Ok(xs),
        }
    }
}

/// A layer's answer, with breaths in between where it takes long.
pub(crate) async fn in_parts(layer: &Linear, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
    let (positions, _) = xs.dims2()?;
    let most = (BREATH_PRODUCTS / layer.products()).max(1);
    let mut answers = Vec::new();
    for first in (0..positions).step_by(most) {
        answers.push(layer.forward(&xs.narrow(0, first, most.min(positions - first))?)?);
        breath().await?;
    }
    match <[Tensor; 1]>::try_from(answers) {
        Ok([all]) => Ok(all),
        Err(answers) => Ok(Tensor::cat(&answers, 0)?),
    }
}

/// A table of one row per token.
pub struct Embedding(Matrix);

impl Embedding {
    /// Takes `weight`.
    pub async fn load(weights: &Weights, tokens: usize, size: usize) -> Result<Self> {
        Ok(Self(weights.matrix("weight", tokens, size).await?))
    }

    /// The rows of `ids`: `(ids, size)`. Only these become floats.
    pub fn look_up(&self, ids: &[u32]) -> candle_core::Result<Tensor> {
        Tensor::from_vec(self.0.look_up(ids)?, (ids.len(), self.0.columns()), &Device::Cpu)
    }

    /// The table used as a head: `(.., size)` to `(.., tokens)`.
    pub fn as_head(&self, xs: &Tensor) -> candle_core::Result<Tensor> {
        xs.apply_op1_no_bwd(&Product(&self.0))
    }
}

/// Norm by mean and variance over the last dimension.
pub struct LayerNorm {
    weight: Tensor,
    bias: Tensor,
    eps: f32,
}

impl LayerNorm {
    /// Takes `weight` and `bias`.
    pub async fn load(weights: &Weights, size: usize, eps: f32) -> Result<Self> {
        let weight = weights.vector("weight", size).await?;
        Ok(Self { weight, bias: weights.vector("bias", size).await?, eps })
    }

    /// `xs` with mean zero and variance one, times the weight, plus bias.
    pub fn forward(&self, xs: &Tensor) -> candle_core::Result<Tensor> {
        let Self { weight, bias, eps } = self;
        xs.apply_op1_no_bwd(&Norm::Layer { weight, bias, eps: *eps })
    }
}

/// Where a convolution is, and the norm of its answer, whose mean and variance are fixed.
#[derive(Clone, Copy)]
pub(crate) struct Normed<'a> {
    /// Name of the convolution.
    pub(crate) path: &'a str,
    /// Name of the norm.
    pub(crate) norm: &'a str,
    /// Added to the variances.
    pub(crate) eps: f32,
}

impl Normed<'_> {
    /// What each of `channels` is multiplied with, and what is then added to it, in place of the norm.
    ///
    /// Takes the norm's four vectors.
    pub(crate) async fn folded(
        self,
        weights: &Weights,
        channels: usize,
    ) -> Result<(Vec<f32>, Vec<f32>)> {
        let Self { path, norm, eps } = self;
        let norm = weights.at(norm);
        let vector =
            async |leaf| -> Result<Vec<f32>> { Ok(norm.vector(leaf, channels).await?.to_vec1()?) };
        let (weight, bias) = (vector("weight").await?, vector("bias").await?);
        let (mean, variance) = (vector("running_mean").await?, vector("running_var").await?);
        norm.skip("num_batches_tracked");
        let scale: Vec<f32> =
            weight.iter().zip(&variance).map(|(w, var)| w / (var + eps).sqrt()).collect();
        if !scale.iter().all(|scale| scale.is_finite()) {
            return Err(Error::Damaged(format!("`{path}`: its norm has a variance below zero")));
        }
        let bias: Vec<f32> =
            bias.iter().zip(mean.iter().zip(&scale)).map(|(b, (mean, s))| b - mean * s).collect();
        Ok((scale, bias))
    }
}

/// A convolution over all channels.
pub struct Convolution {
    weight: Matrix, // (out, from * kernel)
    bias: Option<Vec<f32>>,
    window: Window,
}

impl Convolution {
    /// Takes `weight (to, from, ..kernel)`. `kernel` has one size or two.
    pub async fn load(
        weights: &Weights,
        (from, to): (usize, usize),
        kernel: &[usize],
        window: Window,
    ) -> Result<Self> {
        let shape = [&[to, from], kernel].concat();
        Ok(Self { weight: weights.kernel("weight", &shape).await?, bias: None, window })
    }

    /// The same with `bias`.
    pub async fn load_with_bias(
        weights: &Weights,
        channels: (usize, usize),
        kernel: &[usize],
        window: Window,
    ) -> Result<Self> {
        let plain = Self::load(weights, channels, kernel, window).await?;
        let bias = weights.vector("bias", channels.1).await?.to_vec1()?;
        Ok(Self { bias: Some(bias), ..plain })
    }

    /// A convolution with the norm of its answer multiplied into it.
    ///
    /// Takes `weight` of the convolution, and the norm's four vectors.
    pub(crate) async fn load_normed(
        weights: &Weights,
        normed: Normed<'_>,
        (from, to): (usize, usize),
        window: Window,
    ) -> Result<Self> {
        let (scale, bias) = normed.folded(weights, to).await?;
        let shape = [&[to, from][..], &window.kernel].concat();
        let weight = weights.at(normed.path).scaled_kernel("weight", &shape, &scale).await?;
        Ok(Self { weight, bias: Some(bias), window })
    }

    /// A convolution without bias whose kernels are brought to mean zero and variance one, each by itself.
    pub(crate) async fn load_standard(
        weights: &Weights,
        (from, to): (usize, usize),
        window: Window,
        eps: f32,
    ) -> Result<Self> {
        let shape = [&[to, from][..], &window.kernel].concat();
        let columns = shape[1..].iter().product();
        let change = |mut numbers: Vec<f32>| {
            for row in numbers.chunks_exact_mut(columns) {
                let mean = row.iter().sum::<f32>() / columns as f32;
                row.iter_mut().for_each(|x| *x -= mean);
                let variance = row.iter().map(|x| x * x).sum::<f32>() / columns as f32;
                let scale = 1. / (variance + eps).sqrt();
                row.iter_mut().for_each(|x| *x *= scale);
            }
            numbers
        };
        let weight = weights.made_kernel("weight", &shape, [to, columns], change).await?;
        Ok(Self { weight, bias: None, window })
    }

    /// `(from, rows, columns)` to `(to, rows', columns')`.
    pub fn forward(&self, xs: &Tensor) -> candle_core::Result<Tensor> {
        self.rows(xs, None)
    }

    /// The same, with breaths in between where it takes long.
    pub(crate) async fn in_parts(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let (_, rows, columns) = xs.dims3()?;
        let [rows, columns] = self.window.positions([rows, columns])?;
        let most = BREATH_PRODUCTS / (self.weight.rows() * self.weight.columns() * columns).max(1);
        let mut answers = Vec::new();
        for first in (0..rows).step_by(most.max(1)) {
            answers.push(self.rows(xs, Some(first..rows.min(first + most.max(1))))?);
            breath().await?;
        }
        match <[Tensor; 1]>::try_from(answers) {
            Ok([all]) => Ok(all),
            Err(answers) => Ok(Tensor::cat(&answers, 1)?),
        }
    }

    fn rows(&self, xs: &Tensor, rows: Option<Range<usize>>) -> candle_core::Result<Tensor> {
        let Self { weight, bias, window } = self;
        xs.apply_op1_no_bwd(&Conv { weight, bias: bias.as_deref(), window: *window, rows })
    }
}

/// A convolution of each channel with a kernel of its own.
pub(crate) struct DepthwiseConvolution {
    weight: Vec<f32>, // (channels, kernel)
    bias: Vec<f32>,
    window: Window,
}

impl DepthwiseConvolution {
    /// One with the norm of its answer multiplied into it.
    ///
    /// Takes `weight (channels, 1, ..kernel)` of the convolution, and the norm's four vectors.
    pub(crate) async fn load_normed(
        weights: &Weights,
        normed: Normed<'_>,
        channels: usize,
        window: Window,
    ) -> Result<Self> {
        let (scale, bias) = normed.folded(weights, channels).await?;
        let [rows, columns] = window.kernel;
        let weight = weights.at(normed.path).block("weight", &[channels, 1, rows, columns]).await?;
        let mut weight: Vec<f32> = weight.flatten_all()?.to_vec1()?;
        for (kernel, scale) in weight.chunks_exact_mut(rows * columns).zip(scale) {
            kernel.iter_mut().for_each(|x| *x *= scale);
        }
        Ok(Self { weight, bias, window })
    }

    /// `(channels, rows, columns)` to `(channels, rows', columns')`, with breaths in between where it takes long.
    pub(crate) async fn in_parts(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let Self { weight, bias, window } = self;
        let (channels, rows, columns) = xs.dims3()?;
        let kernel: usize = window.kernel.iter().product();
        let positions: usize = window.positions([rows, columns])?.iter().product();
        let most = (BREATH_PRODUCTS / (kernel * positions).max(1)).max(1);
        let mut answers = Vec::new();
        for first in (0..channels).step_by(most) {
            let count = most.min(channels - first);
            let weight = &weight[first * kernel..][..count * kernel];
            let op = Depthwise { weight, bias: Some(&bias[first..][..count]), window: *window };
            answers.push(xs.narrow(0, first, count)?.apply_op1_no_bwd(&op)?);
            breath().await?;
        }
        match <[Tensor; 1]>::try_from(answers) {
            Ok([all]) => Ok(all),
            Err(answers) => Ok(Tensor::cat(&answers, 0)?),
        }
    }
}

/// Each number becomes a square of `side` by `side`, of all channels.
pub(crate) struct Enlarge {
    weight: Matrix, // (to * side * side, from)
    bias: Vec<f32>,
    side: usize,
}

impl Enlarge {
    /// Takes `weight (from, to, side, side)` and `bias` of a transposed convolution whose stride is its
    /// kernel's side.
    pub(crate) async fn load(
        weights: &Weights,
        (from, to): (usize, usize),
        side: usize,
    ) -> Result<Self> {
        let rows = to * side * side;
        let turned = |numbers: Vec<f32>| {
            (0..rows).flat_map(|row| numbers.iter().skip(row).step_by(rows).copied()).collect()
        };
        let shape = [from, to, side, side];
        Ok(Self {
            weight: weights.made_kernel("weight", &shape, [rows, from], turned).await?,
            bias: weights.vector("bias", to).await?.to_vec1()?,
            side,
        })
    }

    /// `(from, rows, columns)` to `(to, rows * side, columns * side)`.
    pub(crate) async fn forward(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let (_, rows, columns) = xs.dims3()?;
        let Self { weight, bias, side } = self;
        let window = Window { stride: [*side; 2], ..Window::square(*side) };
        let op = ConvTranspose { weight, bias: Some(bias), window, output_padding: [0; 2] };
        let most = (BREATH_PRODUCTS / (weight.rows() * weight.columns() * columns)).max(1);
        let mut answers = Vec::new();
        for first in (0..rows).step_by(most) {
            let some = xs.narrow(1, first, most.min(rows - first))?.contiguous()?;
            answers.push(some.apply_op1_no_bwd(&op)?);
            breath().await?;
        }
        Ok(Tensor::cat(&answers, 1)?)
    }
}

/// The same over positions one after the other, each a row of all its channels.
pub(crate) struct Spread {
    linear: Linear, // (side * side * to, from)
    side: usize,
}

impl Spread {
    /// Takes `weight (from, to, side, side)` and `bias`.
    pub(crate) async fn load(
        weights: &Weights,
        (from, to): (usize, usize),
        side: usize,
    ) -> Result<Self> {
        let (area, shape) = (side * side, [from, to, side, side]);
        let turned = |numbers: Vec<f32>| {
            let rows = (0..area * to).map(|row| row % to * area + row / to);
            rows.flat_map(|row| numbers.iter().skip(row).step_by(to * area).copied()).collect()
        };
        let weight = weights.made_kernel("weight", &shape, [area * to, from], turned).await?;
        let bias = weights.vector("bias", to).await?;
        let bias = Some(Tensor::cat(&vec![bias; area], 0)?);
        Ok(Self { linear: Linear { weight, bias }, side })
    }

    /// `(positions, from)` to `(positions * side * side, to)`: what becomes of a position stays together, row by row.
    pub(crate) async fn forward(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let spread = in_parts(&self.linear, xs, breath).await?;
        let area = self.side * self.side;
        Ok(spread.reshape((spread.dim(0)? * area, spread.dim(1)? / area))?)
    }
}

/// `xs (channels, rows, columns)` in another size, with breaths in between where it takes long.
pub(crate) async fn resampled(
    xs: &Tensor,
    to: [usize; 2],
    filter: Between,
    breath: &Breath,
) -> Result<Tensor> {
    /// Numbers between two breaths: some ten milliseconds' worth.
    const MOST: usize = 1 << 20;
    let most = (MOST / (xs.dim(0)? * to[1]).max(1)).max(1);
    let mut parts = Vec::new();
    for first in (0..to[0]).step_by(most) {
        let rows = Some(first..to[0].min(first + most));
        parts.push(xs.apply_op1_no_bwd(&Resample { to, filter, rows })?);
        breath().await?;
    }
    match <[Tensor; 1]>::try_from(parts) {
        Ok([all]) => Ok(all),
        Err(parts) => Ok(Tensor::cat(&parts, 1)?),
    }
}

/// Root mean square norm over the last dimension.
pub struct RmsNorm {
    weight: Tensor,
    eps: f32,
}

impl RmsNorm {
    /// Takes `weight`.
    pub async fn load(weights: &Weights, size: usize, eps: f32) -> Result<Self> {
        Ok(Self { weight: weights.vector("weight", size).await?, eps })
    }

    /// For checkpoints whose weights are what is to be added to one.
    pub fn plus_one(self) -> Result<Self> {
        Ok(Self { weight: (self.weight + 1.)?, ..self })
    }

    /// `xs` with a mean square of one, times the weight.
    pub fn forward(&self, xs: &Tensor) -> candle_core::Result<Tensor> {
        xs.apply_op1_no_bwd(&Norm::Rms { weight: &self.weight, eps: self.eps })
    }
}

/// Calls `look` with the numbers of a contiguous tensor.
pub(crate) fn with_floats<T>(
    xs: &Tensor,
    look: impl FnOnce(&[f32]) -> candle_core::Result<T>,
) -> candle_core::Result<T> {
    let (storage, layout) = xs.storage_and_layout();
    match (&*storage, layout.contiguous_offsets()) {
        (Storage::Cpu(CpuStorage::F32(xs)), Some((from, end))) => look(&xs[from..end]),
        _ => candle_core::bail!("only contiguous floats can be looked at"),
    }
}
