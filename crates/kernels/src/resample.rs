use std::ops::Range;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, bail};

use crate::{conv::dims, slices::floats, threads::each_row};

/// Each channel in another size: `(channels, rows, columns)` to `(channels, wanted rows, to columns)`, as
/// PyTorch's `interpolate` without `antialias` does it.
pub struct Resample {
    /// Rows and columns of the whole answer.
    pub to: [usize; 2],
    /// What a number is made of.
    pub filter: Between,
    /// Rows of the answer that are wanted; `None` is all.
    pub rows: Option<Range<usize>>,
}

/// How a number between others is made of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// Of two; numbers are the middles of equal parts.
    Bilinear,
    /// Of two; the first and the last number stay where they are (`align_corners`).
    BilinearAligned,
    /// Of four, by the cubic with a = -0.75; numbers are the middles of equal parts.
    Bicubic,
}

/// What a number is made of: places and weights.
type Tap = ([usize; 4], [f32; 4]);

impl Between {
    /// For each of `to` numbers in a line, what it is made of among `from`.
    fn taps(self, from: usize, to: usize) -> Vec<Tap> {
        let last = from.saturating_sub(1);
        let scale = match self {
            Self::BilinearAligned if to > 1 => last as f32 / (to - 1) as f32,
            Self::BilinearAligned => 0.,
            Self::Bilinear | Self::Bicubic => from as f32 / to as f32,
        };
        let tap = |i: usize| {
            let middle = scale * (i as f32 + 0.5) - 0.5;
            match self {
                Self::Bicubic => {
                    let floor = middle.floor();
                    let at = |k: isize| (floor as isize + k).clamp(0, last as isize) as usize;
                    ([at(-1), at(0), at(1), at(2)], cubic(middle - floor))
                }
                Self::Bilinear | Self::BilinearAligned => {
                    let at = if self == Self::Bilinear { middle.max(0.) } else { scale * i as f32 };
                    let first = (at as usize).min(last);
                    let part = at - first as f32;
                    ([first, (first + 1).min(last), first, first], [1. - part, part, 0., 0.])
                }
            }
        };
        (0..to).map(tap).collect()
    }
}

/// Weights of the four numbers around a place that lies `part` behind the second.
fn cubic(part: f32) -> [f32; 4] {
    const A: f32 = -0.75;
    let near = |x: f32| ((A + 2.) * x - (A + 3.)) * x * x + 1.;
    let far = |x: f32| ((A * x - 5. * A) * x + 8. * A) * x - 4. * A;
    [far(part + 1.), near(part), near(1. - part), far(2. - part)]
}

impl CustomOp1 for Resample {
    fn name(&self) -> &'static str {
        "resample"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (channels, [rows, columns]) = dims(layout)?;
        let wanted = self.rows.clone().unwrap_or(0..self.to[0]);
        if rows * columns == 0 || self.to[1] == 0 || wanted.is_empty() || wanted.end > self.to[0] {
            bail!("resample: rows {wanted:?} of {:?} from {rows} × {columns}", self.to)
        }
        let xs = floats(storage, layout)?;
        let down = &self.filter.taps(rows, self.to[0])[wanted.clone()];
        let across = self.filter.taps(columns, self.to[1]);
        let places = || down.iter().flat_map(|(at, _)| *at);
        let first = places().min().unwrap_or(0);
        let seen = places().max().unwrap_or(0) + 1 - first;
        let mut narrow = vec![0f32; channels * seen * self.to[1]]; // (channels, seen, to)
        each_row(&mut narrow, self.to[1], |i, out| {
            let row = i / seen * rows + first + i % seen;
            let xs = &xs[row * columns..][..columns];
            for (out, (at, weights)) in out.iter_mut().zip(&across) {
                *out = at.iter().zip(weights).map(|(at, weight)| xs[*at] * weight).sum();
            }
        });
        let mut out = vec![0f32; channels * wanted.len() * self.to[1]];
        each_row(&mut out, self.to[1], |i, out| {
            let (at, weights) = down[i % wanted.len()];
            let channel = &narrow[i / wanted.len() * seen * self.to[1]..][..seen * self.to[1]];
            for (at, weight) in at.iter().zip(weights).filter(|(_, weight)| *weight != 0.) {
                let xs = &channel[(at - first) * self.to[1]..][..self.to[1]];
                out.iter_mut().zip(xs).for_each(|(out, x)| *out += x * weight);
            }
        });
        Ok((CpuStorage::F32(out), (channels, wanted.len(), self.to[1]).into()))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::*;

    #[track_caller]
    fn check(filter: Between, xs: &[f32], to: usize, want: &[f32]) {
        // A line along each axis.
        for (from, to) in [((1, 1, xs.len()), [1, to]), ((1, xs.len(), 1), [to, 1])] {
            let xs = Tensor::from_slice(xs, from, &Device::Cpu).unwrap();
            let got = xs.apply_op1_no_bwd(&Resample { to, filter, rows: None }).unwrap();
            let got: Vec<f32> = got.flatten_all().unwrap().to_vec1().unwrap();
            let off = got.iter().zip(want).map(|(a, b)| (a - b).abs()).fold(0., f32::max);
            assert!(got.len() == want.len() && off < 1e-5, "{filter:?}: {got:?} for {want:?}");
        }
    }

    /// `torch.nn.functional.interpolate` of torch 2.15 on the same numbers.
    #[test]
    fn lines_become_what_the_reference_makes_of_them() {
        let xs = [1., 4., 2.];
        check(Between::Bilinear, &xs, 6, &[1., 1.75, 3.25, 3.5, 2.5, 2.]);
        check(Between::BilinearAligned, &xs, 5, &[1., 2.5, 4., 3., 2.]);
        check(Between::Bilinear, &xs, 2, &[1.75, 2.5]);
        check(Between::BilinearAligned, &xs, 1, &[1.]);
        check(Between::Bicubic, &xs, 5, BICUBIC);
        check(Between::Bicubic, &xs, 3, &xs);
        for filter in [Between::Bilinear, Between::BilinearAligned, Between::Bicubic] {
            check(filter, &[7.], 3, &[7.; 3]);
        }
    }

    const BICUBIC: &[f32] = &[0.712, 2.308, 4., 2.992, 1.808];

    #[test]
    fn parts_are_parts_of_the_whole() {
        let xs: Vec<f32> = (0..60).map(|i| (i as f32 * 0.7).sin()).collect();
        let xs = Tensor::from_vec(xs, (3, 5, 4), &Device::Cpu).unwrap();
        for filter in [Between::Bilinear, Between::BilinearAligned, Between::Bicubic] {
            let of = |rows| xs.apply_op1_no_bwd(&Resample { to: [11, 9], filter, rows }).unwrap();
            let parts = [of(Some(0..1)), of(Some(1..8)), of(Some(8..11))];
            let (parts, whole) = (Tensor::cat(&parts, 1).unwrap(), of(None));
            let flat = |xs: &Tensor| xs.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            assert_eq!(flat(&parts), flat(&whole), "{filter:?}");
        }
        let none = Resample { to: [11, 9], filter: Between::Bicubic, rows: Some(3..12) };
        assert!(xs.apply_op1_no_bwd(&none).is_err());
    }
}
