use candle_core::{Device, Tensor};
use kernels::Activation;

use super::Config;
use crate::{
    Breath, Error, Result, Weights,
    layers::LayerNorm,
    line::{DepthwiseLine, LineConvolution, Steps},
};

/// Of the norms here; `transformers` leaves it at PyTorch's default.
const EPS: f32 = 1e-5;
/// No part of a curve is narrower, lower or flatter.
const LEAST: f32 = 1e-3;

/// Draws how long each token is said.
pub(super) struct Predictor {
    conv_pre: LineConvolution,
    conv_dds: Dilated,
    conv_proj: LineConvolution,
    /// `translate` and `log_scale` of both channels.
    affine: [[f32; 2]; 2],
    /// In the order in which they are undone.
    flows: Vec<Flow>,
}

impl Predictor {
    /// The halves that only training needs are not taken.
    pub(super) async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let hidden = config.hidden_size;
        let point = async |name| {
            LineConvolution::load(&weights.at(name), (hidden, hidden), Steps::by_one(1)).await
        };
        ["post_conv_pre", "post_conv_proj", "post_conv_dds", "post_flows"]
            .iter()
            .for_each(|name| weights.at(name).skip_all());
        let pair = async |leaf| -> Result<[f32; 2]> {
            let both: Vec<f32> =
                weights.at("flows.0").block(leaf, &[2, 1]).await?.flatten_all()?.to_vec1()?;
            let of = |at| both.get(at).copied().unwrap_or_default();
            Ok([of(0), of(1)])
        };
        let affine = [pair("translate").await?, pair("log_scale").await?];
        // The reference leaves out the first of the curves when it undoes them.
        weights.at("flows.1").skip_all();
        let mut flows = Vec::new();
        for at in (2..=config.duration_predictor_num_flows).rev() {
            flows.push(Flow::load(&weights.at("flows").at(at), config).await?);
        }
        Ok(Self {
            conv_pre: point("conv_pre").await?,
            conv_dds: Dilated::load(&weights.at("conv_dds"), config).await?,
            conv_proj: point("conv_proj").await?,
            affine,
            flows,
        })
    }

    /// Logarithms of how many frames each token of `hidden (tokens, hidden_size)` takes, for a noise
    /// `(2, tokens)`.
    pub(super) async fn forward(
        &self,
        hidden: &Tensor,
        [mut first, mut second]: [Vec<f32>; 2],
        breath: &Breath,
    ) -> Result<Vec<f32>> {
        let xs = self.conv_pre.forward(hidden, breath).await?;
        let xs = self.conv_dds.forward(&xs, breath).await?;
        let told = self.conv_proj.forward(&xs, breath).await?;
        for flow in &self.flows {
            std::mem::swap(&mut first, &mut second);
            flow.undo(&first, &mut second, &told, breath).await?;
        }
        std::mem::swap(&mut first, &mut second);
        let [translate, log_scale] = self.affine;
        first.iter_mut().for_each(|x| *x = (*x - translate[0]) * (-log_scale[0]).exp());
        Ok(first)
    }
}

/// Convolutions of each channel by itself, ever wider, each with a layer over all channels.
struct Dilated(Vec<DilatedLayer>);

struct DilatedLayer {
    dilated: DepthwiseLine,
    norm_1: LayerNorm,
    pointwise: LineConvolution,
    norm_2: LayerNorm,
}

impl Dilated {
    async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let (channels, kernel) = (config.hidden_size, config.duration_predictor_kernel_size);
        let mut layers = Vec::new();
        let mut dilation = 1;
        for at in 0..config.depth_separable_num_layers {
            let part = |name: &str| weights.at(name).at(at);
            let steps = Steps { kernel, dilation };
            let (pointwise, square) = (part("convs_pointwise"), (channels, channels));
            layers.push(DilatedLayer {
                dilated: DepthwiseLine::load(&part("convs_dilated"), channels, steps).await?,
                norm_1: LayerNorm::load(&part("norms_1"), channels, EPS).await?,
                pointwise: LineConvolution::load(&pointwise, square, Steps::by_one(1)).await?,
                norm_2: LayerNorm::load(&part("norms_2"), channels, EPS).await?,
            });
            dilation *= kernel;
        }
        Ok(Self(layers))
    }

    /// `(positions, channels)` to the same.
    async fn forward(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let mut xs = xs.clone();
        for layer in &self.0 {
            let seen = layer.norm_1.forward(&layer.dilated.forward(&xs)?)?;
            let seen = layer.pointwise.after(Some(Activation::Gelu), &seen, breath).await?;
            let seen = layer.norm_2.forward(&seen)?.apply_op1_no_bwd(&Activation::Gelu)?;
            xs = (xs + seen)?;
        }
        Ok(xs)
    }
}

/// A curve for each number of one channel, told by the other channel and by the text.
struct Flow {
    conv_pre: LineConvolution,
    conv_dds: Dilated,
    conv_proj: LineConvolution,
    bins: usize,
    bound: f32,
    /// What widths and heights are divided by.
    scale: f32,
}

