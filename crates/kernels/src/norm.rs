use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};

use crate::{
    exp::{each_octet, exp},
    machine::{Machine, On, Work, run},
    slices::{floats, floats_of},
    threads::each_row,
};

/// Sums that run side by side.
const LANES: usize = 16;

/// Rows brought to a common scale, each by itself.
pub enum Norm<'a> {
    /// By the root mean square of the last dimension, times `weight`.
    Rms {
        /// `(size)`.
        weight: &'a Tensor,
        /// Added to the mean square.
        eps: f32,
    },
    /// By mean and variance of the last dimension, times `weight`, plus `bias`.
    Layer {
        /// `(size)`.
        weight: &'a Tensor,
        /// `(size)`.
        bias: &'a Tensor,
        /// Added to the variance.
        eps: f32,
    },
    /// `(channels, ..)` by mean and variance of each of `groups` of channels, times `weight` and plus
    /// `bias` of the channel.
    Group {
        /// Divides the channels.
        groups: usize,
        /// `(channels)`.
        weight: &'a Tensor,
        /// `(channels)`.
        bias: &'a Tensor,
        /// Added to the variance.
        eps: f32,
    },
    /// Positive numbers whose sum over the last dimension is one.
    Softmax,
}

impl CustomOp1 for Norm<'_> {
    fn name(&self) -> &'static str {
        "norm"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut xs = floats(storage, layout)?.to_vec();
        let last = layout.dims().last().copied().unwrap_or(1);
        match self {
            Self::Rms { weight, eps } => {
                let weight = sized(weight, last)?;
                each_row(&mut xs, last, |_, row| {
                    run(On::Best, Rms { row, weight: &weight, eps: *eps })
                });
            }
            Self::Layer { weight, bias, eps } => {
                let (weight, bias) = (sized(weight, last)?, sized(bias, last)?);
                each_row(&mut xs, last, |_, row| {
                    run(On::Best, Standard { row, eps: *eps });
                    for ((x, weight), bias) in row.iter_mut().zip(&weight).zip(&bias) {
                        *x = *x * weight + bias;
                    }
                });
            }
            Self::Group { groups, weight, bias, eps } => {
                let channels = layout.dims().first().copied().unwrap_or(0);
                if *groups == 0 || !channels.is_multiple_of(*groups) || channels == 0 {
                    bail!("norm: {channels} channels are no {groups} groups")
                }
                let (weight, bias) = (sized(weight, channels)?, sized(bias, channels)?);
                let (per_channel, per_group) = (xs.len() / channels, channels / groups);
                each_row(&mut xs, per_channel * per_group, |group, row| {
                    run(On::Best, Standard { row, eps: *eps });
                    let channels = group * per_group..;
                    for (channel, row) in channels.zip(row.chunks_exact_mut(per_channel)) {
                        let (weight, bias) = (weight[channel], bias[channel]);
                        row.iter_mut().for_each(|x| *x = *x * weight + bias);
                    }
                });
            }
            Self::Softmax => each_row(&mut xs, last, |_, row| run(On::Best, Softmax { row })),
        }
        Ok((CpuStorage::F32(xs), layout.shape().clone()))
    }
}

fn sized(tensor: &Tensor, size: usize) -> Result<Vec<f32>> {
    if tensor.dims() != [size] {
        bail!("norm: a weight of {:?} for {size} numbers", tensor.dims())
    }
    floats_of(tensor)
}

/// The sum of `of` over a row, in an order that vector instructions can keep.
#[inline(always)]
fn sum(row: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let (chunks, rest) = row.as_chunks::<LANES>();
    let mut sums = [0f32; LANES];
    for chunk in chunks {
        for (sum, x) in sums.iter_mut().zip(chunk) {
            *sum += of(*x);
        }
    }
    sums.iter().sum::<f32>() + rest.iter().map(|x| of(*x)).sum::<f32>()
}

struct Rms<'a> {
    row: &'a mut [f32],
    weight: &'a [f32],
    eps: f32,
}

impl Work for Rms<'_> {
    type Output = ();

    #[inline(always)]
    fn run<M: Machine>(self) {
        let mean_square = sum(self.row, |x| x * x) / self.row.len() as f32;
        let scale = 1. / (mean_square + self.eps).sqrt();
        for (x, weight) in self.row.iter_mut().zip(self.weight) {
            *x *= scale * weight;
        }
    }
}

/// A row with mean zero and variance one.
struct Standard<'a> {
    row: &'a mut [f32],
    eps: f32,
}

