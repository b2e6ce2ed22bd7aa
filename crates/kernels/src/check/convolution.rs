use candle_core::{Device, Result, Tensor, bail};

use super::{Random, near};
use crate::{Conv, ConvTranspose, Depthwise, Kind, Matrix, MaxPool, Window};

/// Sums of some hundred products of numbers below one.
const ERROR: f64 = 1e-4;

/// Convolutions of all three sorts and the largest of windows, each number by its definition.
pub(super) fn check(random: &mut Random) -> Result<()> {
    let mut two = |from: usize, below: usize| [0; 2].map(|_| from + random.below(below));
    let window =
        Window { kernel: two(1, 4), stride: two(1, 3), padding: two(0, 3), dilation: two(1, 2) };
    let size = two(8, 20);
    let case = Case { window, size, channels: 1 + random.below(4), out: 1 + random.below(12) };
    let Case { channels, out, .. } = case;
    let taps: usize = window.kernel.iter().product();
    let mut some = |count: usize| (0..count).map(|_| random.float()).collect::<Vec<_>>();
    let xs = some(channels * size[0] * size[1]);
    let x = Tensor::from_slice(&xs, (channels, size[0], size[1]), &Device::Cpu)?;
    let (weights, own, bias) = (some(out * channels * taps), some(channels * taps), some(out));

    let weight = matrix(out, channels * taps, &weights)?;
    let conv = Conv { weight: &weight, bias: Some(&bias), window, rows: None };
    let seen = |o: usize, at: [usize; 2]| {
        let kernel = &weights[o * channels * taps..][..channels * taps];
        let channels = 0..channels;
        let sum: f64 = channels.map(|c| case.seen(&xs, &kernel[c * taps..], c, at)).sum();
        sum + f64::from(bias[o])
    };
    compare("a convolution", &case, &x.apply_op1_no_bwd(&conv)?, seen)?;

    let depthwise = Depthwise { weight: &own, bias: None, window };
    let seen = |c: usize, at: [usize; 2]| case.seen(&xs, &own[c * taps..], c, at);
    compare("a depthwise convolution", &case, &x.apply_op1_no_bwd(&depthwise)?, seen)?;

    // `weights` again, as `(in, out, taps)`; rows of the kernel's matrix are `(out, taps)`.
    let turned: Vec<f32> = (0..out * taps)
        .flat_map(|row| weights.iter().skip(row).step_by(out * taps).copied())
        .collect();
    let weight = matrix(out * taps, channels, &turned)?;
    let conv = ConvTranspose { weight: &weight, bias: Some(&bias), window, output_padding: [0; 2] };
    let spread = |o: usize, at: [usize; 2]| {
        let of = |c: usize| case.spread(&xs, &weights[(c * out + o) * taps..], c, at);
        (0..channels).map(of).sum::<f64>() + f64::from(bias[o])
    };
    compare("a transposed convolution", &case, &x.apply_op1_no_bwd(&conv)?, spread)?;

    let padding = [0, 1].map(|axis| window.padding[axis].min(window.kernel[axis] / 2));
    let case = Case { window: Window { padding, ..window }, ..case };
    let largest = |c: usize, at: [usize; 2]| {
        let from = |tap: [usize; 2]| [0, 1].map(|axis| case.from(axis, at[axis], tap[axis]));
        let seen = case.taps(&own).map(|(tap, _)| from(tap)).filter(|at| case.holds(*at));
        seen.map(|at| case.number(&xs, c, at)).fold(f64::NEG_INFINITY, f64::max)
    };
    compare("the largest of windows", &case, &x.apply_op1_no_bwd(&MaxPool(case.window))?, largest)
}

fn matrix(rows: usize, columns: usize, numbers: &[f32]) -> Result<Matrix> {
    let mut matrix = Matrix::zeros(Kind::F32, rows, columns)?;
    matrix.pack(0, numbers)?;
    Ok(matrix)
}

#[derive(Debug)]
struct Case {
    window: Window,
    size: [usize; 2],
    channels: usize,
    out: usize,
}

impl Case {
    /// What a kernel sees of a channel from a position of the output.
    fn seen(&self, xs: &[f32], kernel: &[f32], channel: usize, at: [usize; 2]) -> f64 {
        self.taps(kernel)
            .map(|(tap, weight)| {
                let from = |axis: usize| self.from(axis, at[axis], tap[axis]);
                f64::from(weight) * self.number(xs, channel, [from(0), from(1)])
            })
            .sum()
    }

    /// What the numbers of a channel spread to a position of the output.
    fn spread(&self, xs: &[f32], kernel: &[f32], channel: usize, at: [usize; 2]) -> f64 {
        let Window { stride, padding, dilation, .. } = self.window;
        self.taps(kernel)
            .map(|(tap, weight)| {
                let from = [0, 1].map(|axis| {
                    let steps =
                        (at[axis] + padding[axis]) as i64 - (tap[axis] * dilation[axis]) as i64;
                    let stride = stride[axis] as i64;
                    if steps % stride == 0 { steps / stride } else { -1 }
                });
                f64::from(weight) * self.number(xs, channel, from)
            })
            .sum()
    }

    fn taps<'a>(&self, kernel: &'a [f32]) -> impl Iterator<Item = ([usize; 2], f32)> + use<'a> {
        let [rows, columns] = self.window.kernel;
        let taps = kernel[..rows * columns].iter().copied().enumerate();
        taps.map(move |(i, weight)| ([i / columns, i % columns], weight))
    }

    fn from(&self, axis: usize, at: usize, tap: usize) -> i64 {
        let Window { stride, padding, dilation, .. } = self.window;
        (at * stride[axis] + tap * dilation[axis]) as i64 - padding[axis] as i64
    }

    fn holds(&self, at: [i64; 2]) -> bool {
        at.iter().zip(self.size).all(|(at, size)| (0..size as i64).contains(at))
    }

    /// Zero outside.
    fn number(&self, xs: &[f32], channel: usize, [row, column]: [i64; 2]) -> f64 {
        let [rows, columns] = self.size.map(|size| size as i64);
        match self.holds([row, column]) {
            true => xs[((channel as i64 * rows + row) * columns + column) as usize].into(),
            false => 0.,
        }
    }
}

fn compare(
    what: &str,
    case: &Case,
    got: &Tensor,
    exact: impl Fn(usize, [usize; 2]) -> f64,
) -> Result<()> {
    let (_, rows, columns) = got.dims3()?;
    let got: Vec<f32> = got.flatten_all()?.to_vec1()?;
    for (i, got) in got.into_iter().enumerate() {
        let (channel, at) = (i / (rows * columns), i % (rows * columns));
        let want = exact(channel, [at / columns, at % columns]);
        if !near(got.into(), want, ERROR) {
            bail!("{what}, {case:?}: {got} where it should be {want}")
        }
    }
    Ok(())
}