impl Flow {
    async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let (hidden, bins) = (config.hidden_size, config.duration_predictor_flow_bins);
        let point = async |name, channels| {
            LineConvolution::load(&weights.at(name), channels, Steps::by_one(1)).await
        };
        Ok(Self {
            conv_pre: point("conv_pre", (1, hidden)).await?,
            conv_dds: Dilated::load(&weights.at("conv_dds"), config).await?,
            conv_proj: point("conv_proj", (hidden, 3 * bins - 1)).await?,
            bins,
            bound: config.duration_predictor_tail_bound,
            scale: (hidden as f32).sqrt(),
        })
    }

    /// Goes back along the curves from `ys (tokens)`, which `first (tokens)` and `told (tokens, hidden)` tell.
    async fn undo(
        &self,
        first: &[f32],
        ys: &mut [f32],
        told: &Tensor,
        breath: &Breath,
    ) -> Result<()> {
        let first = Tensor::from_slice(first, (first.len(), 1), &Device::Cpu)?;
        let hidden = self.conv_pre.forward(&first, breath).await?;
        let hidden = self.conv_dds.forward(&(hidden + told)?, breath).await?;
        // (tokens, 3 bins - 1)
        let shapes: Vec<Vec<f32>> = self.conv_proj.forward(&hidden, breath).await?.to_vec2()?;
        for (y, shape) in ys.iter_mut().zip(&shapes) {
            let (widths, rest) = shape.split_at(self.bins);
            let (heights, slopes) = rest.split_at(self.bins);
            let scaled = |xs: &[f32]| xs.iter().map(|x| x / self.scale).collect::<Vec<f32>>();
            let curve = Curve::new([&scaled(widths), &scaled(heights), slopes], self.bound);
            *y = curve.back(*y)?;
        }
        Ok(())
    }
}

/// A curve that rises from one corner of a square to the other, in pieces that are quotients of two squares;
/// outside of it, what is put in comes out.
// Durkan et al. 2019, "Neural Spline Flows".
struct Curve {
    /// Where pieces begin and end, in both directions.
    xs: Vec<f32>,
    ys: Vec<f32>,
    /// How steep it is there.
    slopes: Vec<f32>,
    bound: f32,
}

impl Curve {
    /// From the numbers that a network gives: one for each width and each height, and one for each slope between two.
    fn new([widths, heights, slopes]: [&[f32]; 3], bound: f32) -> Self {
        let inner = slopes.iter().map(|x| LEAST + softplus(*x));
        let slopes = [1.].into_iter().chain(inner).chain([1.]).collect();
        Self { xs: knots(widths, bound), ys: knots(heights, bound), slopes, bound }
    }

    /// Where the curve comes to `y`.
    fn back(&self, y: f32) -> Result<f32> {
        if y.is_nan() {
            return Err(Error::Damaged("a duration is not a number".into()));
        }
        if !(-self.bound..=self.bound).contains(&y) {
            return Ok(y);
        }
        let pieces = self.xs.len() - 1;
        let at = self.ys[1..pieces].iter().take_while(|begin| y >= **begin).count();
        let (width, height) = (self.xs[at + 1] - self.xs[at], self.ys[at + 1] - self.ys[at]);
        let (slope, before, after) = (height / width, self.slopes[at], self.slopes[at + 1]);
        let above = y - self.ys[at];
        let bend = above * (before + after - 2. * slope);
        let (a, b, c) = (height * (slope - before) + bend, height * before - bend, -slope * above);
        let root = (b * b - 4. * a * c).sqrt();
        match root.is_nan() {
            true => Err(Error::Damaged("a duration lies on no curve".into())),
            false => Ok(2. * c / (-b - root) * width + self.xs[at]),
        }
    }
}

/// Beginnings and ends of pieces between `-bound` and `bound`.
fn knots(numbers: &[f32], bound: f32) -> Vec<f32> {
    let most = numbers.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = numbers.iter().map(|x| (x - most).exp()).collect();
    let sum: f32 = powers.iter().sum();
    let free = 1. - LEAST * numbers.len() as f32;
    let mut so_far = 0.;
    let mut knots = vec![-bound];
    for power in powers {
        so_far += LEAST + free * power / sum;
        knots.push(2. * bound * so_far - bound);
    }
    if let Some(last) = knots.last_mut() {
        *last = bound;
    }
    knots
}

/// The logarithm of `1 + e^x`.
fn softplus(x: f32) -> f32 {
    x.max(0.) + (-x.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_curve_rises_from_corner_to_corner_and_goes_on_straight() {
        let curve = Curve::new([&[0.3, -1., 2.], &[1., 0.5, -0.5], &[0.2, -3.]], 5.);
        let back = |y| curve.back(y).unwrap();
        assert_eq!((back(7.), back(-5.5)), (7., -5.5));
        assert!((back(-5.) + 5.).abs() < 1e-5 && (back(5.) - 5.).abs() < 1e-4);
        let along: Vec<f32> = (-50..=50).map(|at| back(at as f32 / 10.)).collect();
        assert!(along.windows(2).all(|pair| pair[0] < pair[1]), "{along:?}");
        assert!(curve.back(f32::NAN).is_err());
    }

    #[test]
    fn a_curve_of_equal_pieces_and_slopes_of_one_is_straight() {
        // ln(e^(1 - LEAST) - 1)
        let one = ((1. - LEAST).exp() - 1.).ln();
        let curve = Curve::new([&[0.; 4], &[0.; 4], &[one; 3]], 2.);
        for at in -20..=20 {
            let y = at as f32 / 10.;
            assert!((curve.back(y).unwrap() - y).abs() < 1e-5, "{y}");
        }
    }
}