impl Work for Standard<'_> {
    type Output = ();

    #[inline(always)]
    fn run<M: Machine>(self) {
        let count = self.row.len() as f32;
        let mean = sum(self.row, |x| x) / count;
        // In two passes: the difference of two large sums would lose the small one.
        let variance = sum(self.row, |x| (x - mean) * (x - mean)) / count;
        let scale = 1. / (variance + self.eps).sqrt();
        for x in self.row {
            *x = (*x - mean) * scale;
        }
    }
}

struct Softmax<'a> {
    row: &'a mut [f32],
}

impl Work for Softmax<'_> {
    type Output = ();

    #[inline(always)]
    fn run<M: Machine>(self) {
        let most = self.row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let (one, less) = (M::octet_splat(1.), M::octet_splat(-most));
        each_octet::<M>(self.row, |x| exp::<M>(M::octet_mul_add(x, one, less)));
        let scale = 1. / sum(self.row, |x| x);
        for x in self.row {
            *x *= scale;
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    fn tensor(shape: &[usize], turn: f32) -> Tensor {
        let count: usize = shape.iter().product();
        let xs: Vec<f32> = (0..count).map(|i| (i as f32 * turn).sin() * 2. + 0.3).collect();
        Tensor::from_vec(xs, shape, &Device::Cpu).unwrap()
    }

    #[track_caller]
    fn near(got: &Tensor, want: &Tensor) {
        let off =
            (got - want).unwrap().abs().unwrap().max_all().unwrap().to_scalar::<f32>().unwrap();
        assert!(off < 1e-5, "off by {off}");
    }

    /// By the definitions, with candle's plain operations.
    fn standard(xs: &Tensor, eps: f64) -> Tensor {
        let mean = xs.mean_keepdim(1).unwrap();
        let xs = xs.broadcast_sub(&mean).unwrap();
        let variance = xs.sqr().unwrap().mean_keepdim(1).unwrap();
        xs.broadcast_div(&(variance + eps).unwrap().sqrt().unwrap()).unwrap()
    }

    #[test]
    fn rows_are_brought_to_scale_by_definition() {
        for (count, size) in [(1, 1), (3, 7), (5, 64), (300, 333)] {
            let (xs, eps) = (tensor(&[count, size], 0.7), 1e-3);
            let (weight, bias) = (tensor(&[size], 1.3), tensor(&[size], 0.4));
            let got = xs.apply_op1_no_bwd(&Norm::Layer { weight: &weight, bias: &bias, eps: 1e-3 });
            let want = standard(&xs, eps).broadcast_mul(&weight).unwrap().broadcast_add(&bias);
            near(&got.unwrap(), &want.unwrap());

            let got = xs.apply_op1_no_bwd(&Norm::Rms { weight: &weight, eps: 1e-3 }).unwrap();
            let square = xs.sqr().unwrap().mean_keepdim(1).unwrap();
            let want = xs.broadcast_div(&(square + eps).unwrap().sqrt().unwrap()).unwrap();
            near(&got, &want.broadcast_mul(&weight).unwrap());

            let got = xs.apply_op1_no_bwd(&Norm::Softmax).unwrap();
            let powers = xs.exp().unwrap();
            near(&got, &powers.broadcast_div(&powers.sum_keepdim(1).unwrap()).unwrap());
        }
    }

    #[test]
    fn groups_of_channels_share_their_scale() {
        let (xs, weight, bias) = (tensor(&[6, 5, 4], 0.9), tensor(&[6], 1.), tensor(&[6], 2.));
        let norm = Norm::Group { groups: 2, weight: &weight, bias: &bias, eps: 1e-3 };
        let got = xs.apply_op1_no_bwd(&norm).unwrap();
        let want = standard(&xs.reshape((2, 60)).unwrap(), 1e-3).reshape((6, 20)).unwrap();
        let column = |xs: &Tensor| xs.reshape((6, 1)).unwrap();
        let want = want.broadcast_mul(&column(&weight)).unwrap();
        near(&got, &want.broadcast_add(&column(&bias)).unwrap().reshape((6, 5, 4)).unwrap());
        let norm = Norm::Group { groups: 4, weight: &weight, bias: &bias, eps: 1e-3 };
        assert!(xs.apply_op1_no_bwd(&norm).is_err());
    }

    #[test]
    fn a_softmax_far_from_zero_is_still_one() {
        let xs =
            Tensor::new(&[[1e4f32, 1e4 + 1.], [-1e4, f32::NEG_INFINITY]], &Device::Cpu).unwrap();
        let got: Vec<Vec<f32>> = xs.apply_op1_no_bwd(&Norm::Softmax).unwrap().to_vec2().unwrap();
        assert!((got[0][1] - 0.731_058_6).abs() < 1e-6, "{got:?}");
        assert_eq!(got[1], [1., 0.]);
    }
}
